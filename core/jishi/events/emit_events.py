"""Write down, in the caller's transaction, what happened and what is to be done."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Transaction, Value
from jishi.events.line_up import line_up
from jishi.events.structs import Happened, Job, encoded
from jishi.events.tables import Inbox, Outbox, StoredJob
from jishi.identifiers import new_id
from jishi.shop import Shop


async def emit(tx: Transaction, shop: Shop, events: Sequence[Happened]) -> None:
    """Tell what happened, once per key; nobody hears of it before the commit, or without one."""
    now = shop.clock.now()
    rows: list[list[Value]] = [
        [new_id(), one.name, one.subject, encoded(one.data, one.name), one.key, "new", now]
        for one in events
    ]
    columns = ("id", "name", "subject", "data", "key", "state", "happened_at")
    if await tx.insert(Outbox, columns, rows, on_conflict="ignore"):
        tx.after_commit(shop.work_waiting.set)


async def enqueue(tx: Transaction, shop: Shop, jobs: Sequence[Job]) -> None:
    """Have something done after the commit, at least once; a known key changes nothing."""
    now = shop.clock.now()
    rows = [
        job_row(one.kind, one.key, encoded(one.payload, one.kind), now, one.run_at) for one in jobs
    ]
    await put_jobs(tx, shop, rows)


async def put_jobs(tx: Transaction, shop: Shop, rows: Sequence[Sequence[Value]]) -> None:
    """Write jobs down, each as `job_row` makes it, and hand them to whoever gives them out."""
    if await tx.insert(StoredJob, JOB_COLUMNS, rows, on_conflict="ignore"):
        await line_up(tx, shop, [str(row[0]) for row in rows])
        tx.after_commit(shop.work_waiting.set)


async def first_time(tx: Transaction, source: str, message: str, now: datetime) -> bool:
    """Whether a message from elsewhere is new; from this transaction on it is not.

    Args:
        tx: The transaction that also writes the message's effect.
        source: Who sent it: ``wechat_pay``, ``till:7``.
        message: Its id, given by the source.
        now: The shop's time.
    """
    columns = ("source", "id", "received_at")
    return await tx.insert(Inbox, columns, [[source, message, now]], on_conflict="ignore") == 1


async def first_times(tx: Transaction, messages: Sequence[tuple[str, str]], now: datetime) -> None:
    """Note that messages came: source and id of each; see `first_time`."""
    rows: list[Sequence[Value]] = [[source, message, now] for source, message in messages]
    await tx.insert(Inbox, ("source", "id", "received_at"), rows, on_conflict="ignore")


JOB_COLUMNS = (
    "id", "kind", "key", "payload", "state", "tries", "attempt", "due_at",
    "worker", "error", "created_at",
)  # fmt: skip


def job_row(
    kind: str, key: str, payload: str, now: datetime, run_at: datetime | None = None
) -> list[Value]:
    """A waiting job's values for ``JOB_COLUMNS``."""
    return [new_id(), kind, key, payload, "waiting", 0, 0, run_at or now, "", "", now]
