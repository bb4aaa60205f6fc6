"""What flows through live streams."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from jishi_live_stream.draws import MILLION, Kind, Prize

SessionState = Literal["draft", "live", "ended"]
Fen = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Many = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Word = Annotated[str, msgspec.Meta(pattern=r"^[\w.\-]{1,64}\Z")]


class CardPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product card of a session.

    Attributes:
        sku: The SKU's code.
        price: Of one piece while the session is live, in fen; None shows the list price.
        pieces: How many are sold at that price; 0: any number.
        per_member: How many one member may have at that price; 0: any number.
    """

    sku: Word
    price: Fen | None = None
    pieces: Many = 0
    per_member: Many = 0


class CouponPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coupon that exists only in the session.

    Attributes:
        code: Names it in the session.
        title: What people read.
        off: Fen off the whole order.
        percent: Or so many percent off.
        over: From which total on, in fen.
        quantity: How many there are.
        per_member: How many one member may claim.
    """

    code: Word
    title: Title
    off: Fen = 0
    percent: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    over: Fen = 0
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    per_member: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1


class SlotPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time at which viewers may come to the store.

    Attributes:
        code: Names it in the session.
        starts_at: When, with its zone.
        people: How many.
    """

    code: Word
    starts_at: datetime
    people: Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A session as a merchant writes it down.

    Attributes:
        title: What people read.
        channel: The sales channel that it belongs to.
        platform: Where it is streamed: ``channels`` (WeChat Channels), ``room`` (this shop's own
            page), any other's name.
        room: The platform's own name of the room; may be empty.
        host: Who speaks; orders are attributed to him.
        starts_at: When it is announced for, with its zone.
        ends_at: When it ends by itself.
        cards: Products, in order.
        coupons: Coupons of the session.
        store: The store of a member day, where viewers are sent; None without one.
        slots: When they may come.
    """

    title: Title
    channel: Word = "web"
    platform: Word = "room"
    room: Annotated[str, msgspec.Meta(max_length=100)] = ""
    host: Annotated[str, msgspec.Meta(max_length=60)] = ""
    starts_at: datetime
    ends_at: datetime
    cards: Annotated[tuple[CardPlan, ...], msgspec.Meta(max_length=500)] = ()
    coupons: Annotated[tuple[CouponPlan, ...], msgspec.Meta(max_length=50)] = ()
    store: Word | None = None
    slots: Annotated[tuple[SlotPlan, ...], msgspec.Meta(max_length=200)] = ()


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session.

    Attributes:
        id: Its id.
        plan: What it promises; fixed once it is live.
        state: Where it stands.
        created_by: Who wrote it down.
        opened_by: Who went live.
        opened_at: UTC.
        ended_by: Who ended it.
        ended_at: UTC.
        ended_because: In that person's words.
    """

    id: str
    plan: Plan
    state: SessionState
    created_by: str
    opened_by: str = ""
    opened_at: datetime | None = None
    ended_by: str = ""
    ended_at: datetime | None = None
    ended_because: str = ""

    def is_live(self, now: datetime) -> bool:
        """Whether its prices hold at a moment."""
        return self.state == "live" and now < self.plan.ends_at

    def card(self, sku: str) -> CardPlan | None:
        """The SKU's card."""
        return next((card for card in self.plan.cards if card.sku == sku), None)

    def coupon(self, code: str) -> CouponPlan | None:
        """One of its coupons."""
        return next((coupon for coupon in self.plan.coupons if coupon.code == code), None)


class PrizePlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A prize as a merchant writes it down; see `jishi_live_stream.draws.Prize`."""

    title: Title
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10**7)]
    odds: Annotated[int, msgspec.Meta(ge=0, le=MILLION)] = 0
    gives: Literal["thing", "coupon", "voucher"] = "thing"
    coupon: Annotated[str, msgspec.Meta(max_length=64)] = ""

    def prize(self) -> Prize:
        """The same, as it is drawn."""
        return Prize(**msgspec.structs.asdict(self))


class DrawPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draw as a merchant writes it down.

    Attributes:
        kind: ``lottery``: one draw among all who wrote the keyword; ``rain``: bags that are
            decided when they are opened, by published odds.
        title: What people read.
        prizes: The best first.
        keyword: What has to be written to take part; empty: anything.
        for_whom: ``members``, or ``buyers`` of this session.
        bags: How many bags one member may open in a rain.
        top_per_person: How often one member may win the best prize; 0: any number.
        beacon_rule: Where a public number comes from that goes into a lottery; may be empty.
        closes_at: When nobody can take part any more, with its zone.
    """

    kind: Kind
    title: Title
    prizes: Annotated[tuple[PrizePlan, ...], msgspec.Meta(min_length=1, max_length=20)]
    keyword: Annotated[str, msgspec.Meta(max_length=50)] = ""
    for_whom: Literal["members", "buyers"] = "members"
    bags: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    top_per_person: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 1
    beacon_rule: Annotated[str, msgspec.Meta(max_length=200)] = ""
    closes_at: datetime


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """A draw.

    Attributes:
        id: Its id.
        session: Its session's id.
        plan: What was promised before the first entry.
        state: ``open`` takes entries; ``closed`` has its winners.
        commitment: The hash of the seed, published from the beginning.
        beacon: The public number; empty before it is known, or without one.
        digest: Of all entries; empty while it is open.
        entries: How many there are.
        opened_by: Who opened it.
        opened_at: UTC.
        closed_at: UTC; None while it is open.
        claim_until: When prizes go back that nobody claimed, UTC.
    """

    id: str
    session: str
    plan: DrawPlan
    state: Literal["open", "closed"]
    commitment: str
    beacon: str
    digest: str
    entries: int
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None = None
    claim_until: datetime | None = None


class Win(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was won.

    Attributes:
        draw: The draw's id.
        number: The entry's.
        member: Whose.
        prize: Its place among the prizes, from 0.
        title: The prize's.
        state: ``won``, ``claimed``, or ``returned`` to the shop.
        claim_until: UTC; None until the draw is closed.
    """

    draw: str
    number: int
    member: str
    prize: int
    title: str
    state: Literal["won", "claimed", "returned"]
    claim_until: datetime | None
