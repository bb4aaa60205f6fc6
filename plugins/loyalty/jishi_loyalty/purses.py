"""A member's purse, opened under his lock and written back in the same transaction."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from jishi.effects import Effect
from jishi.plugins import Desk, Writing
from jishi_loyalty import sql
from jishi_loyalty.purse import Purse
from jishi_loyalty.scheme import Scheme
from jishi_loyalty.structs import Cover, Lot

_AT_ONCE = 200
"""Effects that a desk takes at a time."""


class Known(msgspec.Struct, frozen=True):
    """A member as he is kept.

    Attributes:
        id: The member's id.
        tier: Where he qualified; empty for none.
        tier_since_at: UTC.
        tier_until_at: When the tier is looked at again, UTC.
        card_tier: A tier he bought; empty for none.
        card_until_at: How long that lasts, UTC.
        birthday: Month and day; may be empty.
    """

    id: str
    tier: str
    tier_since_at: datetime | None
    tier_until_at: datetime | None
    card_tier: str
    card_until_at: datetime | None
    birthday: str


async def lock_member(w: Writing, member: str, now: datetime) -> Known:
    """The member's row; nobody else changes his points until the transaction ends."""
    await w.execute(sql.KEEP_MEMBER, member, now)
    (row,) = await w.fetch(sql.LOCK_MEMBER, member)
    return known(row)


def known(row: Sequence[object]) -> Known:
    """A row of ``loyalty_members``."""
    return Known(*row)  # type: ignore[arg-type]  # the columns stand in the order of the fields


async def open_purse(
    w: Writing, scheme: Scheme, member: str, key: str, roots: Sequence[str] = ()
) -> Purse:
    """The member's lots, as they stand under his lock.

    Args:
        w: The open transaction.
        scheme: The shop's.
        member: Whose; locked already.
        key: Names the change that is made.
        roots: Lots that are wanted even if they have ended.
    """
    rows = await w.fetch(sql.LIVE_LOTS, [member])
    if roots:
        rows += await w.fetch(sql.LOTS_OF_ROOTS, list(roots))
    covers = await w.fetch(sql.COVERS, member, list(roots))
    lots = [lot_of(row) for row in rows]
    missing = {str(row[2]) for row in covers} - {lot.root for lot in lots}
    if missing:
        lots += [lot_of(row) for row in await w.fetch(sql.LOTS_OF_ROOTS, sorted(missing))]
    found = [Cover(*row) for row in covers]  # type: ignore[arg-type]  # in the order of the fields
    return Purse(member, lots, found, scheme.rules(), key)


def lot_of(row: Sequence[object]) -> Lot:
    """A row of the statements that join lots and the ledger."""
    return Lot(*row)  # type: ignore[arg-type]  # likewise


async def close_purse(w: Writing, purse: Purse, owner: str, also: Sequence[Effect] = ()) -> None:
    """Write everything that was done with a purse.

    Args:
        w: The open transaction.
        purse: What was done.
        owner: What the entries refer to: an order's id, a gift's …
        also: Further effects of the same change.
    """
    await apply_all(w, [*purse.effects, *also], owner)
    for change in sorted(purse.changed):
        lot = purse.lots[change]
        await w.execute(sql.CHANGE_LOT, lot.id, lot.state, lot.expires_at, lot.lost, lot.rounds)
    for cover, points in sorted(purse.uncovered.items()):
        await w.execute(sql.UNCOVER, cover, points)


async def apply_all(w: Writing, effects: Sequence[Effect], owner: str) -> None:
    """Put effects in force, as many as it takes."""
    for at in range(0, len(effects), _AT_ONCE):
        await w.apply(effects[at : at + _AT_ONCE], owner)


async def survivor(reader: Desk | Writing, member: str) -> str:
    """Who a member is by now: himself, or the one that he was merged into."""
    rows = await reader.fetch(sql.SURVIVOR, member)
    return str(rows[0][0]) if rows else member
