"""The order's diary."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Transaction
from jishi.identifiers import new_id
from jishi.orders.tables import TimelineTable

_COLUMNS = ("id", "order_id", "step", "actor", "detail", "entered_at")


async def note(
    tx: Transaction, order_id: str, step: str, actor: str, now: datetime, detail: str = ""
) -> None:
    """Write one line into an order's diary.

    Args:
        tx: The transaction of what happened.
        order_id: The order's id.
        step: What happened: a transition or another noteworthy step (``payment_started``).
        actor: Who did it: ``guest``, ``member``, ``staff:<id>``, ``gateway:<name>``, ``schedule``.
        now: The shop's time.
        detail: One sentence; may be empty.
    """
    await tx.insert(TimelineTable, _COLUMNS, [(new_id(), order_id, step, actor, detail, now)])


async def note_many(
    tx: Transaction, notes: Sequence[tuple[str, str, str, str]], now: datetime
) -> None:
    """Write one line each into many diaries: order id, step, actor, detail; see `note`."""
    rows = [(new_id(), *one, now) for one in notes]
    await tx.insert(TimelineTable, _COLUMNS, rows)
