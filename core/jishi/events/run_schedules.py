"""Do what comes round, one runner at a time."""

import asyncio
from datetime import timedelta

import msgspec
import structlog

from jishi.db import Transaction, Value
from jishi.events import sql
from jishi.events.handlers import Handlers
from jishi.events.run_jobs import being_stopped, told
from jishi.events.tables import Schedule
from jishi.shop import Shop

SOON = timedelta(minutes=1)
"""After an error, at the latest."""

log = structlog.get_logger("jishi.events")


class Due(msgspec.Struct, frozen=True):
    """A schedule whose turn is ours; the number of runs fences."""

    name: str
    runs: int


async def sign_up(shop: Shop, handlers: Handlers) -> None:
    """Note new schedules; their first turn is now."""
    now = shop.clock.now()
    rows: list[list[Value]] = [[name, now, 0, ""] for name in sorted(handlers.schedules)]

    async def work(tx: Transaction) -> int:
        columns = ("name", "due_at", "runs", "error")
        return await tx.insert(Schedule, columns, rows, on_conflict="ignore")

    await shop.database.atomically(work)


async def claim_schedules(shop: Shop, handlers: Handlers, lease: timedelta) -> list[Due]:
    """Take every turn that is due; should we die, somebody else does after the lease."""
    now = shop.clock.now()

    async def work(tx: Transaction) -> list[Due]:
        names = sorted(handlers.schedules)
        return await tx.fetch_as(Due, sql.CLAIM_SCHEDULES, now + lease, now, names)

    return await shop.database.atomically(work)


async def run_schedule(shop: Shop, handlers: Handlers, due: Due, limit: timedelta) -> None:
    """Do one turn and say when the next one is."""
    interval, call = handlers.schedules[due.name]
    started, error = shop.clock.now(), ""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            await call(shop)
    except asyncio.CancelledError as raised:
        stopped = being_stopped()
        await _settle(shop, due, timedelta(0) if stopped else min(interval, SOON), told(raised))
        if stopped:
            raise
    except Exception as raised:  # noqa: BLE001 whatever it raises ends in the schedule's row
        error = told(raised)
        log.error("schedule_failed", name=due.name, error=error)
        await _settle(shop, due, min(interval, SOON), error)
    else:
        await _settle(shop, due, max(timedelta(0), started + interval - shop.clock.now()), "")


async def _settle(shop: Shop, due: Due, wait: timedelta, error: str) -> None:
    now = shop.clock.now()

    async def work(tx: Transaction) -> int:
        return await tx.execute(sql.SETTLE_SCHEDULE, due.name, due.runs, now + wait, error, now)

    await shop.database.atomically(work)
