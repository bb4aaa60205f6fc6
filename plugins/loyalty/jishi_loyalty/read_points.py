"""What a member has: the balance, the lots, every entry there ever was."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from jishi.plugins import Desk
from jishi_loyalty import accounts, sql
from jishi_loyalty.purse import burning_order
from jishi_loyalty.purses import Known, known, lot_of, survivor
from jishi_loyalty.settings import LoyaltySettings
from jishi_loyalty.structs import Lot

_PAGE = 50


class LotShown(msgspec.Struct, frozen=True, kw_only=True):
    """Points that end together.

    Attributes:
        id: The lot's id.
        points: What can be spent of it.
        held: What unpaid orders have set aside.
        pending: What waits for the end of the time for returns.
        source: How they came.
        available_at: When they can be spent, UTC; None before that is known.
        expires_at: When they end, UTC; None: never, or not known yet.
    """

    id: str
    points: int
    held: int
    pending: int
    source: str
    available_at: datetime | None
    expires_at: datetime | None


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What a member has, in points.

    Attributes:
        member: Whose; also what others need to give him points.
        balance: What is available less what is owed; below 0 when more is owed.
        available: What can be spent now.
        held: What unpaid orders have set aside.
        pending: What waits for the end of the time for returns.
        debt: What is owed for returned goods whose points were spent.
        lots: What ends first at the front.
        tier: The tier's code; empty for none.
        tier_title: Its title.
        tier_until: How long it lasts at least, UTC; None for ever or none.
    """

    member: str
    balance: int
    available: int
    held: int
    pending: int
    debt: int
    lots: tuple[LotShown, ...]
    tier: str = ""
    tier_title: str = ""
    tier_until: datetime | None = None


class StatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the ledger.

    Attributes:
        id: Grows with time.
        account: Which balance it changed: what can be spent, what waits, what is owed.
        lot: The lot's id.
        points: Signed: below 0 took away.
        reason: What it was.
        reference: Of what: an order's id, a gift's …
        at: UTC.
    """

    id: str
    account: Literal["points", "pending", "debt"]
    lot: str
    points: int
    reason: str
    reference: str
    at: datetime


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a statement, the youngest first; ``next`` is None at the end."""

    items: tuple[StatementLine, ...]
    next: str | None


async def read_member(desk: Desk, member: str) -> Known | None:
    """A member as he is kept, None before his first points."""
    rows = await desk.fetch(sql.MEMBER, member)
    return known(rows[0]) if rows else None


async def read_lots(desk: Desk, member: str) -> list[Lot]:
    """A member's lots that have not ended, those that end first at the front."""
    rows = await desk.fetch(sql.LIVE_LOTS, [member])
    return sorted((lot_of(row) for row in rows), key=burning_order)


async def read_holding(desk: Desk, settings: LoyaltySettings, member: str) -> Holding:
    """What a member has by now; of one who was merged, what the other has."""
    member = await survivor(desk, member)
    now = desk.now()
    lots = await read_lots(desk, member)
    usable = [lot for lot in lots if not lot.over(now)]
    free, debt = sum(max(0, lot.free) for lot in usable), sum(lot.debt for lot in lots)
    row = await read_member(desk, member)
    code, until = standing(settings, row, now)
    tier = settings.tier(code)
    return Holding(
        member=member,
        balance=free - debt,
        available=max(0, free - (debt if settings.shortfall == "negative" else 0)),
        held=sum(lot.held for lot in lots),
        pending=sum(lot.pending for lot in lots),
        debt=debt,
        lots=tuple(_shown(lot) for lot in usable if lot.points or lot.pending),
        tier=code,
        tier_title=tier.title if tier else "",
        tier_until=until,
    )


def standing(
    settings: LoyaltySettings, row: Known | None, now: datetime
) -> tuple[str, datetime | None]:
    """The tier that counts and how long it lasts at least, UTC."""
    if row is None:
        return "", None
    held = [(row.tier, row.tier_until_at)]
    if row.card_until_at is not None and row.card_until_at > now:
        held.append((row.card_tier, row.card_until_at))
    return max(held, key=lambda each: settings.rank(each[0]))


async def read_statement(
    desk: Desk, member: str, cursor: str | None = None, limit: int = _PAGE
) -> Statement:
    """A page of every entry in a member's accounts.

    Args:
        desk: Where to read.
        member: Whose.
        cursor: The ``next`` of the page before.
        limit: At most so many entries.
    """
    member = await survivor(desk, member)
    names = _accounts([lot_of(row) for row in await desk.fetch(sql.ALL_LOTS, [member])])
    rows = await desk.fetch(sql.STATEMENT, names, cursor or "~", limit + 1)
    items = tuple(_line(row) for row in rows[:limit])
    return Statement(items=items, next=items[-1].id if len(rows) > limit else None)


def _accounts(lots: Sequence[Lot]) -> list[str]:
    kinds = (accounts.points, accounts.pending, accounts.debt)
    return [kind(lot.member, lot.id) for lot in lots for kind in kinds]


def _line(row: Sequence[object]) -> StatementLine:
    id_, account, operation, amount, reason, reference, _, at = row
    kind, _, rest = str(account).partition(":")
    assert isinstance(at, datetime)  # noqa: S101 the column's type
    return StatementLine(
        id=str(id_),
        account=_KINDS[kind],
        lot=rest.partition(":")[2],
        points=int(str(amount)),
        reason="spent" if operation == "post" else str(reason),
        reference=str(reference),
        at=at,
    )


_KINDS: dict[str, Literal["points", "pending", "debt"]] = {
    "points": "points",
    "points_pending": "pending",
    "points_debt": "debt",
}


def _shown(lot: Lot) -> LotShown:
    return LotShown(
        id=lot.id,
        points=lot.free,
        held=lot.held,
        pending=lot.pending,
        source=lot.source,
        available_at=lot.available_at,
        expires_at=lot.expires_at,
    )
