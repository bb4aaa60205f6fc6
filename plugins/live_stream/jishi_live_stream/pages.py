"""What viewers and the merchant see of a session."""

from datetime import datetime
from typing import Literal

import msgspec

from jishi.plugins import Desk
from jishi_live_stream import accounts, sql
from jishi_live_stream.claim_coupon import OwnCoupon, coupons_of
from jishi_live_stream.hold_draws import draws_of
from jishi_live_stream.structs import Draw, PrizePlan, Session


class CardShown(msgspec.Struct, frozen=True, kw_only=True):
    """A product card.

    Attributes:
        sku: The SKU's code.
        price: In the session, in fen; None: the list price.
        left: Pieces at that price; None: any number.
        per_member: How many one member may have; 0: any number.
    """

    sku: str
    price: int | None
    left: int | None
    per_member: int


class SlotShown(msgspec.Struct, frozen=True, kw_only=True):
    """A time in the store, and how many may still come."""

    code: str
    starts_at: datetime
    left: int


class DrawShown(msgspec.Struct, frozen=True, kw_only=True):
    """A draw, as everybody sees it.

    Attributes:
        id: The draw's id.
        kind: ``lottery`` or ``rain``.
        title: What people read.
        state: ``open`` or ``closed``.
        keyword: What has to be written.
        for_whom: Who may take part.
        bags: Bags of one member in a rain.
        top_per_person: How often one person may win the best prize; 0: any number.
        prizes: With quantity and odds (parts per million), the best first.
        left: Of each prize.
        commitment: The hash of the seed.
        beacon_rule: Which public number goes into it; may be empty.
        entries: How many take part.
        closes_at: UTC.
    """

    id: str
    kind: Literal["lottery", "rain"]
    title: str
    state: Literal["open", "closed"]
    keyword: str
    for_whom: Literal["members", "buyers"]
    bags: int
    top_per_person: int
    prizes: tuple[PrizePlan, ...]
    left: tuple[int, ...]
    commitment: str
    beacon_rule: str
    entries: int
    closes_at: datetime


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """What moves while a session is live; sent again and again as server-sent events.

    Attributes:
        state: ``draft``, ``live`` or ``ended``.
        seconds: Until the session ends, by the shop's clock.
        orders: Orders from it that were not cancelled.
        coupons: Coupons left, by code.
        cards: Pieces left at the session's price, by SKU; those without a limit are missing.
        draws: Draws, the oldest first.
    """

    state: Literal["draft", "live", "ended"]
    seconds: int
    orders: int
    coupons: dict[str, int]
    cards: dict[str, int]
    draws: tuple[DrawShown, ...]


class SessionShown(msgspec.Struct, frozen=True, kw_only=True):
    """A session, as viewers see it; count down from ``now``.

    Attributes:
        id: The session's id: the extra ``live_stream.session`` of an order.
        title: Its title.
        platform: Where it is streamed.
        room: The platform's name of the room.
        host: Who speaks.
        state: Where it stands.
        now: The shop's clock, UTC.
        starts_at: UTC.
        ends_at: UTC.
        cards: Products.
        coupons: With the viewer's own.
        draws: Draws.
        store: Where a member day sends its viewers; None without one.
        slots: When.
    """

    id: str
    title: str
    platform: str
    room: str
    host: str
    state: Literal["draft", "live", "ended"]
    now: datetime
    starts_at: datetime
    ends_at: datetime
    cards: tuple[CardShown, ...]
    coupons: tuple[OwnCoupon, ...]
    draws: tuple[DrawShown, ...]
    store: str | None
    slots: tuple[SlotShown, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How a session goes, for the merchant.

    Attributes:
        session: The session; who opened and ended it, and when.
        orders: Orders that were not cancelled.
        revenue: Their totals, in fen.
        coupons: By code: made, claimed.
        draws: Draws.
    """

    session: Session
    orders: int
    revenue: int
    coupons: dict[str, tuple[int, int]]
    draws: tuple[DrawShown, ...]


async def shown(desk: Desk, session: Session, member: str | None) -> SessionShown:
    """A session for one viewer."""
    plan, now = session.plan, desk.now()
    slots = {one.code: accounts.slot(session.id, one.code) for one in plan.slots}
    stands = await desk.balances(slots.values())
    return SessionShown(
        id=session.id,
        title=plan.title,
        platform=plan.platform,
        room=plan.room,
        host=plan.host,
        state="ended" if session.state == "live" and not session.is_live(now) else session.state,
        now=now,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        cards=tuple(await _cards(desk, session)),
        coupons=tuple(await coupons_of(desk, session, member)),
        draws=tuple([await draw_shown(desk, draw) for draw in await draws_of(desk, session.id)]),
        store=plan.store,
        slots=tuple(
            SlotShown(
                code=one.code, starts_at=one.starts_at, left=stands[slots[one.code]].available
            )
            for one in plan.slots
        ),
    )


async def counters(desk: Desk, session: Session) -> Counters:
    """What moves, right now."""
    page = await shown(desk, session, None)
    ((orders, _),) = await desk.fetch(sql.EARNED, session.id)
    left = page.ends_at - page.now
    return Counters(
        state=page.state,
        seconds=max(0, int(left.total_seconds())) if page.state == "live" else 0,
        orders=int(str(orders)),
        coupons={one.code: one.left for one in page.coupons},
        cards={card.sku: card.left for card in page.cards if card.left is not None},
        draws=page.draws,
    )


async def report(desk: Desk, session: Session) -> Report:
    """How a session goes."""
    ((orders, revenue),) = await desk.fetch(sql.EARNED, session.id)
    claims: dict[str, tuple[int, int]] = {}
    for coupon in session.plan.coupons:
        entries = await desk.fetch(
            "SELECT CAST(coalesce(sum(-amount), 0) AS BIGINT) FROM ledger_entries "
            "WHERE account = $1 AND operation = 'debit' AND reason = 'claimed'",
            accounts.coupons(session.id, coupon.code),
        )
        claims[coupon.code] = (coupon.quantity, int(str(entries[0][0])))
    draws = [await draw_shown(desk, draw) for draw in await draws_of(desk, session.id)]
    return Report(
        session=session,
        orders=int(str(orders)),
        revenue=int(str(revenue)),
        coupons=claims,
        draws=tuple(draws),
    )


async def draw_shown(desk: Desk, draw: Draw) -> DrawShown:
    """A draw, as everybody sees it."""
    plan = draw.plan
    named = [accounts.prize(draw.id, place) for place in range(len(plan.prizes))]
    stands = await desk.balances(named)
    return DrawShown(
        id=draw.id,
        kind=plan.kind,
        title=plan.title,
        state=draw.state,
        keyword=plan.keyword,
        for_whom=plan.for_whom,
        bags=plan.bags,
        top_per_person=plan.top_per_person,
        prizes=plan.prizes,
        left=tuple(stands[account].available for account in named),
        commitment=draw.commitment,
        beacon_rule=plan.beacon_rule,
        entries=draw.entries,
        closes_at=plan.closes_at,
    )


async def _cards(desk: Desk, session: Session) -> list[CardShown]:
    named = {
        card.sku: accounts.card(session.id, card.sku) for card in session.plan.cards if card.pieces
    }
    stands = await desk.balances(named.values())
    return [
        CardShown(
            sku=card.sku,
            price=card.price,
            left=stands[named[card.sku]].available if card.pieces else None,
            per_member=card.per_member,
        )
        for card in session.plan.cards
    ]
