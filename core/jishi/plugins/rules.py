"""What the merchant decided about asking his plugins."""

from collections.abc import Mapping

import msgspec


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the merchant decided about asking.

    Attributes:
        choose: For an exclusive hook, the plugin that answers it.
        on_failure: ``open`` lets an order pass when this plugin's review fails.
        budgets: Seconds that one plugin may take, by mode, where they differ from the usual.
    """

    choose: Mapping[str, str] = {}
    on_failure: Mapping[str, str] = {}
    budgets: Mapping[str, float] = {}
