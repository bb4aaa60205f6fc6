"""How many points a purchase earns: pure, whole points, shared out over the lines exactly."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from jishi.money import allocate
from jishi_loyalty.settings import LoyaltySettings, Multiplier

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a paid order, as far as points ask.

    Attributes:
        line: The line's id.
        sku: The SKU's code.
        product: The product's id.
        category: Ids of categories, from the root down.
        fen: What was paid for the line, in fen.
    """

    line: str
    sku: str
    product: str
    category: tuple[str, ...] = ()
    fen: int


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """A paid order, as far as points ask.

    Attributes:
        lines: What was bought.
        channel: The sales channel.
        at: When it was paid, UTC.
        tier: The buyer's tier at that moment; empty for none.
        first: Whether it is the buyer's first.
    """

    lines: tuple[Bought, ...]
    channel: str
    at: datetime
    tier: str = ""
    first: bool = False


def earned(settings: LoyaltySettings, purchase: Purchase, zone: ZoneInfo) -> tuple[int, ...]:
    """The points that each line earns.

    The sum over all lines is rounded down once, and then shared out by largest remainder.

    Args:
        settings: With rates and multipliers.
        purchase: What was bought.
        zone: Where the shop's days begin.
    """
    worth = [_worth(settings, purchase, line, zone) for line in purchase.lines]
    # fen * points per yuan * percent * percent
    points = list(allocate(sum(worth) // (100 * 100 * 100), worth)) if worth else []
    if purchase.first and settings.first_purchase_points and points:
        extra = allocate(settings.first_purchase_points, [line.fen for line in purchase.lines])
        points = [one + more for one, more in zip(points, extra, strict=True)]
    return tuple(points)


def _worth(settings: LoyaltySettings, purchase: Purchase, line: Bought, zone: ZoneInfo) -> int:
    tier = settings.tier(purchase.tier)
    rate = _rate(settings, purchase, line)
    times = max(
        (
            each.percent
            for each in settings.multipliers
            if _applies(each, purchase, line.category, zone)
        ),
        default=100,
    )
    return line.fen * rate * times * (tier.points_percent if tier else 100)


def _rate(settings: LoyaltySettings, purchase: Purchase, line: Bought) -> int:
    for rate in settings.rates:
        if (
            _among(rate.products, (line.product,))
            and _among(rate.categories, line.category)
            and _among(rate.channels, (purchase.channel,))
        ):
            return rate.points_per_yuan
    return settings.points_per_yuan


def _applies(
    each: Multiplier, purchase: Purchase, category: Sequence[str], zone: ZoneInfo
) -> bool:
    day = purchase.at.astimezone(zone).date()
    return (
        (each.first_day is None or each.first_day <= day)
        and (each.last_day is None or day <= each.last_day)
        and _among(each.weekdays, (_WEEKDAYS[day.weekday()],))
        and _among(each.categories, category)
        and _among(each.channels, (purchase.channel,))
        and _among(each.tiers, (purchase.tier,))
    )


def _among(wanted: Sequence[str], found: Sequence[str]) -> bool:
    return not wanted or any(each in wanted for each in found)
