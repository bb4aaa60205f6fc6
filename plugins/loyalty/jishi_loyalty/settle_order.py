"""Bring a member's points in line with an order: whatever happened to it, in whatever order.

It looks at the order as it is and at what was done for it already, and does the difference. So it
may be told once or ten times, early or late, and ends the same.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from jishi.catalogue import sellables
from jishi.effects import Effect, Event, Record
from jishi.orders import Order, find_order
from jishi.plugins import Writing
from jishi_loyalty import sql
from jishi_loyalty.buy_cards import settle_cards
from jishi_loyalty.earning import Bought, Purchase, earned
from jishi_loyalty.join_buyers import buyer_of
from jishi_loyalty.mature_points import mature_waiting
from jishi_loyalty.purse import Purse
from jishi_loyalty.purses import Known, close_purse, lock_member, open_purse
from jishi_loyalty.recount_tier import recount, tier_of
from jishi_loyalty.returning import given_back, undone, unspent
from jishi_loyalty.scheme import Scheme
from jishi_loyalty.structs import Line, Spent


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An order as points keep it.

    Attributes:
        id: The order's id.
        member: Whose points it earned.
        lot: The root of what it earned; empty for nothing.
        lines: What it earned and spent, line by line.
        completed_at: UTC, None before.
        fen: Paid for goods and not refunded.
    """

    id: str
    member: str
    lot: str
    lines: tuple[Line, ...]
    completed_at: datetime | None
    fen: int


async def settle_order(scheme: Scheme, order_id: str) -> None:
    """Give, take back and return the points of an order, as far as that was not done yet.

    Args:
        scheme: The shop's.
        order_id: The order's id; one that was never paid or is nobody's changes nothing.
    """
    order = await find_order(scheme.shop.database, order_id)
    if order.paid_at is None:
        return
    member = await buyer_of(scheme, order)
    if member is None:
        return
    bought = await _bought(scheme, order)
    spent = await _spent(scheme, order)

    async def work(w: Writing) -> None:
        now = scheme.now()
        known = await lock_member(w, member, now)
        kept = await _kept(w, order.id)
        effects: list[Effect] = []
        if kept is None:
            kept, effects = await _first_time(w, scheme, known, order, bought, spent)
        await _bring_in_line(w, scheme, order, kept, effects, member)
        await settle_cards(w, scheme, order, known)
        await recount(w, scheme, member, "refund" if order.refunded else "reached")

    await scheme.desk.atomically(work)


async def _bring_in_line(
    w: Writing, scheme: Scheme, order: Order, kept: Kept, first: list[Effect], member: str
) -> None:
    lines = tuple(_now(order, line) for line in kept.lines)
    roots = {spent.lot for line in kept.lines for spent in line.spent} | {kept.lot} - {""}
    taken, given = _sum(lines)
    done_taken, _ = _sum(kept.lines)
    purse = await open_purse(w, scheme, member, f"order:{order.id}:{taken}-{given}", sorted(roots))
    points = sum(line.earned for line in kept.lines)
    if first and points:
        lot = purse.open(
            points,
            "earned",
            order.id,
            "bought",
            state="pending",
            origin=order.member or member,
        )
        kept = msgspec.structs.replace(kept, lot=lot.root)
    short = _undo(purse, kept, lines, taken - done_taken, scheme)
    also = [*_with_lot(first, kept.lot)]
    if short and scheme.settings.shortfall == "from_refund":
        also.append(_short(order, member, short, taken, scheme))
    await close_purse(w, purse, order.id, also)
    completed = kept.completed_at or order.completed_at
    left = [line.total - line.refunded_amount for line in order.lines]
    fen = sum(scheme.settings.goods([line.sku for line in order.lines], left))
    await w.execute(
        sql.CHANGE_ORDER,
        order.id,
        msgspec.json.encode(lines).decode(),
        taken,
        given,
        min(fen, kept.fen),
        completed,
    )
    if kept.lot and completed is not None:
        await w.execute(
            sql.RIPEN, kept.lot, completed + timedelta(days=scheme.settings.pending_days)
        )
        await mature_waiting(w, scheme, member, kept.lot)


def _undo(purse: Purse, kept: Kept, lines: Sequence[Line], taken: int, scheme: Scheme) -> int:
    """Return spent points first, so that they can pay for what is taken back."""
    for was, line in zip(kept.lines, lines, strict=True):
        for back in given_back(was, was.given_back, line.given_back):
            purse.give_back(back.lot, back.points, "returned goods")
    return purse.take_back(kept.lot, taken) if taken > 0 else 0


async def _first_time(
    w: Writing,
    scheme: Scheme,
    known: Known,
    order: Order,
    bought: Sequence[Bought],
    spent: Sequence[tuple[str, Spent]],
) -> tuple[Kept, list[Effect]]:
    """The order as it is kept from now on, and the row that says so."""
    assert order.paid_at is not None  # noqa: S101 looked at by the caller
    before = int(str((await w.fetch(sql.ORDERS_BEFORE, known.id))[0][0]))
    purchase = Purchase(
        lines=tuple(bought),
        channel=order.channel,
        at=order.paid_at,
        tier=tier_of(scheme.settings, known, order.paid_at),
        first=not before,
    )
    points = earned(scheme.settings, purchase, scheme.zone)
    lines = tuple(
        Line(
            line=one.line,
            sku=one.sku,
            product=one.product,
            category=one.category,
            fen=one.fen,
            earned=got,
            spent=tuple(burnt for line, burnt in spent if line == one.line),
        )
        for one, got in zip(bought, points, strict=True)
    )
    kept = Kept(
        id=order.id,
        member=known.id,
        lot="",
        lines=lines,
        completed_at=None,
        fen=sum(line.fen for line in lines),
    )
    effects: list[Effect] = [_row_of(kept, order)]
    return kept, effects


def _row_of(kept: Kept, order: Order) -> Record:
    row: dict[str, str | int | datetime | None] = {
        "id": kept.id,
        "member_id": kept.member,
        "lot": "",
        "channel": order.channel,
        "lines": msgspec.json.encode(kept.lines).decode(),
        "earned": sum(line.earned for line in kept.lines),
        "taken_back": 0,
        "spent": sum(each.points for line in kept.lines for each in line.spent),
        "given_back": 0,
        "fen": kept.fen,
        "paid_at": order.paid_at,
        "completed_at": None,
    }
    return Record(table="loyalty_orders", row=row, key=f"order:{kept.id}")


def _with_lot(effects: Sequence[Effect], lot: str) -> list[Effect]:
    return [
        msgspec.structs.replace(one, row={**one.row, "lot": lot})
        if isinstance(one, Record)
        else one
        for one in effects
    ]


def _now(order: Order, line: Line) -> Line:
    """The line with what has to be undone by now.

    What was done once is never undone: an order that was read before somebody else's refund of
    it was settled asks for less, and gets nothing.
    """
    current = next((each for each in order.lines if each.id == line.line), None)
    if current is None:
        return line
    burnt = sum(each.points for each in line.spent)
    return msgspec.structs.replace(
        line,
        taken_back=max(line.taken_back, undone(current, line.earned)),
        given_back=max(line.given_back, unspent(current, burnt)),
    )


def _sum(lines: Sequence[Line]) -> tuple[int, int]:
    return sum(line.taken_back for line in lines), sum(line.given_back for line in lines)


def _short(order: Order, member: str, points: int, taken: int, scheme: Scheme) -> Event:
    return Event(
        name="loyalty.refund_fell_short",
        subject=order.id,
        data={
            "member": member,
            "points": points,
            "fen": points * 100 // scheme.settings.points_for_yuan,
        },
        key=f"short:{order.id}:{taken}",
    )


async def _kept(w: Writing, order_id: str) -> Kept | None:
    rows = await w.fetch(sql.ORDER, order_id)
    if not rows:
        return None
    row = rows[0]
    return Kept(
        id=str(row[0]),
        member=str(row[1]),
        lot=str(row[2]),
        lines=msgspec.json.decode(str(row[3]), type=tuple[Line, ...]),
        fen=int(str(row[8])),
        completed_at=row[10] if isinstance(row[10], datetime) else None,
    )


async def _bought(scheme: Scheme, order: Order) -> list[Bought]:
    """The lines with the categories that their goods have by now."""
    sold = await sellables(scheme.shop.database, [line.sku for line in order.lines], order.channel)
    paid = scheme.settings.goods(
        [line.sku for line in order.lines], [line.total for line in order.lines]
    )
    return [
        Bought(
            line=line.id,
            sku=line.sku,
            product=line.product,
            category=tuple(sold[line.sku].category) if line.sku in sold else (),
            fen=fen,
        )
        for line, fen in zip(order.lines, paid, strict=True)
    ]


async def _spent(scheme: Scheme, order: Order) -> list[tuple[str, Spent]]:
    """The points that paid for each line, as the ledger took them, in the order of burning."""
    name = f"order:{order.id}:place:loyalty:points:"
    rows = await scheme.desk.fetch(sql.SPENT, name, f"{name}~", f"again:{name}", f"again:{name}~")
    if not rows:
        return []
    taken = sorted(
        (str(key).rpartition(name)[2], str(account), points) for key, account, points in rows
    )
    lots = [account.rpartition(":")[2] for _, account, _ in taken]
    roots = {str(lot): str(root) for lot, root in await scheme.desk.fetch(sql.ROOTS, lots)}
    lines = {line.sku: line.id for line in order.lines}
    spent = []
    for (key, _, points), lot in zip(taken, lots, strict=True):
        item = key.partition(":")[2].rpartition(":")[0]
        line = lines.get(item, order.lines[0].id)
        spent.append((line, Spent(roots.get(lot, lot), int(str(points)))))
    return spent
