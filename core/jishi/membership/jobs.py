"""What membership does after a commit: tell plugins who joined, forget what is over."""

from datetime import timedelta
from typing import Any

import msgspec

from jishi.events import Handlers, Happened
from jishi.hookspecs.membership import member_joined, member_merged, member_parted
from jishi.membership import sql
from jishi.membership.at_rest import fill_fingerprints
from jishi.membership.look_for_others import look_for_others
from jishi.membership.members import load_member
from jishi.membership.merge_members import sweep
from jishi.membership.structs import Merge
from jishi.shop import Shop


def register(handlers: Handlers) -> None:
    """Bring membership's listeners and schedules."""
    handlers.tells("member.joined", member_joined, _joined)
    handlers.tells("member.merged", member_merged, _merge)
    handlers.tells("member.parted", member_parted, _merge)
    handlers.job("membership.look", _look)
    handlers.job("membership.sweep", _sweep)
    handlers.every("membership.forget", timedelta(hours=1), forget)
    handlers.every("membership.print", timedelta(hours=1), fill_fingerprints)


async def forget(shop: Shop) -> None:
    """Remove codes, limits and tokens that are over by a day or more."""
    before = shop.clock.now() - timedelta(days=1)
    for statement in (sql.FORGET_CODES, sql.FORGET_LIMITS, sql.FORGET_SESSIONS):
        async with shop.database.transaction() as tx:
            await tx.execute(statement, before)


async def _joined(shop: Shop, happened: Happened) -> dict[str, object]:
    return {"member": await load_member(shop.database, happened.subject)}


async def _merge(shop: Shop, happened: Happened) -> dict[str, object]:
    return {"merge": msgspec.convert(happened.data, Merge)}


async def _look(shop: Shop, payload: dict[str, Any]) -> None:
    await look_for_others(shop, str(payload["member"]))


async def _sweep(shop: Shop, payload: dict[str, Any]) -> None:
    await sweep(shop, str(payload["member"]))
