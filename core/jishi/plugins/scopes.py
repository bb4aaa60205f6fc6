"""Which plugin is on where, and with which settings: shop, then channel, then store."""

from collections.abc import Iterator

import msgspec
import structlog

from jishi.config import (
    Config,
    ConfigProblem,
    ScopedPlugins,
    Source,
    describe,
    did_you_mean,
    variable_of,
)
from jishi.plugins.declaration import Declaration
from jishi.plugins.problems import PluginProblem
from jishi.plugins.structs import SHOP, Where

log = structlog.get_logger("jishi.plugins")


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
                f"The settings of the plugin {declaration.name!r} cannot be used:\n{problem}",
                next_step=self._way_out(declaration.name),
            ) from None

    def written(self, name: str) -> dict[str, object]:
        """A plugin's table in the file, for the whole shop."""
        return {} if self._config is None else self._config.plugins.settings.get(name, {})

    def saved(self, name: str) -> dict[str, object]:
        """What staff saved of a plugin's settings."""
        return {} if self._config is None else self._config.plugins.console.get(name, {})

    def told_elsewhere(self, name: str) -> Iterator[tuple[str, dict[str, object]]]:
        """What channels and stores say of a plugin's settings, with the tables' paths."""
        for kind, places in (("channels", self._channels), ("stores", self._stores)):
            for code, place in places.items():
                if said := place.plugins.settings.get(name):
                    yield f"{kind}.{code}.plugins.{name}", said

    def saving(self, name: str, values: dict[str, object]) -> "Scopes":
        """The same places, with other values saved for a plugin."""
        if self._config is None:
            return self
        plugins = self._config.plugins
        told = msgspec.structs.replace(plugins, console={**plugins.console, name: values})
        return Scopes(msgspec.structs.replace(self._config, plugins=told))

    @property
    def source(self) -> Source:
        """Where the build was read from."""
        return Source() if self._config is None else self._config.source

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

    def _way_out(self, name: str) -> str | None:
        if not self.saved(name):
            return None
        return (
            f"Some of it was saved in the console ({', '.join(sorted(self.saved(name)))}): say it "
            f"in the environment, which goes first ({variable_of(f'plugins.{name}', 'KEY')}=…), "
            "and mend it there."
        )

    def _usable(self, declaration: Declaration) -> dict[str, object]:
        """What staff saved and may save; an update of the plugin can have changed both."""
        if declaration.settings is None:
            return {}
        theirs = {each.name for each in describe(declaration.settings) if each.console == "yes"}
        saved = self.saved(declaration.name)
        if left := sorted(set(saved) - theirs):
            log.warning("saved_settings_unused", plugin=declaration.label, keys=left)
        return {key: value for key, value in saved.items() if key in theirs}

    def _merged(
        self, declaration: Declaration, where: Where
    ) -> tuple[dict[str, object], dict[str, str]]:
        name = declaration.name
        table = {**self.written(name), **self._usable(declaration)}
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
