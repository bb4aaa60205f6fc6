"""A plugin's seat at the table: its instances, one for each distinct settings."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import msgspec

from jishi.plugins.declaration import Declaration, Plugin
from jishi.plugins.scopes import Scopes
from jishi.plugins.structs import SHOP, Where

Home = Literal["installed", "builtin", "given"]
"""Whether the merchant chose the plugin, the core brought it, or a test or tool made it.

Only what the merchant chose is held to its declared scopes.
"""


class Seat:
    """One plugin in all the places of a build.

    Args:
        plugin: The instance with the shop's settings.
        home: Who brought it.
        elsewhere: Places that differ: another instance, or None where it is off.
    """

    def __init__(
        self,
        plugin: Plugin,
        home: Home = "installed",
        elsewhere: Mapping[Where, Plugin | None] | None = None,
    ) -> None:
        self.plugin = plugin
        self.home = home
        self._elsewhere = dict(elsewhere or {})

    @property
    def declaration(self) -> Declaration:
        """What the plugin says about itself."""
        return self.plugin.declaration

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.plugin.declaration.name

    @property
    def origin(self) -> str:
        """Where a plugin runs that no distribution brought."""
        return self.plugin.origin or "jishi"

    def instances(self) -> Iterator[Plugin]:
        """Every instance: the shop's, then those of places that differ."""
        yield self.plugin
        yield from (plugin for plugin in self._elsewhere.values() if plugin is not None)

    def at(self, where: Where) -> Plugin | None:
        """The instance of a place; None where the plugin is off."""
        return self._elsewhere.get(where, self.plugin)


def take_seat(plugin: type[Plugin], home: Home, scopes: Scopes) -> Seat:
    """Make a plugin's instances, one for each distinct settings.

    Raises:
        PluginProblem: Its settings cannot be used.
        Exception: Whatever the plugin's own ``__init__`` raises.
    """
    declaration = plugin.declaration
    made: list[tuple[msgspec.Struct | None, Plugin]] = []
    shop = _made(plugin, scopes.settings(declaration), made)
    elsewhere: dict[Where, Plugin | None] = {}
    for where in scopes.places():
        if where == SHOP or not scopes.is_special(declaration.name, where):
            continue
        if scopes.is_on(declaration.name, where):
            elsewhere[where] = _made(plugin, scopes.settings(declaration, where), made)
        else:
            elsewhere[where] = None
    return Seat(shop, home, elsewhere)


def _made(
    plugin: Callable[[msgspec.Struct | None], Plugin],
    settings: msgspec.Struct | None,
    made: list[tuple[msgspec.Struct | None, Plugin]],
) -> Plugin:
    for known, instance in made:
        if known == settings:
            return instance
    made.append((settings, plugin(settings)))
    return made[-1][1]
