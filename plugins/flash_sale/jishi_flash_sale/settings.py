"""The table ``[plugins.flash_sale]`` of a build."""

from typing import Annotated

import msgspec

from jishi.config import setting


class FlashSaleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What sales begin with, where nothing else is written down for them."""

    per_second: Annotated[
        int,
        setting(
            help="Shoppers of a sale with a queue who are let in each second.",
            unit="shoppers",
            ge=1,
            le=100_000,
        ),
    ] = 200
    at_once: Annotated[
        int,
        setting(
            help="Shoppers of a sale with a queue who are let in when it begins.",
            unit="shoppers",
            ge=1,
            le=1_000_000,
        ),
    ] = 500
    turn_seconds: Annotated[
        int,
        setting(
            help="How long a shopper who is let in may order.", unit="seconds", ge=10, le=86_400
        ),
    ] = 300
