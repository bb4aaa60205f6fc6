"""Tell pgqueuer of jobs, in the transaction that writes them down.

What is to be done stands in ``events_jobs``, whoever hands it out; the queue knows the id, the
kind and when. So keys, dead letters and the backlog are the same for both runners, and a build may
change between them at any time: what the queue does not know is lined up by `refill`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from jishi.db import Transaction
from jishi.events import sql
from jishi.events.settings import runner_of
from jishi.shop import Shop

GRACE = timedelta(minutes=1)
"""How late a job must be before somebody asks whether the queue knows it."""


async def line_up(tx: Transaction, shop: Shop, jobs: Sequence[str]) -> None:
    """Hand jobs that were just written to the queue, if this build has one.

    Args:
        tx: The transaction that wrote them.
        shop: The shop.
        jobs: Their ids; those that are not there, for their keys were known, are left out.
    """
    if jobs and runner_of(shop) == "pgqueuer":
        await tx.execute(sql.LINE_UP, list(jobs), shop.clock.now())


async def refill(shop: Shop, before: datetime) -> None:
    """Line up what was due before a moment and is not in the queue, or only for later."""

    async def work(tx: Transaction) -> None:
        await tx.execute(sql.BRING_FORWARD, before)
        lost = await tx.fetch_as(str, sql.NOT_LINED_UP, before)
        await tx.execute(sql.LINE_UP, lost, shop.clock.now())

    await shop.database.atomically(work)
