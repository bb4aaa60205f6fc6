"""Points end when their time is over; members hear of it some days before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from jishi.db import Value
from jishi.effects import Event
from jishi.plugins import Writing
from jishi_loyalty import sql
from jishi_loyalty.purses import close_purse, lock_member, open_purse
from jishi_loyalty.scheme import Scheme

_PAGE = 200


async def expire_points(scheme: Scheme) -> int:
    """Let go of all points whose time is over; what unpaid orders hold, when they let go.

    Returns:
        How many points it were.
    """
    done, last = 0, ""
    while rows := await scheme.desk.fetch(sql.OVER, scheme.now(), last, _PAGE):
        last = str(rows[-1][0])
        for lot, member in rows:
            done += await _expire(scheme, str(member), str(lot))
    return done


async def _expire(scheme: Scheme, member: str, lot_id: str) -> int:
    async def work(w: Writing) -> int:
        await lock_member(w, member, scheme.now())
        purse = await open_purse(w, scheme, member, "")
        lot = purse.lots.get(lot_id)
        if lot is None:  # it is empty
            await w.execute(sql.END_LOT, lot_id)
            return 0
        purse.key = f"expire:{lot.id}:{lot.rounds}"
        points = purse.end(lot)
        told = Event(
            name="loyalty.points_expired",
            subject=member,
            data={"member": member, "points": points, "lot": lot.id},
            key=f"told:{purse.key}",
        )
        await close_purse(w, purse, lot.reference, [told] if points else [])
        return points

    return await scheme.desk.atomically(work)


async def warn_of_expiry(scheme: Scheme) -> int:
    """Tell everybody once of each lot that ends within the days of the settings.

    Returns:
        How many members were told.
    """
    told, now = 0, scheme.now()
    until = now + timedelta(days=scheme.settings.warn_days)
    while rows := await scheme.desk.fetch(sql.SOON_OVER, now, until, _PAGE):
        for member, lots in groupby(rows, key=lambda row: str(row[0])):
            await _warn(scheme, member, list(lots), now)
            told += 1
    return told


async def _warn(
    scheme: Scheme, member: str, lots: Sequence[tuple[Value, ...]], now: datetime
) -> None:
    ends = min(end for _, _, end, _ in lots if isinstance(end, datetime))
    ids = sorted(str(lot) for _, lot, _, _ in lots)

    async def work(w: Writing) -> None:
        told = Event(
            name="loyalty.points_expiring",
            subject=member,
            data={
                "member": member,
                "points": sum(int(str(points)) for _, _, _, points in lots),
                "expires_at": ends.isoformat(),
            },
            key=f"warned:{ids[0]}:{len(ids)}:{ends.isoformat()}",
        )
        await w.apply([told])
        await w.execute(sql.WARNED, ids, now)

    await scheme.desk.atomically(work)


async def settle_debts(scheme: Scheme) -> int:
    """Pay what is owed out of points that came free since, for instance by unpaid orders."""
    done, last = 0, ""
    if scheme.settings.shortfall != "negative":
        return 0
    while rows := await scheme.desk.fetch(sql.OWING, last, _PAGE):
        last = str(rows[-1][0])
        for (member,) in rows:
            done += await _settle(scheme, str(member))
    return done


async def _settle(scheme: Scheme, member: str) -> int:
    async def work(w: Writing) -> int:
        await lock_member(w, member, scheme.now())
        purse = await open_purse(w, scheme, member, "")
        before = purse.debt()
        # A debt only shrinks by one key after the other: the same debt is not settled twice.
        purse.key = f"debts:{member}:{scheme.now().isoformat()}:{before}"
        purse.settle_debts()
        await close_purse(w, purse, member)
        return before - purse.debt()

    return await scheme.desk.atomically(work)
