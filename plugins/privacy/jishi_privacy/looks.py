"""The access log: who of the staff was shown whose data."""

from datetime import datetime

import msgspec

from jishi.dossiers import Look
from jishi.plugins import Desk, Writing
from jishi_privacy import sql
from jishi_privacy.tables import LookTable

_COLUMNS = ("id", "staff", "kind", "subject", "request_id", "address", "looked_at")
_FIRST = "~"
"""Sorts behind every id."""


class SeenLook(msgspec.Struct, frozen=True):
    """A line of the log.

    Attributes:
        id: Names it.
        staff: Who looked.
        kind: ``member`` or ``order``.
        subject: The member's or the order's id.
        request_id: Names the request in the logs.
        address: From which network address.
        looked_at: UTC.
    """

    id: str
    staff: str
    kind: str
    subject: str
    request_id: str
    address: str
    looked_at: datetime


class LookPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines, the youngest first; ``next`` is None at the end."""

    items: tuple[SeenLook, ...]
    next: str | None


async def keep_look(desk: Desk, look: Look) -> None:
    """Write a look down, a line for everybody who was shown; told twice, it stands there once."""
    rows = [
        (f"{look.id}:{subject}", look.staff, look.kind, subject, look.request_id, look.address,
         look.at)
        for subject in look.subjects
    ]  # fmt: skip

    async def work(w: Writing) -> None:
        await w.insert(LookTable, _COLUMNS, rows)

    await desk.atomically(work)


async def list_looks(
    desk: Desk, subject: str, staff: str, cursor: str | None, limit: int
) -> LookPage:
    """Who looked, the youngest first.

    Args:
        desk: The plugin's.
        subject: Only at this member or order; empty: all.
        staff: Only this person; empty: all.
        cursor: ``next`` of the page before.
        limit: Lines on a page.
    """
    found = await desk.fetch_as(SeenLook, sql.LOOKS, cursor or _FIRST, subject, staff, limit + 1)
    more = len(found) > limit
    return LookPage(items=tuple(found[:limit]), next=found[limit - 1].id if more else None)
