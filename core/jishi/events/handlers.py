"""Who listens to what and who does which job; filled once at the start."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec

from jishi.events.structs import Happened
from jishi.plugins import SHOP, Where, on_occasion
from jishi.shop import Shop

Listen = Callable[[Shop, Happened], Awaitable[None]]
Work = Callable[[Shop, dict[str, Any]], Awaitable[None]]
Round = Callable[[Shop], Awaitable[None]]
Load = Callable[[Shop, Happened], Awaitable[dict[str, Any]]]
"""Fetches what a past-tense hook is told, by the names of its arguments."""

Spec = Callable[..., None]
"""A past-tense hook."""


class NoHandler(LookupError):
    """Nobody here does this kind of job; a plugin may have been removed."""


class Telling(msgspec.Struct, frozen=True):
    """How plugins hear of an event."""

    spec: Spec
    load: Load


class Handlers:
    """The register. Names are given once; a second time is an error at the start."""

    def __init__(self) -> None:
        self.schedules: dict[str, tuple[timedelta, Round]] = {}
        self._listeners: dict[str, dict[str, Listen]] = {}
        self._jobs: dict[str, Work] = {}
        self._tellings: dict[str, Telling] = {}

    def on(self, event: str, listener: str, call: Listen) -> None:
        """Have an event heard, each time in a job of the listener's own.

        Args:
            event: The event's name; ``*`` for every event.
            listener: Who hears it, for instance the room; unique for this event.
            call: Awaited with the shop and the fact, at least once.
        """
        _once(self._listeners.setdefault(event, {}), listener, call)

    def job(self, kind: str, call: Work) -> None:
        """Have a kind of job done; the call gets the shop and the payload, at least once."""
        if ":" in kind:
            raise ValueError(f"{kind!r}: a colon is for the listeners' jobs; use room.verb")
        _once(self._jobs, kind, call)

    def every(self, name: str, interval: timedelta, call: Round) -> None:
        """Have something done again and again, by one runner of all at a time.

        After an error it is tried again within a minute; it is never dead.
        """
        _once(self.schedules, name, (interval, call))

    def tells(self, event: str, spec: Spec, load: Load) -> None:
        """Tell plugins of an event through a past-tense hook, each in a job of its own."""
        _once(self._tellings, event, Telling(spec, load))

    def jobs_for(self, shop: Shop, event: Happened) -> list[tuple[str, str]]:
        """Kind and key of a job for everybody who wants to hear of an event."""
        named = [
            (f"on:{heard}:{listener}", f"{event.id}:on:{listener}")
            for heard in (event.name, "*")
            for listener in self._listeners.get(heard, ())
        ]
        telling = self._tellings.get(event.name)
        if telling is None:
            return named
        heard = shop.hooks.listeners(telling.spec, _place(event))
        return named + [
            (f"tell:{event.name}:{one.plugin}", f"{event.id}:{one.plugin}") for one in heard
        ]

    def kinds(self, shop: Shop) -> list[str]:
        """The kinds of jobs that are done here; plugins of one channel or store alone left out."""
        heard = [
            f"on:{event}:{listener}"
            for event, listeners in self._listeners.items()
            for listener in listeners
        ]
        told = [
            f"tell:{event}:{one.plugin}"
            for event, telling in self._tellings.items()
            for one in shop.hooks.listeners(telling.spec, SHOP)
        ]
        return sorted({*self._jobs, *heard, *told})

    async def do(self, shop: Shop, kind: str, payload: dict[str, Any]) -> None:
        """Do one job.

        Raises:
            NoHandler: Nobody here can.
        """
        how, _, rest = kind.partition(":")
        event, _, who = rest.rpartition(":")
        if how == "on" and (listen := self._listeners.get(event, {}).get(who)):
            await listen(shop, msgspec.convert(payload, Happened))
        elif how == "tell" and (telling := self._tellings.get(event)):
            await _tell(shop, telling, who, msgspec.convert(payload, Happened))
        elif work := self._jobs.get(kind):
            await work(shop, payload)
        else:
            raise NoHandler(f"nobody here does {kind}; was a plugin removed?")


async def _tell(shop: Shop, telling: Telling, plugin: str, event: Happened) -> None:
    for one in shop.hooks.listeners(telling.spec, _place(event)):
        if one.plugin == plugin:
            told = await telling.load(shop, event)
            with on_occasion(event.id):
                await one.call(**told)
            return
    raise NoHandler(f"the plugin {plugin} does not listen to {event.name} any more")


def _place(event: Happened) -> Where:
    channel, store = event.data.get("channel"), event.data.get("store")
    return Where(
        channel=channel if isinstance(channel, str) else None,
        store=store if isinstance(store, str) else None,
    )


def _once(register: dict[str, Any], name: str, value: object) -> None:
    if name in register:
        raise ValueError(f"{name!r} is taken already")
    register[name] = value
