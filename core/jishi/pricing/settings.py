"""The merchant's say about prices: the table ``[pricing]`` of the configuration."""

from typing import Literal

import msgspec

from jishi.pricing.structs import Lane


class PricingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How offers of one lane live together.

    Attributes:
        lanes: ``best`` (the default): offers on the same lines compete and the best combination
            for the customer wins; ``stack``: all of them apply, the highest priority first.
    """

    lanes: dict[Lane, Literal["best", "stack"]] = {}
