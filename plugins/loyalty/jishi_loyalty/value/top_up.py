"""Money comes in: by a paid order in the mall, or over the counter at a till."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from jishi.effects import Credit, Effect, Event, Open, Record
from jishi.idempotency import KeyReused
from jishi.orders import Order
from jishi.plugins import Desk, Writing
from jishi_loyalty.purses import survivor
from jishi_loyalty.value.book import find_lot, left_of, lock_holder
from jishi_loyalty.value.lots import Kind, Left
from jishi_loyalty.value.problems import ValueLimit
from jishi_loyalty.value.settings import ValueSettings

DELIVERY = "loyalty:value-"
"""How a top-up reaches its buyer: it is there; the code ends with the promised gift, in fen."""


class NewLot(msgspec.Struct, frozen=True, kw_only=True):
    """A top-up that was paid.

    Attributes:
        id: The order line's id, or the till's key.
        member: Whose.
        source: ``order``, ``till`` or ``transfer``.
        reference: The order, the till's slip, or the lot it was part of.
        paid: What was paid, in fen.
        gift: What is given on top, in fen.
        principal: What of ``paid`` is there to spend, in fen; None: all.
        gift_left: What of ``gift`` is there to spend, in fen; None: all.
        used_before: What was spent before, in fen.
        spend_order: What is spent first.
        means: ``order``, ``cash``, ``card`` … how it was paid.
        store: Where; empty in the mall.
        staff: By whose hand; empty in the mall.
        at: UTC.
    """

    id: str
    member: str
    source: str
    reference: str
    paid: int
    gift: int
    at: datetime
    spend_order: str
    principal: int | None = None
    gift_left: int | None = None
    used_before: int = 0
    means: str = "order"
    store: str = ""
    staff: str = ""


def effects_of_lot(lot: NewLot, reason: str = "top_up") -> list[Effect]:
    """Accounts, credits and rows of a new lot."""
    principal = lot.paid if lot.principal is None else lot.principal
    gift = lot.gift if lot.gift_left is None else lot.gift_left
    return [
        *_credited(lot, "principal", principal, reason),
        *_credited(lot, "gift", gift, reason),
        Record(
            table="loyalty_value_lots",
            row={
                "id": lot.id,
                "member": lot.member,
                "source": lot.source,
                "reference": lot.reference,
                "paid": lot.paid,
                "gift": lot.gift,
                "used_before": lot.used_before,
                "spend_order": lot.spend_order,
                "means": lot.means,
                "store": lot.store,
                "staff": lot.staff,
                "topped_at": lot.at,
            },
            key=f"value:lot:{lot.id}",
        ),
        held_by(lot.id, 0, lot.member, reason, lot.at),
        Event(
            name="loyalty.value_topped_up",
            data={"member": lot.member, "lot": lot.id, "paid": lot.paid, "gift": lot.gift},
            key=f"value:topped_up:{lot.id}",
            subject=lot.member,
        ),
    ]


def _credited(lot: NewLot, kind: Kind, amount: int, reason: str) -> list[Effect]:
    account = f"value:{lot.member}:{kind}:{lot.id}"
    opened: list[Effect] = [Open(account=account, unit="fen", key=f"value:open:{kind}:{lot.id}")]
    if amount:
        key = f"value:{reason}:{kind}:{lot.id}"
        opened.append(Credit(account=account, amount=amount, key=key, reason=reason))
    return opened


def held_by(lot: str, turn: int, holder: str, reason: str, at: datetime) -> Record:
    """The row that says whose a lot is from now on."""
    row: dict[str, str | int | datetime | None] = {
        "id": f"{lot}:{turn}",
        "lot": lot,
        "turn": turn,
        "holder": holder,
        "reason": reason,
        "since_at": at,
    }
    return Record(table="loyalty_value_holders", row=row, key=f"value:holder:{lot}:{turn}")


def delivery_code(gift: int) -> str:
    """How an order says that it is a top-up, and which gift was promised when it was placed."""
    return f"{DELIVERY}{gift}"


def promised_gift(order: Order) -> int | None:
    """The gift that a top-up's order promises, in fen, whatever the plans say now; else None."""
    kind, _, gift = order.delivery.code.rpartition("-")
    return int(gift) if f"{kind}-" == DELIVERY and gift.isdecimal() else None


def lots_of_order(order: Order, gift: int, spend_order: str) -> list[NewLot]:
    """What a paid order tops up; the gift in proportion when it cost less than its price."""
    if order.member is None:
        return []
    lots = []
    for line in order.lines:
        full = line.unit_price * line.quantity
        if not line.total or not full:
            continue
        lots.append(
            NewLot(
                id=line.id,
                member=order.member,
                source="order",
                reference=order.id,
                paid=line.total,
                gift=gift * min(line.total, full) // full,
                spend_order=spend_order,
                at=order.paid_at or order.placed_at,
            )
        )
    return lots


async def top_up(desk: Desk, settings: ValueSettings, lot: NewLot) -> Left:
    """Take money over the counter, once per id.

    Raises:
        ValueLimit: The member would have more than he may.
        KeyReused: The id came with another content.
    """
    member = await survivor(desk, lot.member)
    lot = msgspec.structs.replace(lot, member=member)

    async def work(w: Writing) -> None:
        await lock_holder(w, member)
        left = await left_of(w, member)
        known = [one for one in left if one.lot.id == lot.id]
        if not known:
            must_fit(left, lot.paid + lot.gift, settings)
        await w.apply(effects_of_lot(lot), owner=lot.id)

    known = await desk.fetch("SELECT member FROM loyalty_value_lots WHERE id = $1", lot.id)
    if not known:
        await desk.atomically(work)
    found = await find_lot(desk, lot.id)
    was, holder = found.lot, await survivor(desk, str(known[0][0])) if known else member
    if (was.paid, was.gift, was.reference, holder) != (lot.paid, lot.gift, lot.reference, member):
        raise KeyReused(lot.id)
    return found


def must_fit(left: Sequence[Left], more: int, settings: ValueSettings) -> None:
    """Refuse to let a member have more than he may.

    Raises:
        ValueLimit: He would.
    """
    there = sum(one.total for one in left)
    if settings.most_balance and there + more > settings.most_balance:
        raise ValueLimit(
            f"A member may have {settings.most_balance} fen; {there} are there, not {more} more.",
            next_step="Spend some first, or top up less.",
        )
