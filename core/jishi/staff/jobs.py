"""What staff have done now and then: forget what is over."""

from datetime import timedelta

from jishi.events import Handlers
from jishi.shop import Shop
from jishi.staff import sql


def register(handlers: Handlers) -> None:
    """Bring the staff's schedule."""
    handlers.every("staff.forget", timedelta(hours=1), forget)


async def forget(shop: Shop) -> None:
    """Remove lockouts and tokens that are over by a day or more; the audit log stays."""
    before = shop.clock.now() - timedelta(days=1)
    for statement in (sql.FORGET_LOCKOUTS, sql.FORGET_SESSIONS):
        async with shop.database.transaction() as tx:
            await tx.execute(statement, before)
