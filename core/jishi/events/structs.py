"""What flows through events: what happened, what is to be done, what could not be done."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from jishi.shop import Shop


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """A fact, told after the commit to everybody who listens.

    Attributes:
        name: ``<room>.<past tense>``: ``order.paid``, ``loyalty.points_earned``.
        subject: The id of what it happened to.
        data: Plain JSON: text, integers, true, false, null, lists, objects. ``channel`` and
            ``store``, where given, choose the plugins that hear of it.
        key: Told once per key, as long as told facts are kept (a week).
        id: Given by the outbox.
        at: When, UTC; given by the outbox.
    """

    name: str
    subject: str
    data: dict[str, object]
    key: str
    id: str = ""
    at: datetime | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done at least once, after the commit.

    Attributes:
        kind: Who does it: ``payments.query``.
        payload: Plain JSON.
        key: Enqueued once per key, as long as finished jobs are kept (a week).
        run_at: Not before, UTC; None: at once.
    """

    kind: str
    payload: dict[str, object]
    key: str
    run_at: datetime | None = None


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin does again and again, by one process of all at a time.

    Attributes:
        name: Unique within the plugin.
        every: How long after the last time; after an error it is tried again within a minute.
        do: A method of the plugin's; awaited with the shop.
    """

    name: str
    every: timedelta
    do: Callable[["Shop"], Awaitable[None]]


class JobKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of job that a plugin does; its desk's ``enqueue`` makes them.

    Attributes:
        name: Unique within the plugin.
        do: A method of the plugin's; awaited with the shop and the payload, at least once.
    """

    name: str
    do: Callable[["Shop", dict[str, Any]], Awaitable[None]]


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """An ear of a plugin's for an event of the core or of another plugin.

    Attributes:
        event: The event's name; ``*`` for every event.
        do: A method of the plugin's; awaited with the shop and the fact, at least once.
        name: Tells two ears of a plugin for one event apart.
    """

    event: str
    do: Callable[["Shop", Happened], Awaitable[None]]
    name: str = "hear"


class DeadJob(msgspec.Struct, frozen=True):
    """A job that was given up.

    Attributes:
        id: Names it for `replay`.
        kind: Whose.
        key: Its own.
        payload: JSON text.
        tries: How often it was tried.
        error: What went wrong the last time.
        died_at: UTC.
    """

    id: str
    kind: str
    key: str
    payload: str
    tries: int
    error: str
    died_at: datetime


class Backlog(msgspec.Struct, frozen=True):
    """How far behind the runners are.

    Attributes:
        events: Facts that are not yet handed to their listeners.
        jobs: Jobs that wait or run.
        due: Those of them whose time has come.
        dead: Jobs that were given up.
    """

    events: int
    jobs: int
    due: int
    dead: int


def plain(value: object) -> bool:
    """Whether a value is JSON as it stands, with nothing that a reader would have to guess."""
    if value is None or isinstance(value, str | bool | int):
        return True
    if isinstance(value, list | tuple):
        return all(plain(one) for one in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and plain(one) for key, one in value.items())
    return False


def encoded(members: dict[str, object], what: str) -> str:
    """JSON text of plain members.

    Raises:
        TypeError: Something in them is not plain.
    """
    if not plain(members):
        raise TypeError(
            f"{what} carries something else than text, integers, true, false, null, lists and "
            "objects; encode it first"
        )
    return msgspec.json.encode(members).decode()
