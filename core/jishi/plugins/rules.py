"""What the merchant decided about asking his plugins."""

from collections.abc import Collection, Mapping

import msgspec

from jishi.config import Config
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


def rules_of(config: Config, left_out: Collection[str] = ()) -> Rules:
    """What a build's ``[plugins]`` says about asking.

    Args:
        config: The build.
        left_out: Plugins that do not take part this time, so that they cannot be chosen.
    """
    table = config.plugins
    return Rules(
        choose={hook: name for hook, name in table.choose.items() if name not in left_out},
        on_failure=table.on_failure,
        own_budgets={
            name: {way: milliseconds / 1000 for way, milliseconds in ways.items()}
            for name, ways in table.budgets.items()
        },
    )
