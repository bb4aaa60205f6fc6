"""Orders that nobody has paid yet."""

from datetime import datetime

from jishi.db import Database
from jishi.orders import sql


async def due_to_expire(database: Database, now: datetime, limit: int = 200) -> list[str]:
    """Ids of unpaid orders whose time is over, the longest overdue first."""
    return await database.fetch_as(str, sql.EXPIRED, now, limit)
