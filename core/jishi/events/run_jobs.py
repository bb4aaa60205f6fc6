"""Take a job under a lease, do it, settle it: done, once more later, or dead."""

import asyncio
import random
import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from jishi.db import Transaction, Value
from jishi.events import sql
from jishi.events.handlers import Handlers
from jishi.shop import Shop

MOST_TRIES = 10
FIRST_PAUSE = timedelta(seconds=8)
"""Trebled after each try: the tenth comes about a day after the first."""

log = structlog.get_logger("jishi.events")


class Leased(msgspec.Struct, frozen=True):
    """A job that is ours until its lease is over."""

    id: str
    key: str
    kind: str
    payload: str
    attempt: int
    tries: int


async def claim(
    shop: Shop, worker: str, lease: timedelta, busy: Collection[str], limit: int
) -> list[Leased]:
    """Lease due jobs, among them those whose worker did not come back in time.

    Args:
        shop: The shop.
        worker: Who asks; for people who look at the table.
        lease: For how long.
        busy: Kinds to leave alone.
        limit: At most so many.
    """
    now = shop.clock.now()

    async def work(tx: Transaction) -> list[Leased]:
        until = now + lease
        return await tx.fetch_as(Leased, sql.CLAIM, now, sorted(busy), limit, until, worker)

    return await shop.database.atomically(work)


async def claim_left(
    shop: Shop, worker: str, lease: timedelta, kinds: Collection[str], limit: int
) -> list[Leased]:
    """Lease what a queue does not hand out: kinds it does not know, leases that ran out."""
    now = shop.clock.now()

    async def work(tx: Transaction) -> list[Leased]:
        return await tx.fetch_as(
            Leased, sql.CLAIM_BESIDE_QUEUE, now, sorted(kinds), limit, now + lease, worker
        )

    return await shop.database.atomically(work)


async def claim_one(shop: Shop, worker: str, lease: timedelta, job: str) -> Leased | timedelta:
    """Lease the job that a queue handed out.

    Returns:
        The job; or, if it is not ours, how long to wait before asking again: not at all when
        it is over.
    """
    now = shop.clock.now()

    async def work(tx: Transaction) -> Leased | timedelta:
        claimed = await tx.fetch_as(Leased, sql.CLAIM_ONE, job, now, now + lease, worker)
        if claimed:
            return claimed[0]
        waits = await tx.fetch_as(datetime, sql.WHEN, job)
        return max(waits[0] - now, timedelta(milliseconds=50)) if waits else timedelta(0)

    return await shop.database.atomically(work)


async def run_job(
    shop: Shop, handlers: Handlers, job: Leased, limit: timedelta
) -> timedelta | None:
    """Do a job and settle it. Cancelled, it gives the job back untried.

    Returns:
        How long until it is to be tried again; None when it is done or dead.
    """
    if job.tries > MOST_TRIES:
        return await _fail(shop, job, "the process went down each time this was tried")
    try:
        payload: dict[str, Any] = msgspec.json.decode(job.payload)
        async with asyncio.timeout(limit.total_seconds()):
            await handlers.do(shop, job.kind, payload)
    except asyncio.CancelledError as error:
        if not being_stopped():
            return await _fail(shop, job, told(error))
        await _settle(shop, job, "waiting", shop.clock.now(), "the shop was stopped", untried=1)
        raise
    except TimeoutError as error:
        return await _fail(shop, job, told(error) if str(error) else f"took longer than {limit}")
    except Exception as error:  # noqa: BLE001 whatever a handler raises ends in the job's row
        return await _fail(shop, job, told(error))
    await _settle(shop, job, "done", None, "")
    return None


async def _fail(shop: Shop, job: Leased, error: str) -> timedelta | None:
    if job.tries >= MOST_TRIES:
        log.error("job_dead", kind=job.kind, key=job.key, tries=job.tries, error=error)
        await _settle(shop, job, "dead", None, error)
        return None
    log.warning("job_failed", kind=job.kind, key=job.key, tries=job.tries, error=error)
    wait = pause(job.tries)
    await _settle(shop, job, "waiting", shop.clock.now() + wait, error)
    return wait


async def _settle(
    shop: Shop, job: Leased, state: str, due_at: datetime | None, error: str, untried: int = 0
) -> None:
    now = shop.clock.now()
    ended_at = None if state == "waiting" else now
    values: list[Value] = [job.id, job.attempt, state, due_at or now, error, ended_at, untried]

    async def work(tx: Transaction) -> int:
        return await tx.execute(sql.SETTLE, *values)

    if not await shop.database.atomically(work):
        log.warning("job_lease_lost", kind=job.kind, key=job.key, attempt=job.attempt)


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries, up to a fifth more or less so that jobs spread."""
    times: float = 3 ** (tries - 1) * random.uniform(0.8, 1.2)  # noqa: S311 nothing secret
    return FIRST_PAUSE * times


def being_stopped() -> bool:
    """Whether it is us who are cancelled, not something that the handler waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


_SECRETS = re.compile(
    r"(?i)(bearer\s+|//[^/\s:@]*:|authorization[\"']?\s*[:=]\s*[\"']?(?:[\w-]+\s+)?"
    r"|(?:\w*(?:secret|token|password|passwd|api_?key|signature|cookie)\w*)[\"']?\s*[:=]\s*[\"']?)"
    r"[^\s\"',;&@]+"
)


def told(error: BaseException) -> str:
    """An error's name and words, without what looks like a secret, at most 500 letters."""
    text = f"{type(error).__name__}: {error}"
    return _SECRETS.sub(r"\1***", text).replace("\0", "")[:500]
