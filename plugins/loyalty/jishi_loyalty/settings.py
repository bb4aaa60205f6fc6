"""What a merchant writes in ``[plugins.loyalty]``."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

import msgspec

from jishi.config import setting
from jishi_loyalty.value.settings import ValueSettings

Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Rate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[plugins.loyalty.rates]]``: another rate for some goods or channels; the first counts.

    Attributes:
        points_per_yuan: Points for each yuan paid.
        products: Ids of products; empty means all.
        categories: Ids of categories, also of those above a product's own; empty means all.
        channels: Sales channels; empty means all.
    """

    points_per_yuan: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


class Multiplier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[plugins.loyalty.multipliers]]``: more points at times; the highest that applies counts.

    Attributes:
        name: For the statement.
        percent: 200 doubles.
        weekdays: In the shop's time zone; empty means all.
        first_day: The first day on which it counts; None: always did.
        last_day: The last day; None: for ever.
        categories: Only for goods of these; empty means all.
        channels: Only in these; empty means all.
        tiers: Only for members of these; empty means everybody.
    """

    name: str
    percent: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    weekdays: tuple[Weekday, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()


class Reward(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[plugins.loyalty.rewards]]``: something that points buy.

    Attributes:
        code: Names it.
        title: For members.
        points: What it costs.
        coupon: The coupon that the event ``loyalty.reward_taken`` names; empty for goods.
        sku: The SKU of which one piece goes into the cart and costs points; empty for coupons.
        per_member: How often one member may take a coupon; 0 is no limit.
    """

    code: Code
    title: str
    points: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    coupon: str = ""
    sku: str = ""
    per_member: Annotated[int, msgspec.Meta(ge=0)] = 0

    def __post_init__(self) -> None:
        if bool(self.coupon) == bool(self.sku):
            raise ValueError(f"the reward {self.code!r} names a coupon or a sku, and one of them")


class Tier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[plugins.loyalty.tiers]]``: a rank and what it brings; written from the lowest up.

    Attributes:
        code: Names it.
        title: For members.
        reach: What it takes, in what ``tier_by`` counts: fen, orders or points. None: it can only
            be bought, with a card.
        percent_off: Off every price, in percent.
        price_list: A price list of the catalogue whose prices its members get; empty for none.
        points_percent: 200 doubles the points.
        free_delivery_from: Delivery costs nothing from so many fen of goods on; None: never.
        birthday_points: Given on the birthday.
    """

    code: Code
    title: str
    reach: Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None = None
    percent_off: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    price_list: str = ""
    points_percent: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 100
    free_delivery_from: Annotated[int, msgspec.Meta(ge=0)] | None = None
    birthday_points: Annotated[int, msgspec.Meta(ge=0, le=10**6)] = 0


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.loyalty.cards.<sku>]``: a SKU that makes its buyer a member of a tier.

    Attributes:
        tier: Which.
        days: For how long, for each piece.
    """

    tier: Code
    days: Annotated[int, msgspec.Meta(ge=1, le=3660)]


class LoyaltySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.loyalty]``: what is earned, how long it lasts, what it buys, who ranks where."""

    points_per_yuan: Annotated[
        int, setting(help="Points for each yuan paid for goods.", unit="points", ge=0, le=10_000)
    ] = 1
    rates: Annotated[
        tuple[Rate, ...], setting(help="Other rates for some goods or channels; the first counts.")
    ] = ()
    multipliers: Annotated[
        tuple[Multiplier, ...],
        setting(
            help="More points on days, for categories, channels or tiers; the highest counts."
        ),
    ] = ()
    first_purchase_points: Annotated[
        int,
        setting(help="Given once more with the first purchase.", unit="points", ge=0, le=10**6),
    ] = 0
    review_points: Annotated[
        int, setting(help="Given for each published review.", unit="points", ge=0, le=10**6)
    ] = 0
    pending_days: Annotated[
        int,
        setting(
            help="How long after an order's completion its points wait; the time for returns.",
            unit="days",
            ge=0,
            le=365,
        ),
    ] = 7
    expiry: Annotated[
        Literal["never", "fixed", "rolling", "end_of_next_year"],
        setting(help="When points end: never, on expiry_day, after expiry_months, or next year."),
    ] = "end_of_next_year"
    expiry_months: Annotated[
        int, setting(help="How long rolling points last.", unit="months", ge=1, le=120)
    ] = 12
    expiry_day: Annotated[
        date | None, setting(help="The last day of points that end on a fixed day.")
    ] = None
    warn_days: Annotated[
        int, setting(help="So long before they end, members are told.", unit="days", ge=0, le=365)
    ] = 30
    returned_grace_days: Annotated[
        int,
        setting(
            help="Spent points that come back after their end last so long; 0: they end at once.",
            unit="days",
            ge=0,
            le=365,
        ),
    ] = 0
    points_for_yuan: Annotated[
        int, setting(help="So many points pay one yuan.", unit="points", ge=1, le=100_000)
    ] = 10
    most_share: Annotated[
        int,
        setting(help="The most of the goods that points may pay.", unit="percent", ge=0, le=100),
    ] = 100
    shortfall: Annotated[
        Literal["negative", "next_earnings", "from_refund"],
        setting(
            help="When points of returned goods are spent: the balance goes below zero, the next "
            "earnings pay, or staff keep their worth from the refund."
        ),
    ] = "negative"
    gift_most: Annotated[
        int, setting(help="The most of one gift; 0: no gifts.", unit="points", ge=0, le=10**9)
    ] = 1_000
    gifts_a_day: Annotated[
        int, setting(help="Gifts that a member may make a day.", unit="gifts", ge=0, le=1_000)
    ] = 5
    gift_points_a_day: Annotated[
        int, setting(help="Points that a member may give a day.", unit="points", ge=0, le=10**9)
    ] = 2_000
    rewards: Annotated[
        tuple[Reward, ...], setting(help="What points buy: coupons, and goods in the cart.")
    ] = ()
    tiers: Annotated[tuple[Tier, ...], setting(help="Ranks from the lowest up.")] = ()
    tier_by: Annotated[
        Literal["spend", "orders", "points"],
        setting(help="What counts for a rank: fen spent, paid orders, or points earned."),
    ] = "spend"
    tier_window_days: Annotated[
        int, setting(help="How far back it counts.", unit="days", ge=1, le=3660)
    ] = 365
    tier_keep_days: Annotated[
        int, setting(help="How long a rank is kept before it is looked at.", unit="days", ge=1)
    ] = 365
    tier_grace_days: Annotated[
        int, setting(help="How long a rank that is not earned any more lasts.", unit="days", ge=0)
    ] = 30
    cards: Annotated[
        dict[str, Card], setting(help="SKUs that make their buyer a member of a tier.")
    ] = {}
    auto_membership: Annotated[
        Literal["yes", "no"],
        setting(help="Whether a guest with a phone joins with the first paid order: yes or no."),
    ] = "yes"

    value: Annotated[
        ValueSettings, setting(help="Stored value; see docs/value.md.", console="no")
    ] = ValueSettings()

    def __post_init__(self) -> None:
        _unique("tiers", [tier.code for tier in self.tiers])
        _unique("rewards", [reward.code for reward in self.rewards])
        reaches = [tier.reach for tier in self.tiers if tier.reach is not None]
        if reaches != sorted(reaches):
            raise ValueError("tiers: write them from the lowest reach up")
        known = {tier.code for tier in self.tiers}
        named = [*(card.tier for card in self.cards.values())]
        named += [tier for each in self.multipliers for tier in each.tiers]
        if strangers := sorted(set(named) - known):
            raise ValueError(
                f"there is no tier {strangers[0]!r}; tiers: {sorted(known) or 'none'}"
            )
        if self.expiry == "fixed" and self.expiry_day is None:
            raise ValueError('expiry = "fixed" needs expiry_day = 2027-12-31')

    def tier(self, code: str) -> Tier | None:
        """The tier of that code, if there is one."""
        return next((tier for tier in self.tiers if tier.code == code), None)

    def goods(self, skus: Sequence[str], nets: Sequence[int]) -> tuple[int, ...]:
        """What lines cost, in fen, with 0 for top-ups: money is no goods, and earns nothing."""
        return tuple(
            0 if self.value.plan(sku) else net for sku, net in zip(skus, nets, strict=True)
        )

    def rank(self, code: str) -> int:
        """How high a tier stands; -1 for none and for one that is gone."""
        return next((at for at, tier in enumerate(self.tiers) if tier.code == code), -1)


def _unique(what: str, codes: list[str]) -> None:
    if doubled := sorted({code for code in codes if codes.count(code) > 1}):
        raise ValueError(f"{what}: {doubled[0]!r} stands there twice")
