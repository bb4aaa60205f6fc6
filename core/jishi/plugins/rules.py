"""What the merchant decided about asking his plugins."""

from collections.abc import Mapping

import msgspec

from jishi.plugins.modes import BUDGETS, Mode


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the merchant decided about asking.

    Attributes:
        choose: For an exclusive hook, the plugin that answers it.
        on_failure: ``open`` lets an order pass when this plugin's review fails.
        budgets: Seconds that one plugin may take, by mode, where they differ from the usual.
        own_budgets: The same for single plugins, by name.
    """

    choose: Mapping[str, str] = {}
    on_failure: Mapping[str, str] = {}
    budgets: Mapping[str, float] = {}
    own_budgets: Mapping[str, Mapping[str, float]] = {}

    def budget(self, plugin: str, mode: Mode) -> float:
        """Seconds that a plugin may take for one call."""
        own = self.own_budgets.get(plugin, {})
        return own.get(mode, self.budgets.get(mode, BUDGETS[mode]))
