"""Look at everybody's tier again: one pass over members and orders, in batches."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from jishi.db import Value
from jishi.plugins import Desk, Writing
from jishi_loyalty import sql
from jishi_loyalty.lot_ids import lot_id
from jishi_loyalty.recount_tier import (
    Measure,
    Standing,
    after,
    change_row,
    counted,
    qualified,
)
from jishi_loyalty.settings import LoyaltySettings, Tier
from jishi_loyalty.tables import TierChangeTable

_BATCH = 2_000
_SAMPLE = 20


class Looked(msgspec.Struct, frozen=True):
    """A member with what counts for him."""

    id: str
    standing: Standing
    measure: Measure


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Members who would change from one tier to another.

    Attributes:
        was: The tier they have; empty for none.
        tier: The one they would have.
        members: How many.
        sample: Some of their ids.
    """

    was: str
    tier: str
    members: int
    sample: tuple[str, ...]


class TierPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What another ladder would do.

    Attributes:
        members: How many were looked at.
        unchanged: How many would stay where they are.
        changes: Who would not.
    """

    members: int
    unchanged: int
    changes: tuple[Changes, ...]


async def recount_tiers(desk: Desk, settings: LoyaltySettings) -> int:
    """Move everybody whose tier has been reached, or whose time for it is over.

    Returns:
        How many members have another tier now.
    """
    if not settings.tiers:
        return 0
    now, moved, last = desk.now(), 0, ""
    since = now - timedelta(days=settings.tier_window_days)
    while page := await _page(desk, since, last):
        last = page[-1].id
        moved += await _write(desk, settings, page, now)
    return moved


async def preview_tiers(desk: Desk, settings: LoyaltySettings) -> TierPreview:
    """What would change if these settings counted and every tier were looked at now.

    Args:
        desk: Where to read; nothing is written.
        settings: With the ladder that is thought of.
    """
    now, last, members = desk.now(), "", 0
    since = now - timedelta(days=settings.tier_window_days)
    found: Counter[tuple[str, str]] = Counter()
    samples: dict[tuple[str, str], list[str]] = {}
    while page := await _page(desk, since, last):
        last = page[-1].id
        members += len(page)
        for one in page:
            move = (one.standing.tier, qualified(settings, one.measure))
            if move[0] != move[1]:
                found[move] += 1
                sample = samples.setdefault(move, [])
                if len(sample) < _SAMPLE:
                    sample.append(one.id)
    changes = tuple(
        Changes(was=was, tier=tier, members=count, sample=tuple(samples[was, tier]))
        for (was, tier), count in sorted(found.items())
    )
    return TierPreview(members=members, unchanged=members - found.total(), changes=changes)


async def _page(desk: Desk, since: datetime, last: str) -> list[Looked]:
    rows = await desk.fetch(sql.MEASURES, last, since, _BATCH)
    return [_looked(row) for row in rows]


def _looked(row: Sequence[Value]) -> Looked:
    id_, tier, since_at, until_at, fen, orders, points = row
    standing = Standing(str(tier), _moment(since_at), _moment(until_at))
    return Looked(str(id_), standing, Measure(int(str(fen)), int(str(orders)), int(str(points))))


def _moment(value: Value) -> datetime | None:
    return value if isinstance(value, datetime) else None


async def _write(
    desk: Desk, settings: LoyaltySettings, page: Sequence[Looked], now: datetime
) -> int:
    """Write a batch: one statement for each standing that somebody comes to."""
    moves: dict[Standing, list[Looked]] = {}
    for one in page:
        to = after(settings, now, one.standing, qualified(settings, one.measure))
        if to is not None and to != one.standing:
            moves.setdefault(to, []).append(one)
    if not moves:
        return 0
    other = [
        (to, one) for to, group in moves.items() for one in group if to.tier != one.standing.tier
    ]

    async def work(w: Writing) -> None:
        for to, group in moves.items():
            ids = [one.id for one in group]
            await w.execute(sql.SET_TIER, ids, to.tier, to.since_at, to.until_at)
        rows = [_row(settings, to, one, now) for to, one in other]
        await w.insert(TierChangeTable, list(TIER_COLUMNS), rows)
        for to, one in other:
            await w.enqueue(
                "tell_tier",
                {
                    "member": one.id,
                    "was": one.standing.tier,
                    "tier": to.tier,
                    "at": now.isoformat(),
                },
                key=f"tier:{one.id}:{now.isoformat()}",
            )

    await desk.atomically(work)
    return len(other)


TIER_COLUMNS = ("id", "member_id", "was", "tier", "measure", "why", "changed_at")


def _row(settings: LoyaltySettings, to: Standing, one: Looked, now: datetime) -> list[Value]:
    key = lot_id(f"tier:{one.id}:{now.isoformat()}:{one.standing.tier}:{to.tier}")
    why = "reached" if settings.rank(to.tier) > settings.rank(one.standing.tier) else "period"
    measure = counted(settings, one.measure)
    return list(change_row(key, one.id, one.standing.tier, to.tier, measure, why, now).values())


def with_ladder(settings: LoyaltySettings, tiers: Sequence[Tier]) -> LoyaltySettings:
    """The settings with another ladder, for a preview."""
    return msgspec.structs.replace(settings, tiers=tuple(tiers), cards={}, multipliers=())
