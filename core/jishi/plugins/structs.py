"""What flows between the core and its plugins: where a question is asked, who answered what."""

from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, ParamSpec, TypeVar

import msgspec

P = ParamSpec("P")
R = TypeVar("R")


class Where(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """The scope of a question: the shop, one of its channels, one store in it.

    Attributes:
        channel: The channel's code; None for the whole shop.
        store: The store's code; None for the whole channel.
    """

    channel: str | None = None
    store: str | None = None

    def __str__(self) -> str:
        parts = (f"channel {self.channel}" if self.channel else "", self.store or "")
        store = f"store {parts[1]}" if parts[1] else ""
        return ", ".join(part for part in (parts[0], store) if part) or "the whole shop"


SHOP = Where()
"""The whole shop."""


class Answer(msgspec.Struct, Generic[R], frozen=True):
    """What one plugin answered.

    Attributes:
        plugin: Who answered, with its version: ``loyalty@0.1.0``.
        value: The answer; never None.
    """

    plugin: str
    value: R


class Listener(NamedTuple, Generic[P]):
    """A plugin that wants to hear of an event.

    Attributes:
        plugin: The plugin's name, without its version, so that a job outlives an upgrade.
        call: Await it with the event's arguments.
    """

    plugin: str
    call: Callable[P, Awaitable[None]]


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """One plugin as ``jishi plugins list`` shows it.

    Attributes:
        name: The plugin's name.
        version: The version of its distribution, or of the core for built-in ones.
        distribution: What pip calls it: ``jishi-loyalty``.
        state: ``on``, ``off`` (installed only), ``disabled`` because it failed at the start, or
            ``quarantined`` because it kept blocking the event loop.
        hooks: The hooks it answers; known only for plugins that are on.
        wants: The scopes and hosts it wants; known only for plugins that are on.
        reason: Why it is disabled or quarantined; empty otherwise.
    """

    name: str
    version: str
    distribution: str
    state: str
    hooks: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    reason: str = ""
