"""What a plugin says about itself, in one place, and what makes a class a plugin."""

from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec
import pluggy

from jishi.plugins.problems import PluginProblem

if TYPE_CHECKING:
    from jishi.plugins.desk import Desk

hookimpl = pluggy.HookimplMarker("jishi")
"""Marks a plugin's method as the answer to the hook of the same name."""


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a plugin declares.

    Attributes:
        name: One word in eight places: entry point, settings table, table prefix, folder …
        version: The plugin's own version.
        requires: The versions of the core it works with.
        needs: Other plugins it stands on: ``loyalty`` or ``loyalty>=0.2``.
        settings: The struct that ``[plugins.<name>]`` is read into; None when it has none.
        scopes: What it may read or do: ``orders:read``, ``payments:provider`` (`permits`).
        hosts: The network hosts it may call.
        tables: The Piccolo tables it owns.
        migrations: The package with its migrations, for instance ``jishi_loyalty.migrations``.
        required: ``yes`` when the shop must not start without it (payments).
        live_settings: ``yes`` when changed settings count at once: the plugin is made anew, so
            nothing it keeps in itself and nothing that ``register_`` hooks gave may hang on them.
    """

    name: str
    version: str
    requires: str = ">=0.1,<0.2"
    needs: tuple[str, ...] = ()
    settings: type[msgspec.Struct] | None = None
    scopes: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    tables: tuple[type, ...] = ()
    migrations: str | None = None
    required: Literal["yes", "no"] = "no"
    live_settings: Literal["yes", "no"] = "no"

    @property
    def label(self) -> str:
        """Name and version, as answers are signed: ``loyalty@0.1.0``."""
        return f"{self.name}@{self.version}"


class Plugin:
    """A feature that a merchant can switch on.

    A subclass declares itself in `declaration`, takes its settings in ``__init__`` (no network,
    no database there) and answers hooks with methods marked `hookimpl`. It is made once for each
    distinct settings: a channel or store that overrides some has its own instance.

    Args:
        settings: The frozen struct that the declaration names; None when it names none.
    """

    declaration: ClassVar[Declaration]
    origin: ClassVar[str] = ""
    """Where it runs, when that is not this process."""
    _desk: "Desk | None" = None

    @property
    def desk(self) -> "Desk":
        """What it works with once the shop is made: its tables, its hosts, its log.

        Raises:
            PluginProblem: It is too early: there is no shop in ``__init__``.
        """
        if self._desk is None:
            raise PluginProblem(
                f"The plugin {self.declaration.label} goes to its desk before there is a shop.",
                next_step="Use self.desk in hooks, routes and jobs, not in __init__.",
            )
        return self._desk

    def __init__(self, settings: object = None) -> None:
        """Keep nothing; a plugin with settings keeps its own."""

    async def close(self) -> None:
        """Let go of what it holds, such as connections: once, when the shop ends."""
