"""What events have done by themselves."""

from datetime import timedelta

from jishi.db import Transaction
from jishi.events import sql
from jishi.events.handlers import Handlers
from jishi.shop import Shop

KEPT = timedelta(days=7)
"""How long told facts and finished jobs stay; so long their keys keep repeats out."""


def register(handlers: Handlers) -> None:
    """Sign up what comes round."""
    handlers.every("events.tidy", timedelta(hours=1), tidy)


async def tidy(shop: Shop) -> None:
    """Forget what was done long ago. Dead jobs and the inbox stay."""
    before = shop.clock.now() - KEPT

    async def work(tx: Transaction) -> None:
        for statement in sql.TIDY:
            await tx.execute(statement, before)

    await shop.database.atomically(work)
