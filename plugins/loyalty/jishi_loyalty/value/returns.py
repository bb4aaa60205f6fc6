"""A top-up is given up for money, as the law works it out; the gift ends with it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from jishi.effects import Credit, Debit, Effect, Event
from jishi.idempotency import KeyReused
from jishi.orders import RefundWish
from jishi.payments import refund_order
from jishi.plugins import Desk, NotEnough, Writing
from jishi.problems import NotFound
from jishi.shop import Shop
from jishi_loyalty.value import sql
from jishi_loyalty.value.book import KINDS, Reader, find_lot, number, used_of
from jishi_loyalty.value.law import Due, Reason, due, interest, is_within
from jishi_loyalty.value.lots import Left
from jishi_loyalty.value.problems import NotToBeHad
from jishi_loyalty.value.settings import ValueSettings
from jishi_loyalty.value.tables import ReturnTable

PAY_OUT = "value_pay_out"
"""The job that pays out through the order's own payments."""

_COLUMNS = (
    "id",
    "lot",
    "member",
    "reason",
    "amount",
    "interest",
    "principal",
    "gift",
    "means",
    "status",
    "store",
    "staff",
    "returned_at",
)


class GivingUp(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be given up, and why.

    Attributes:
        lot: Which top-up.
        reason: ``within_days``: no reason is needed yet; ``merchant``: the shop's doing;
            ``consumer``: the member's wish.
        undiscounted: What he bought with it costs without any discount, in fen; None: as much.
        interest_days: For how many days interest is due.
    """

    lot: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    reason: Reason
    undiscounted: Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None = None
    interest_days: Annotated[int, msgspec.Meta(ge=0, le=3660)] = 0


class Hands(msgspec.Struct, frozen=True, kw_only=True):
    """Who does it where, and under which name: the same one again is one."""

    id: str
    store: str
    staff: str


class Return(msgspec.Struct, frozen=True):
    """A top-up that was given up.

    Attributes:
        id: Names it.
        lot: Which.
        member: Whose it was.
        reason: Why.
        amount: What of the principal goes back, in fen.
        interest: On top, in fen; paid by hand.
        principal: What was left of the principal and has ended, in fen.
        gift: What was left of the gift and has ended, in fen.
        means: ``order``: through the payments of the order; ``cash``: over the counter.
        status: ``set_aside`` until the payments know of it, then ``paid``.
        returned_at: UTC.
    """

    id: str
    lot: str
    member: str
    reason: str
    amount: int
    interest: int
    principal: int
    gift: int
    means: Literal["order", "cash"]
    status: Literal["set_aside", "paid"]
    returned_at: datetime


async def work_out(
    reader: Reader, settings: ValueSettings, wanted: GivingUp, now: datetime
) -> Due:
    """What would be due, without doing anything.

    Raises:
        NotFound: There is no such top-up.
        NotToBeHad: The days without a reason are over, or nothing is left.
    """
    left = await find_lot(reader, wanted.lot)
    return await _due(reader, settings, wanted, left, now)


async def _due(
    reader: Reader, settings: ValueSettings, wanted: GivingUp, left: Left, now: datetime
) -> Due:
    lot = left.lot
    within = is_within(lot.topped_at, now, settings.no_reason_days)
    if wanted.reason == "within_days" and not within:
        raise NotToBeHad(
            f"The {settings.no_reason_days} days without a reason are over.",
            next_step="Choose the reason `consumer` or `merchant`.",
        )
    if not left.total:
        raise NotToBeHad("Nothing is left of this top-up.")
    if await reader.fetch(sql.SET_ASIDE, lot.id):
        raise NotToBeHad("This top-up is being given up already.")
    used = await used_of(reader, left)
    found = due(msgspec.structs.replace(used, undiscounted=wanted.undiscounted), wanted.reason)
    rate = settings.lpr_points if wanted.reason == "merchant" else settings.deposit_points
    return msgspec.structs.replace(
        found, interest=interest(found.refund, rate, wanted.interest_days)
    )


async def give_up(
    shop: Shop, desk: Desk, settings: ValueSettings, wanted: GivingUp, hands: Hands
) -> Return:
    """Give a top-up up, once per name: first its value is set aside, then the money goes.

    What was bought in the mall goes back the way it was paid; what was paid at a till goes over
    the counter.

    Raises:
        NotFound: There is no such top-up.
        NotToBeHad: There is nothing to give up, or a payment takes it at this moment.
        KeyReused: The name came with another content.
    """
    known = await find_return(desk, hands.id)
    if known is None:
        try:
            await desk.atomically(_giving_up(desk, settings, wanted, hands))
        except NotEnough as problem:
            raise NotToBeHad(
                "It is being spent right now.", next_step="Try again in a moment."
            ) from problem
    found = await find_return(desk, hands.id)
    if found is None:
        raise NotFound("There is no such return.")
    if (found.lot, found.reason) != (wanted.lot, wanted.reason):
        raise KeyReused(hands.id)
    await pay_out(shop, desk, hands.id)
    return await find_return(desk, hands.id) or found


def _giving_up(
    desk: Desk, settings: ValueSettings, wanted: GivingUp, hands: Hands
) -> Callable[[Writing], Awaitable[None]]:
    async def work(w: Writing) -> None:
        now = desk.now()
        left = await find_lot(w, wanted.lot)
        found = await _due(w, settings, wanted, left, now)
        way = "order" if left.lot.source == "order" and found.refund else "cash"
        row = (
            hands.id,
            wanted.lot,
            left.lot.holder,
            wanted.reason,
            found.refund,
            found.interest,
            left.principal,
            left.gift,
            way,
            "set_aside" if way == "order" else "paid",
            hands.store,
            hands.staff,
            now,
        )
        if not await w.insert(ReturnTable, _COLUMNS, [row]):
            return
        effects = _ending(hands.id, left, found)
        if way == "order":
            order = left.lot.reference
            before = await number(w, sql.ORDER_REFUNDED, order)
            key = f"value:aside:{hands.id}"
            amount = before + found.refund
            account = aside_account(order)
            effects.append(Credit(account=account, amount=amount, key=key, reason="given_up"))
            await w.enqueue(PAY_OUT, {"return": hands.id}, key=f"pay_out:{hands.id}")
        await w.apply(effects, owner=hands.id)

    return work


def aside_account(order: str) -> str:
    """What an order of top-ups may give back; nothing, but for what was given up here."""
    return f"value:aside:{order}"


def _ending(name: str, left: Left, found: Due) -> list[Effect]:
    ends: list[Effect] = [
        Debit(
            account=left.lot.account(kind),
            amount=amount,
            key=f"value:given_up:{kind}:{name}",
            reason="given_up",
        )
        for kind, amount in zip(KINDS, (left.principal, left.gift), strict=True)
        if amount
    ]
    data: dict[str, str | int | None] = {
        "member": left.lot.holder,
        "lot": left.lot.id,
        "amount": found.refund,
    }
    event = Event(
        name="loyalty.value_given_up",
        data=data,
        key=f"value:given_up:{name}",
        subject=left.lot.holder,
    )
    return [*ends, event]


async def pay_out(shop: Shop, desk: Desk, name: str) -> None:
    """Have the order's payments give the money back; again and again it is one refund."""
    found = await find_return(desk, name)
    if found is None or found.status == "paid":
        return
    left = await find_lot(desk, found.lot)
    await refund_order(
        shop,
        left.lot.reference,
        RefundWish(amount=found.amount),
        restock="no",
        reason="储值退款",
        key=f"value:{name}",
        actor="loyalty",
    )
    async with desk.writing() as w:
        await w.execute(sql.RETURN_PAID, name)


async def find_return(reader: Reader, name: str) -> Return | None:
    """A return, if there is one of that name."""
    rows = await reader.fetch(sql.RETURN, name)
    return Return(*rows[0]) if rows else None  # type: ignore[arg-type]  # in the fields' order
