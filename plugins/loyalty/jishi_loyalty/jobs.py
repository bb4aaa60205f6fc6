"""What loyalty does by itself, and what it hears."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from jishi.effects import Event
from jishi.events import Happened, JobKind, Listener, Schedule
from jishi.membership import sweep
from jishi.plugins import Writing
from jishi.shop import Shop
from jishi_loyalty import sql
from jishi_loyalty.birthdays import give_birthday_points
from jishi_loyalty.expire_points import expire_points, settle_debts, warn_of_expiry
from jishi_loyalty.grant_points import Grant, grant_points
from jishi_loyalty.mature_points import mature_points
from jishi_loyalty.purses import survivor
from jishi_loyalty.recount_tiers import recount_tiers
from jishi_loyalty.refresh_tier import refresh_tier
from jishi_loyalty.scheme import scheme_of
from jishi_loyalty.settle_order import settle_order


async def hear_order(shop: Shop, happened: Happened) -> None:
    """An order was paid, completed, cancelled or refunded: bring its points in line."""
    await settle_order(scheme_of(shop), happened.subject)


async def hear_merge(shop: Shop, happened: Happened) -> None:
    """Two members became one, or were parted: their tiers are counted anew."""
    scheme = scheme_of(shop)
    for name in ("source", "target"):
        member = happened.data.get(name)
        if isinstance(member, str):
            await refresh_tier(scheme, await survivor(scheme.desk, member))


async def hear_review(shop: Shop, happened: Happened) -> None:
    """A review was published: ``data`` names its ``member``; its subject is the review's id."""
    scheme, member = scheme_of(shop), happened.data.get("member")
    if not scheme.settings.review_points or not isinstance(member, str):
        return
    grant = Grant(
        member=member,
        points=scheme.settings.review_points,
        source="review",
        reason="review",
        actor="schedule",
        key=f"review:{happened.subject}",
    )
    await grant_points(scheme, grant)


async def mature(shop: Shop) -> None:
    """Let points be spent whose time for returns is over."""
    await mature_points(scheme_of(shop))


async def expire(shop: Shop) -> None:
    """End points, pay debts out of what came free, bring after what merges left behind."""
    scheme = scheme_of(shop)
    await expire_points(scheme)
    await settle_debts(scheme)
    for (member,) in await scheme.desk.fetch(sql.LEFT_BEHIND, 200):
        await sweep(shop, str(member))


async def warn(shop: Shop) -> None:
    """Tell members of points that end soon."""
    await warn_of_expiry(scheme_of(shop))


async def recount(shop: Shop) -> None:
    """Look at everybody's tier, and give points for birthdays."""
    scheme = scheme_of(shop)
    await recount_tiers(scheme.desk, scheme.settings)
    await give_birthday_points(scheme)


async def tell_tier(shop: Shop, payload: dict[str, Any]) -> None:
    """Tell of one member's new tier."""
    member, was, tier = (str(payload[name]) for name in ("member", "was", "tier"))

    async def work(w: Writing) -> None:
        data: dict[str, str | int | None] = {
            "member": member,
            "was": was,
            "tier": tier,
            "why": "recount",
        }
        key = f"told:tier:{payload['at']}:{member}"
        told = Event(name="loyalty.tier_changed", subject=member, data=data, key=key)
        await w.apply([told])

    await scheme_of(shop).desk.atomically(work)


POINTS_JOBS: Sequence[Schedule | JobKind | Listener] = (
    Listener(event="order.paid", do=hear_order),
    Listener(event="order.completed", do=hear_order),
    Listener(event="loyalty.order_changed", do=hear_order),
    Listener(event="member.merged", do=hear_merge),
    Listener(event="member.parted", do=hear_merge),
    Listener(event="review.published", do=hear_review),
    Schedule(name="mature", every=timedelta(minutes=10), do=mature),
    Schedule(name="expire", every=timedelta(hours=1), do=expire),
    Schedule(name="warn", every=timedelta(hours=6), do=warn),
    Schedule(name="recount", every=timedelta(hours=6), do=recount),
    JobKind(name="tell_tier", do=tell_tier),
)
