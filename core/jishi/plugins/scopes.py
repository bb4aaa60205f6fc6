"""Which plugin is on where, and with which settings: shop, then channel, then store."""

from collections.abc import Iterator

import msgspec

from jishi.config import Config, ConfigProblem, ScopedPlugins, describe, did_you_mean
from jishi.plugins.declaration import Declaration
from jishi.plugins.problems import PluginProblem
from jishi.plugins.structs import SHOP, Where


class Scopes:
    """The places of a build and what each says about plugins.

    Args:
        config: The build; without it there is only the shop.
    """

    def __init__(self, config: Config | None = None) -> None:
        self._config = config
        self._channels = {} if config is None else config.channels
        self._stores = {} if config is None else config.stores

    def places(self) -> Iterator[Where]:
        """Every place there is: the shop, each channel, each store alone and in each channel."""
        for channel in (None, *self._channels):
            for store in (None, *self._stores):
                yield Where(channel=channel, store=store)

    def known(self, where: Where) -> Where:
        """The nearest place that exists: an unknown channel or store counts as none."""
        return Where(
            channel=where.channel if where.channel in self._channels else None,
            store=where.store if where.store in self._stores else None,
        )

    def says(self, where: Where) -> Iterator[tuple[str, ScopedPlugins]]:
        """The tables that apply to a place, the most special last, with their dotted paths."""
        if where.channel in self._channels:
            channel = self._channels[where.channel]
            yield f"channels.{where.channel}.plugins", channel.plugins
        if where.store in self._stores:
            yield f"stores.{where.store}.plugins", self._stores[where.store].plugins

    def is_on(self, name: str, where: Where) -> bool:
        """Whether a switched-on plugin is on in this place."""
        on = True
        for _, table in self.says(where):
            on = name not in table.off and (on or name in table.on)
        return on

    def is_special(self, name: str, where: Where) -> bool:
        """Whether the place says anything about the plugin."""
        return any(
            name in table.on or name in table.off or name in table.settings
            for _, table in self.says(where)
        )

    def settings(self, declaration: Declaration, where: Where = SHOP) -> msgspec.Struct | None:
        """A plugin's settings in a place.

        Raises:
            PluginProblem: They cannot be used; the sentence lists everything that is wrong.
        """
        table, origins = self._merged(declaration, where)
        if declaration.settings is None:
            if table:
                raise PluginProblem(
                    f"The plugin {declaration.name!r} has no settings, "
                    f"but [plugins.{declaration.name}] sets {', '.join(table)}.",
                    next_step="Remove them.",
                )
            return None
        if self._config is None:
            return declaration.settings()
        source = self._config.source
        try:
            return source.read(table, declaration.settings, f"plugins.{declaration.name}", origins)
        except ConfigProblem as problem:
            raise PluginProblem(
                f"The settings of the plugin {declaration.name!r} cannot be used:\n{problem}"
            ) from None

    def check_names(self, reachable: list[str]) -> None:
        """Refuse what is said about plugins that nobody could mean.

        Args:
            reachable: The plugins that could: enabled, installed or built in.

        Raises:
            PluginProblem: A table or list names another one.
        """
        if self._config is None:
            return
        for name in self._config.plugins.settings:
            _must_be_known(name, reachable, f"[plugins.{name}]")
        for word in ("on_failure", "budgets", "approved"):
            for name in getattr(self._config.plugins, word):
                _must_be_known(name, reachable, f"[plugins.{word}]")
        for where in self.places():
            for path, table in self.says(where):
                for name in (*table.on, *table.off):
                    _must_be_known(name, reachable, f"[{path}]")
                for name in table.settings:
                    _must_be_known(name, reachable, f"[{path}.{name}]")

    def _merged(
        self, declaration: Declaration, where: Where
    ) -> tuple[dict[str, object], dict[str, str]]:
        name = declaration.name
        config = self._config
        table = dict(config.plugins.settings.get(name, {})) if config is not None else {}
        origins: dict[str, str] = {}
        for path, said in self.says(where):
            for key, value in said.settings.get(name, {}).items():
                _must_be_allowed(declaration, key, path)
                table[key] = value
                origins[key] = f"{path}.{name}"
        return table, origins


def _must_be_known(name: str, known: list[str], place: str) -> None:
    if name not in known:
        meant = did_you_mean(name, known, ".")
        raise PluginProblem(
            f"{place} speaks of the plugin {name!r}, which is not there{meant}",
            next_step="Correct the name, or install the plugin and add it to [plugins] enabled.",
        )


def _must_be_allowed(declaration: Declaration, key: str, path: str) -> None:
    """Refuse an override deeper than the setting's own scope."""
    if declaration.settings is None:
        return
    widths = {"shop": ("channels.", "stores."), "channel": ("stores.",), "store": ()}
    for described in describe(declaration.settings):
        if described.name == key and path.startswith(widths[described.scope] or ("\0",)):
            raise PluginProblem(
                f"{path}.{declaration.name}.{key}: this setting holds for the whole "
                f"{described.scope}.",
                next_step=f"Set it in [plugins.{declaration.name}]"
                + (" or in a channel." if described.scope == "channel" else "."),
            )
