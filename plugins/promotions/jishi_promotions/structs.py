"""What a merchant writes: a rule says for what, for whom, when, how much and how often."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

Fen = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Pieces = Annotated[int, msgspec.Meta(ge=1, le=9999)]
BasisPoints = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Count = Annotated[int, msgspec.Meta(ge=1, le=10**12)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Words = Annotated[tuple[Word, ...], msgspec.Meta(max_length=2000)]
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Day = Annotated[int, msgspec.Meta(ge=1, le=7)]
Measure = Literal["amount", "pieces"]
"""What a threshold counts: fen after the discounts before, or pieces."""


class _Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What comes in as JSON; unknown fields are refused."""


class Selector(_Written, frozen=True, kw_only=True):
    """Which goods. A line is meant when any list names it; no list at all means every line.

    Attributes:
        skus: SKU codes.
        products: Product ids.
        categories: Category ids; what lies below them is meant as well.
        brands: Brands' names.
        collections: Names of the merchant's own collections of products.
        except_skus: SKU codes that are left out.
        except_products: Product ids that are left out.
        except_categories: Category ids that are left out, with what lies below them.
        except_brands: Brands that are left out.
    """

    skus: Words = ()
    products: Words = ()
    categories: Words = ()
    brands: Words = ()
    collections: Words = ()
    except_skus: Words = ()
    except_products: Words = ()
    except_categories: Words = ()
    except_brands: Words = ()


class Step(_Written, frozen=True, kw_only=True):
    """One step of a full reduction: from ``reach`` on, ``off`` fen less."""

    reach: Count
    off: Annotated[int, msgspec.Meta(ge=1, le=10**12)]


class PercentStep(_Written, frozen=True, kw_only=True):
    """One step of a percentage: from ``reach`` on (0: always), ``off`` basis points less."""

    reach: Fen = 0
    off: BasisPoints


class Reduction(_Written, frozen=True, kw_only=True, tag_field="kind", tag="reduction"):
    """Full reduction (满减): the highest step that is reached.

    Attributes:
        steps: The ladder.
        measure: Whether ``reach`` counts fen or pieces.
        repeat: ``yes``: of a single step, once for every time it is reached (每满).
        most: The most that it gives, in fen; None for no end.
    """

    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1, max_length=20)]
    measure: Measure = "amount"
    repeat: Literal["no", "yes"] = "no"
    most: Count | None = None

    def __post_init__(self) -> None:
        if self.repeat == "yes" and len(self.steps) != 1:
            raise ValueError("a reduction that repeats has exactly one step")


class Percent(_Written, frozen=True, kw_only=True, tag_field="kind", tag="percent"):
    """A percentage off, at once or from a threshold on (满 2 件 9 折).

    Attributes:
        steps: The ladder; one step with ``reach`` 0 is a plain percentage.
        measure: Whether ``reach`` counts fen or pieces.
        most: The most that it gives, in fen; None for no end.
    """

    steps: Annotated[tuple[PercentStep, ...], msgspec.Meta(min_length=1, max_length=20)]
    measure: Measure = "pieces"
    most: Count | None = None


class FixedPrice(_Written, frozen=True, kw_only=True, tag_field="kind", tag="fixed_price"):
    """Each piece costs ``price`` fen, where that is less than it costs now."""

    price: Fen


class NthItem(_Written, frozen=True, kw_only=True, tag_field="kind", tag="nth_item"):
    """Every n-th piece costs less (第二件半价), counted from the dearest.

    Attributes:
        nth: Which piece.
        off: Basis points off that piece (5000: half price).
        of: ``targets``: pieces of all the goods together; ``sku``: of each SKU by itself.
        most: The most pieces that get cheaper; None for no end.
    """

    nth: Annotated[int, msgspec.Meta(ge=2, le=100)] = 2
    off: BasisPoints
    of: Literal["targets", "sku"] = "targets"
    most: Pieces | None = None


class BuyGet(_Written, frozen=True, kw_only=True, tag_field="kind", tag="buy_get"):
    """Buy ``buy`` pieces, get ``get`` further ones for less (买二送一).

    Attributes:
        buy: Pieces at their price.
        get: Pieces that get cheaper: the cheapest ones in the basket.
        off: Basis points off each of them (10000: free).
        gets: Which goods those are; None: the same as are bought.
        most: How often at most; None for no end.
    """

    buy: Pieces
    get: Pieces = 1
    off: BasisPoints = 10_000
    gets: Selector | None = None
    most: Pieces | None = None


class Part(_Written, frozen=True, kw_only=True):
    """One part of a bundle: which goods, how many pieces."""

    goods: Selector
    pieces: Pieces = 1


class Bundle(_Written, frozen=True, kw_only=True, tag_field="kind", tag="bundle"):
    """Certain goods together for one price. Of what fits, the dearest pieces are taken.

    Attributes:
        parts: What belongs to one set; a piece counts for one part only.
        price: Of one set, in fen.
        most: Sets at most; None for no end.
    """

    parts: Annotated[tuple[Part, ...], msgspec.Meta(min_length=1, max_length=10)]
    price: Fen
    most: Pieces | None = None


class Gift(_Written, frozen=True, kw_only=True, tag_field="kind", tag="gift"):
    """Who buys enough gets something for nothing, once it lies in the basket too.

    A price hook adds no lines, so the storefront puts the gift in; ``hints`` says which.

    Attributes:
        reach: From how much on, of the goods that are not the gift.
        measure: Whether ``reach`` counts fen or pieces.
        gifts: Which SKUs may be the gift.
        pieces: How many pieces of them are free.
        repeat: ``yes``: once for every time that it is reached.
    """

    reach: Count
    measure: Measure = "amount"
    gifts: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1, max_length=20)]
    pieces: Pieces = 1
    repeat: Literal["no", "yes"] = "no"


class FreeDelivery(_Written, frozen=True, kw_only=True, tag_field="kind", tag="free_delivery"):
    """Delivery for nothing, or for less.

    Attributes:
        reach: From how much on; 0: always.
        measure: Whether ``reach`` counts fen or pieces.
        most: The most that is taken off the delivery, in fen; None: all of it.
    """

    reach: Fen = 0
    measure: Measure = "amount"
    most: Count | None = None


Benefit = Reduction | Percent | FixedPrice | NthItem | BuyGet | Bundle | Gift | FreeDelivery
"""What somebody gets."""


class Hours(_Written, frozen=True, kw_only=True):
    """Hours of the week in the shop's time zone.

    Attributes:
        days: 1 is Monday, 7 Sunday.
        begins: ``HH:MM``, inside.
        ends: ``HH:MM``, outside; before ``begins`` it is on the next day.
    """

    days: Annotated[tuple[Day, ...], msgspec.Meta(min_length=1, max_length=7)]
    begins: Clock = "00:00"
    ends: Clock = "24:00"


class Audience(_Written, frozen=True, kw_only=True):
    """Who, and where. An empty list asks for nothing.

    Attributes:
        who: Everybody, members, or members without an order yet.
        groups: Customer groups, for instance ``loyalty.gold``; one of them is enough.
        channels: Sales channels.
        stores: Stores.
        regions: Where it goes: a province's or a city's name; one of them is enough.
    """

    who: Literal["everybody", "members", "first_order"] = "everybody"
    groups: Words = ()
    channels: Words = ()
    stores: Words = ()
    regions: Words = ()


class Limits(_Written, frozen=True, kw_only=True):
    """How often and how much; each is counted in the ledger. None is no limit.

    Attributes:
        total: Orders in all.
        per_day: Orders a day, in the shop's time zone.
        per_member: Orders of one member; who is not logged in gets nothing then.
        per_member_day: Orders of one member a day.
        budget: Fen given away in all.
    """

    total: Count | None = None
    per_day: Count | None = None
    per_member: Count | None = None
    per_member_day: Count | None = None
    budget: Count | None = None


class Claiming(_Written, frozen=True, kw_only=True):
    """How coupons of a campaign come to people, for ``trigger`` coupon.

    Attributes:
        open_to_all: ``yes``: members claim one by themselves, without a code.
        per_member: How many one member may claim, ever.
        per_member_day: How many one member may claim a day; None for no limit of its own.
        per_device_day: How many one device may claim a day; None for no limit.
        supply: How many may be claimed in all; None for no limit.
        valid_hours: How long a coupon is good after it was claimed; None: as long as the rule.
        from_hours: How long after it was claimed it begins to be good.
        transferable: Whether a member may give it to another.
    """

    open_to_all: Literal["no", "yes"] = "no"
    per_member: Count = 1
    per_member_day: Count | None = None
    per_device_day: Count | None = None
    supply: Count | None = None
    valid_hours: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    from_hours: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0
    transferable: Literal["no", "yes"] = "no"


class Rule(_Written, frozen=True, kw_only=True):
    """One version of a campaign: everything that decides a price.

    Attributes:
        title: What the merchant calls it.
        trigger: ``automatic``: whoever fulfils it; ``coupon``: whoever has a coupon for it.
        benefit: What it gives.
        goods: For which goods.
        audience: For whom.
        starts_at: When it begins, with its zone; None: at once.
        ends_at: When it is over, with its zone; None: never.
        hours: Hours of the week in which it holds; none means always.
        limits: How often and how much.
        claiming: How coupons come to people.
        group: The exclusion group: inside a group no line gets two rules and the best for the
            customer wins; rules of different groups apply one after the other.
        priority: The group with the higher one goes first.
        full_price_only: ``yes``: only lines that nothing made cheaper before.
        returned: When its uses come back: after ``cancel`` (and expiry), after ``refund`` (in
            full) as well, or ``never`` once it was paid.
        reason: The sentence for the shopper; empty: made from the benefit.
    """

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
    trigger: Literal["automatic", "coupon"] = "automatic"
    benefit: Benefit
    goods: Selector = Selector()
    audience: Audience = Audience()
    starts_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    ends_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    hours: Annotated[tuple[Hours, ...], msgspec.Meta(max_length=20)] = ()
    limits: Limits = Limits()
    claiming: Claiming = Claiming()
    group: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] = "main"
    priority: Annotated[int, msgspec.Meta(ge=-1000, le=1000)] = 0
    full_price_only: Literal["no", "yes"] = "no"
    returned: Literal["never", "cancel", "refund"] = "refund"
    reason: Annotated[str, msgspec.Meta(max_length=100)] = ""
