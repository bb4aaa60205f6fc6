"""A member's tier: up at once, down at the end of its time with some grace."""

from datetime import datetime, timedelta

import msgspec

from jishi.effects import Event, Record
from jishi.plugins import Writing
from jishi_loyalty import sql
from jishi_loyalty.lot_ids import lot_id
from jishi_loyalty.purses import Known, lock_member
from jishi_loyalty.scheme import Scheme
from jishi_loyalty.settings import LoyaltySettings


class Measure(msgspec.Struct, frozen=True):
    """What counted in the window: fen spent, orders paid, points earned; all without refunds."""

    fen: int = 0
    orders: int = 0
    points: int = 0


class Standing(msgspec.Struct, frozen=True):
    """A tier, since when, and when it is looked at again; UTC."""

    tier: str
    since_at: datetime | None
    until_at: datetime | None


def qualified(settings: LoyaltySettings, measure: Measure) -> str:
    """The highest tier that a measure reaches; empty for none."""
    counted = {"spend": measure.fen, "orders": measure.orders, "points": measure.points}
    reached = [
        tier.code
        for tier in settings.tiers
        if tier.reach is not None and counted[settings.tier_by] >= tier.reach
    ]
    return reached[-1] if reached else ""


def after(
    settings: LoyaltySettings, now: datetime, standing: Standing, tier: str
) -> Standing | None:
    """Where somebody stands who qualifies for a tier now; None when nothing changes.

    Args:
        settings: With the ladder.
        now: UTC.
        standing: Where he stands.
        tier: What he qualifies for.
    """
    keep = timedelta(days=settings.tier_keep_days)
    was, reached = settings.rank(standing.tier), settings.rank(tier)
    if reached > was:
        return Standing(tier, now, now + keep)
    if was < 0:
        return Standing("", None, None) if standing.tier else None
    if standing.until_at is None or now < standing.until_at:
        return None
    if reached == was:
        return Standing(tier, standing.since_at, now + keep)
    if now < standing.until_at + timedelta(days=settings.tier_grace_days):
        return None
    return Standing(tier, now, now + keep if tier else None)


def tier_of(settings: LoyaltySettings, known: Known, at: datetime) -> str:
    """The tier that counts: the one he qualified for or the one he bought, the higher."""
    bought = known.card_tier if known.card_until_at and known.card_until_at > at else ""
    return max((known.tier, bought), key=settings.rank, default="")


async def measure_of(w: Writing, member: str, since: datetime) -> Measure:
    """What counts for a member since a moment, UTC."""
    (row,) = await w.fetch(sql.MEASURE, member, since)
    return Measure(*(int(str(cell)) for cell in row))


async def recount(w: Writing, scheme: Scheme, member: str, why: str) -> None:
    """Look at a member's tier after one of his orders changed; he is locked.

    A refund takes back a tier that would not have been reached without the refunded goods.
    """
    if not scheme.settings.tiers:
        return
    now, settings = scheme.now(), scheme.settings
    known = await lock_member(w, member, now)
    window = timedelta(days=settings.tier_window_days)
    measure = await measure_of(w, member, now - window)
    standing = Standing(known.tier, known.tier_since_at, known.tier_until_at)
    to = after(settings, now, standing, qualified(settings, measure))
    if to is None and why == "refund" and known.tier and known.tier_since_at:
        whole = await measure_of(w, member, known.tier_since_at - window)
        tier = qualified(settings, whole)
        if settings.rank(tier) < settings.rank(known.tier):
            keep = now + timedelta(days=settings.tier_keep_days)
            to = Standing(tier, now if tier else None, keep if tier else None)
    if to is None:
        return
    await w.execute(sql.SET_TIER, [member], to.tier, to.since_at, to.until_at)
    if to.tier != known.tier:
        await _tell(w, scheme, member, known.tier, to.tier, measure, why)


async def _tell(
    w: Writing, scheme: Scheme, member: str, was: str, tier: str, measure: Measure, why: str
) -> None:
    now = scheme.now()
    key = f"tier:{member}:{now.isoformat()}:{was}:{tier}"
    record = Record(
        table="loyalty_tier_changes",
        row=change_row(
            lot_id(key), member, was, tier, counted(scheme.settings, measure), why, now
        ),
        key=key,
    )
    event = Event(
        name="loyalty.tier_changed",
        subject=member,
        data={"member": member, "was": was, "tier": tier, "why": why},
        key=f"told:{key}",
    )
    await w.apply([record, event])


def counted(settings: LoyaltySettings, measure: Measure) -> int:
    """The figure that counts in this shop."""
    return {"spend": measure.fen, "orders": measure.orders, "points": measure.points}[
        settings.tier_by
    ]


def change_row(
    id: str,  # noqa: A002 - the column's name
    member: str,
    was: str,
    tier: str,
    measure: int,
    why: str,
    now: datetime,
) -> dict[str, str | int | datetime | None]:
    """A row of ``loyalty_tier_changes``."""
    return {
        "id": id,
        "member_id": member,
        "was": was,
        "tier": tier,
        "measure": measure,
        "why": why,
        "changed_at": now,
    }
