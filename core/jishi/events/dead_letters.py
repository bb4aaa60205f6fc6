"""Jobs that were given up: look at them, give them another chance; and how far behind we are."""

from jishi.db import Database, Transaction
from jishi.events import sql
from jishi.events.line_up import line_up
from jishi.events.structs import Backlog, DeadJob
from jishi.problems import NotFound
from jishi.shop import Shop


class NoDeadJob(NotFound):
    """No job of this id is dead."""

    code = "dead_job_not_found"
    title = "There is no such dead job"


async def dead_jobs(
    reader: Database | Transaction, *, after: str = "", limit: int = 50
) -> list[DeadJob]:
    """Jobs that were given up, the oldest first, after a job's id."""
    return await reader.fetch_as(DeadJob, sql.DEAD, after, limit)


async def replay(tx: Transaction, shop: Shop, job: str) -> None:
    """Try a dead job again, from the first try on.

    Raises:
        NoDeadJob: It is not dead, or not there.
    """
    if not await tx.execute(sql.REPLAY, job, shop.clock.now()):
        raise NoDeadJob(next_step="GET /admin/events/dead lists those that are.")
    await line_up(tx, shop, [job])
    tx.after_commit(shop.work_waiting.set)


async def backlog(shop: Shop) -> Backlog:
    """How far behind the runners are."""
    (found,) = await shop.database.fetch_as(Backlog, sql.BACKLOG, shop.clock.now())
    return found
