"""What other rules would have earned: the orders of some days, reckoned again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from jishi_loyalty import sql
from jishi_loyalty.earning import Bought, Purchase, earned
from jishi_loyalty.scheme import Scheme
from jishi_loyalty.settings import LoyaltySettings, Multiplier, Rate
from jishi_loyalty.structs import Line

_PAGE = 1_000


class RuleWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules that are thought of; what is left out stays as it is.

    Attributes:
        days: How many days back, 1 to 365.
        points_per_yuan: Points for each yuan.
        rates: Other rates for some goods or channels.
        multipliers: More points at times.
    """

    days: int = 30
    points_per_yuan: int | None = None
    rates: tuple[Rate, ...] | None = None
    multipliers: tuple[Multiplier, ...] | None = None


class RulePreview(msgspec.Struct, frozen=True, kw_only=True):
    """What the orders earned and what they would have earned, in points.

    Attributes:
        orders: How many orders were reckoned.
        now: By the rules as they are; tiers and first purchases left out on both sides.
        then: By the rules that are thought of.
    """

    orders: int
    now: int
    then: int


async def preview_rules(scheme: Scheme, wish: RuleWish) -> RulePreview:
    """Reckon the orders of some days again; nothing is written."""
    since = scheme.now() - timedelta(days=max(1, min(wish.days, 365)))
    plain = msgspec.structs.replace(scheme.settings, first_purchase_points=0)
    thought = {
        name: value
        for name in ("points_per_yuan", "rates", "multipliers")
        if (value := getattr(wish, name)) is not None
    }
    other = msgspec.structs.replace(plain, **thought)
    orders, now, then, last = 0, 0, 0, ""
    while rows := await scheme.desk.fetch(sql.EARNED_SINCE, since, last, _PAGE):
        last = str(rows[-1][3])
        for channel, lines, at, _ in rows:
            assert isinstance(at, datetime)  # noqa: S101 the column's type
            purchase = _purchase(str(channel), str(lines), at)
            now += _points(plain, purchase, scheme)
            then += _points(other, purchase, scheme)
        orders += len(rows)
    return RulePreview(orders=orders, now=now, then=then)


def _points(settings: LoyaltySettings, purchase: Purchase, scheme: Scheme) -> int:
    return sum(earned(settings, purchase, scheme.zone))


def _purchase(channel: str, lines: str, at: datetime) -> Purchase:
    kept: Sequence[Line] = msgspec.json.decode(lines, type=tuple[Line, ...])
    bought = tuple(
        Bought(
            line=line.line,
            sku=line.sku,
            product=line.product,
            category=line.category,
            fen=line.fen,
        )
        for line in kept
    )
    return Purchase(lines=bought, channel=channel, at=at)
