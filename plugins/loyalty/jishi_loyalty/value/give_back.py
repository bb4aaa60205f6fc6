"""What was paid from stored value goes back to the lots it came from, whoever holds them now."""

from collections.abc import Sequence

import msgspec

from jishi.effects import Credit, Effect, Event
from jishi.idempotency import KeyReused
from jishi.plugins import Desk, Writing
from jishi_loyalty.value import sql
from jishi_loyalty.value.book import find_payment, left_in, taken_by
from jishi_loyalty.value.lots import Lot, Part, give_back
from jishi_loyalty.value.problems import NotToBeHad
from jishi_loyalty.value.spend import write_parts
from jishi_loyalty.value.tables import RefundTable

_COLUMNS = ("id", "payment", "amount", "store", "staff", "refunded_at")


class GivingBack(msgspec.Struct, frozen=True, kw_only=True):
    """A refund of a payment.

    Attributes:
        id: Names it; the same one again is one refund.
        payment: The payment's id.
        amount: In fen, above 0.
        store: Where; empty in the mall.
        staff: By whose hand; empty in the mall.
    """

    id: str
    payment: str
    amount: int
    store: str = ""
    staff: str = ""


async def refund_payment(desk: Desk, refund: GivingBack) -> None:
    """Give back, once per id, and never more than was paid.

    Raises:
        NotToBeHad: There is no such payment, or not that much of it is left.
        KeyReused: The id came with another content.
    """

    async def work(w: Writing) -> None:
        now = desk.now()
        row = (refund.id, refund.payment, refund.amount, refund.store, refund.staff, now)
        if not await w.insert(RefundTable, _COLUMNS, [row]):
            await _must_be_the_same(w, refund)
            return
        if not await w.execute(sql.GIVE_BACK, refund.payment, refund.amount):
            raise NotToBeHad("There is no such payment, or not that much of it is left.")
        payment = await find_payment(w, refund.payment)
        after = payment.refunded if payment else 0
        parts = await taken_by(w, refund.payment)
        back = give_back(parts, after - refund.amount, refund.amount)
        lots = {lot: one.lot for lot, one in (await left_in(w, {p.lot for p in back})).items()}
        await write_parts(w, refund.payment, refund.id, back)
        member = payment.member if payment else ""
        await w.apply(_credits(refund, lots, back, member), owner=refund.payment)

    await desk.atomically(work)


async def _must_be_the_same(w: Writing, refund: GivingBack) -> None:
    rows = await w.fetch(sql.REFUND, refund.id)
    if rows and tuple(rows[0]) != (refund.payment, refund.amount):
        raise KeyReused(refund.id)


def _credits(
    refund: GivingBack, lots: dict[str, Lot], back: Sequence[Part], member: str
) -> list[Effect]:
    given: list[Effect] = [
        Credit(
            account=lots[part.lot].account(part.kind),
            amount=part.amount,
            key=f"value:back:{refund.id}:{place}",
            reason="returned",
        )
        for place, part in enumerate(back)
    ]
    data: dict[str, str | int | None] = {
        "member": member,
        "amount": refund.amount,
        "payment": refund.payment,
        "store": refund.store,
    }
    event = Event(
        name="loyalty.value_returned", data=data, key=f"value:back:{refund.id}", subject=member
    )
    return [*given, event]
