"""What membership does after a commit: tell plugins who joined, forget what is over."""

from datetime import timedelta

from jishi.events import Handlers, Happened
from jishi.hookspecs.membership import member_joined
from jishi.membership import sql
from jishi.membership.members import load_member
from jishi.shop import Shop


def register(handlers: Handlers) -> None:
    """Bring membership's listeners and schedules."""
    handlers.tells("member.joined", member_joined, _joined)
    handlers.every("membership.forget", timedelta(hours=1), forget)


async def forget(shop: Shop) -> None:
    """Remove codes, limits and tokens that are over by a day or more."""
    before = shop.clock.now() - timedelta(days=1)
    for statement in (sql.FORGET_CODES, sql.FORGET_LIMITS, sql.FORGET_SESSIONS):
        async with shop.database.transaction() as tx:
            await tx.execute(statement, before)


async def _joined(shop: Shop, happened: Happened) -> dict[str, object]:
    return {"member": await load_member(shop.database, happened.subject)}
