"""A member pays: the parts are planned from what is left, and the ledger decides."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from jishi.effects import Debit, Effect, Event
from jishi.idempotency import KeyReused
from jishi.plugins import Desk, NotEnough, Writing
from jishi_loyalty.purses import survivor
from jishi_loyalty.value import sql
from jishi_loyalty.value.book import Payment, find_payment, left_of, lock_holder, number
from jishi_loyalty.value.lots import Left, Part, take
from jishi_loyalty.value.problems import CodeSpent, NotToBeHad, ProofNeeded, ValueShort
from jishi_loyalty.value.settings import ValueSettings
from jishi_loyalty.value.tables import CodeTable, PartTable, PaymentTable

_TRIES = 8
"""Others may take what was planned for; then it is planned again."""

_DAY = timedelta(days=1)
_PAYMENT = (
    "id",
    "member",
    "order_id",
    "amount",
    "refunded",
    "currency",
    "status",
    "proved",
    "store",
    "staff",
    "paid_at",
)
_PART = ("id", "payment", "refund", "lot", "kind", "amount", "place")


class Spending(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that is wanted.

    Attributes:
        id: Names it; the same one again is one payment.
        member: Who pays.
        amount: In fen, above 0.
        currency: ISO 4217.
        order: The order's id; empty at a till.
        store: Where; empty in the mall.
        staff: By whose hand; empty in the mall.
        code: What the till has read from the member's device, as `codes` names it; else empty.
    """

    id: str
    member: str
    amount: int
    currency: str
    order: str = ""
    store: str = ""
    staff: str = ""
    code: str = ""


async def spend(desk: Desk, settings: ValueSettings, wanted: Spending) -> Payment:
    """Pay, once per id.

    Raises:
        ValueShort: There is not enough.
        ProofNeeded: A password or a code is needed first.
        CodeSpent: The member's code was used for another payment.
        NotToBeHad: The number was given up before.
        KeyReused: The id came with another content.
    """
    member = await survivor(desk, wanted.member)
    there = 0
    for _ in range(_TRIES):
        known = await find_payment(desk, wanted.id)
        if known is not None:
            return _same(known, wanted, await survivor(desk, known.member) == member)
        left = await left_of(desk, member)
        there = sum(one.total for one in left)
        if there < wanted.amount:
            break
        try:
            return await desk.atomically(_paying(settings, wanted, member, left, desk.now()))
        except NotEnough:
            continue
    raise ValueShort(
        f"{there} fen are there, {wanted.amount} are wanted.",
        next_step="Pay the rest another way, or top up.",
        available=there,
    )


def _same(known: Payment, wanted: Spending, is_his: bool) -> Payment:
    if known.status == "closed":
        raise NotToBeHad("This payment was given up before it was made.")
    if not is_his or (known.amount, known.order) != (wanted.amount, wanted.order):
        raise KeyReused(wanted.id)
    return known


def _paying(
    settings: ValueSettings, wanted: Spending, member: str, left: Sequence[Left], now: datetime
) -> Callable[[Writing], Awaitable[Payment]]:
    parts = take(left, wanted.amount)

    async def pay(w: Writing) -> Payment:
        await lock_holder(w, member)
        known = await find_payment(w, wanted.id)
        if known is not None:
            return _same(known, wanted, known.member == member)
        proved = await _proved(w, settings, wanted, member, now)
        row = (wanted.id, member, wanted.order, wanted.amount, 0, wanted.currency, "paid")
        rows = [(*row, proved, wanted.store, wanted.staff, now)]
        if not await w.insert(PaymentTable, _PAYMENT, rows):
            raise NotToBeHad("This payment was given up a moment ago.", next_step="Pay again.")
        await _use_code(w, wanted, now)
        await write_parts(w, wanted.id, "", parts)
        await w.apply(_debits(wanted, member, left, parts), owner=wanted.id)
        return Payment(
            wanted.id,
            member,
            wanted.order,
            wanted.amount,
            0,
            wanted.currency,
            "paid",
            wanted.store,
            wanted.staff,
            now,
        )

    return pay


async def _proved(
    w: Writing, settings: ValueSettings, wanted: Spending, member: str, now: datetime
) -> str:
    """How the payment is proved; empty while the day's payments are small enough.

    Raises:
        ProofNeeded: They are not, and there is no proof.
    """
    without = await number(w, sql.UNPROVED, member, now - _DAY, wanted.id)
    if without + wanted.amount < settings.step_up_from:
        return ""
    if await w.execute(sql.USE_PROOF, wanted.id, member, now, wanted.amount):
        return "yes"
    raise ProofNeeded(
        f"Payments of {settings.step_up_from} fen a day and more need the member's proof.",
        next_step="POST /loyalty/value/proofs with the password or a code, then pay again.",
    )


async def _use_code(w: Writing, wanted: Spending, now: datetime) -> None:
    if not wanted.code:
        return
    if not await w.insert(
        CodeTable, ("id", "used_for", "used_at"), [(wanted.code, wanted.id, now)]
    ):
        raise CodeSpent("This code has paid already.", next_step="The member shows the next one.")


async def write_parts(w: Writing, payment: str, refund: str, parts: Sequence[Part]) -> None:
    """Write down what a payment took, or below zero what a refund gave back."""
    name, sign = (refund, -1) if refund else (payment, 1)
    rows = [
        (f"{name}:{place}", payment, refund, part.lot, part.kind, sign * part.amount, place)
        for place, part in enumerate(parts)
    ]
    await w.insert(PartTable, _PART, rows)


def _debits(
    wanted: Spending, member: str, left: Sequence[Left], parts: Sequence[Part]
) -> list[Effect]:
    lots = {one.lot.id: one.lot for one in left}
    debits: list[Effect] = [
        Debit(
            account=lots[part.lot].account(part.kind),
            amount=part.amount,
            key=f"value:pay:{wanted.id}:{place}",
            reason="spent",
        )
        for place, part in enumerate(parts)
    ]
    data: dict[str, str | int | None] = {
        "member": member,
        "amount": wanted.amount,
        "order": wanted.order,
        "store": wanted.store,
    }
    event = Event(
        name="loyalty.value_spent", data=data, key=f"value:spent:{wanted.id}", subject=member
    )
    return [*debits, event]


async def give_up(desk: Desk, payment: str, now: datetime) -> str:
    """Make sure that a number that has not paid never will.

    Returns:
        ``closed``, or ``paid`` when it has.
    """

    async def work(w: Writing) -> str:
        row = (payment, "", "", 0, 0, "", "closed", "", "", "", now)
        await w.insert(PaymentTable, _PAYMENT, [row])
        found = await find_payment(w, payment)
        return found.status if found else "closed"

    return await desk.atomically(work)
