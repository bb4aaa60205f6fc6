"""Recount everything: balances from entries, holds from their owners."""

from collections.abc import Awaitable, Callable, Collection, Sequence

from jishi.db import Database
from jishi.ledger import sql
from jishi.ledger.structs import Discrepancy, LiveHold

Owners = Callable[[Sequence[LiveHold]], Awaitable[Collection[str]]]
"""Asked about live holds, gives the keys of those it owns but has no use for any more."""

_PAGE = 1000


async def check(database: Database, owners: Sequence[Owners] = ()) -> list[Discrepancy]:
    """Find what can not be true; may run while the shop sells.

    Args:
        database: The shop's.
        owners: Rooms that make holds. A hold counts as orphaned when any of them says so.

    Returns:
        Nothing when the ledger is right.
    """
    found: list[Discrepancy] = []
    for recount in sql.RECOUNTS:
        found += await database.fetch_as(Discrepancy, recount)
    if owners:
        found += await _orphans(database, owners)
    return found


async def _orphans(database: Database, owners: Sequence[Owners]) -> list[Discrepancy]:
    found: list[Discrepancy] = []
    after = ""
    while page := await database.fetch_as(LiveHold, sql.LIVE_HOLDS, after, _PAGE):
        orphans: set[str] = set()
        for say in owners:
            orphans |= set(await say(page))
        found += [
            Discrepancy("orphan", one.key, 0, one.amount) for one in page if one.key in orphans
        ]
        after = page[-1].key
    return found
