"""What flows through events: what happened, what is to be done, what could not be done."""

from datetime import datetime

import msgspec


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
