"""Paid membership: a SKU that makes its buyer a member of a tier for some days."""

from datetime import datetime, timedelta

from jishi.effects import Event, Record
from jishi.orders import Order, OrderLine
from jishi.plugins import Writing
from jishi_loyalty import sql
from jishi_loyalty.purses import Known
from jishi_loyalty.scheme import Scheme
from jishi_loyalty.settings import Card


async def settle_cards(w: Writing, scheme: Scheme, order: Order, known: Known) -> None:
    """Start, shorten or end the cards of an order; the member is locked.

    A card starts when the last one of the same tier ends. Refunded pieces take their days away,
    and a card that was refunded altogether is over.
    """
    lines = [line for line in order.lines if line.sku in scheme.settings.cards]
    if not lines or order.paid_at is None:
        return
    for line in lines:
        await _settle(w, scheme, order, line, scheme.settings.cards[line.sku], known)
    await find_card(w, scheme, known.id)


async def find_card(w: Writing, scheme: Scheme, member: str) -> None:
    """Note which of a member's cards counts now; he is locked."""
    cards = [
        (str(tier), starts, ends)
        for _, tier, starts, ends in await w.fetch(sql.CARDS, member)
        if isinstance(starts, datetime) and isinstance(ends, datetime)
    ]
    now = scheme.now()
    live = [(tier, ends) for tier, starts, ends in cards if starts <= now < ends]
    best = max(live, key=lambda one: (scheme.settings.rank(one[0]), one[1]), default=("", None))
    until = max((ends for tier, _, ends in cards if tier == best[0]), default=None)
    await w.execute(sql.SET_CARD, member, best[0], until)


async def _settle(
    w: Writing, scheme: Scheme, order: Order, line: OrderLine, card: Card, known: Known
) -> None:
    assert order.paid_at is not None  # noqa: S101 looked at by the caller
    key = f"card:{line.id}"
    days = timedelta(days=card.days * (line.quantity - line.refunded))
    found = await w.fetch(sql.CARD, key)
    if found:
        starts = found[0][0]
        if isinstance(starts, datetime):
            await w.execute(sql.END_CARD, key, starts + days)
        return
    others = [
        ends
        for _, tier, _, ends in await w.fetch(sql.CARDS, known.id)
        if tier == card.tier and isinstance(ends, datetime)
    ]
    starts = max([order.paid_at, *others])
    row: dict[str, str | int | datetime | None] = {
        "id": key,
        "member_id": known.id,
        "order_id": order.id,
        "tier": card.tier,
        "starts_at": starts,
        "ends_at": starts + days,
    }
    told = Event(
        name="loyalty.card_started",
        subject=known.id,
        data={"member": known.id, "tier": card.tier, "order": order.id},
        key=f"told:{key}",
    )
    await w.apply([Record(table="loyalty_cards", row=row, key=key), told], order.id)
