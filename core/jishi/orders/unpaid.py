"""Orders that nobody has paid yet."""

from datetime import datetime

from jishi.db import Database
from jishi.orders import sql


async def due_to_expire(
    database: Database, now: datetime, job: str, limit: int = 200
) -> list[str]:
    """Ids of unpaid orders whose time is over, the longest overdue first.

    Args:
        database: The shop's.
        now: The shop's time.
        job: How the key of the job that ends an order begins, up to the order's id; who has
            that job is left out, so that orders that wait for a gateway keep nobody waiting.
        limit: Ids at most.
    """
    return await database.fetch_as(str, sql.EXPIRED, now, job, limit)
