"""What happened since I last looked: for caches that every process must drop."""

from typing import cast

import msgspec

from jishi.db import Database
from jishi.events import sql
from jishi.events.spread_events import happened
from jishi.events.structs import Happened


class Position(msgspec.Struct, frozen=True):
    """How far a reader has come; keep it, do not look inside.

    Attributes:
        place: Everything with a smaller place was read, and nothing more can appear there.
        seen: What was read beyond.
    """

    place: int
    seen: frozenset[str] = frozenset()


class Feed:
    """Reads facts in the order of their commits; each reader gets each of them once.

    Numbers are given when a row is written, not when it is committed, so a reader that only
    remembers the last number misses rows of slow transactions. On PostgreSQL a fact's place is
    its transaction's number, and below the oldest transaction still running nothing can appear
    any more: a position is that number plus the ids that were read beyond it. A slow transaction
    delays nobody. On SQLite there is one writer, so places grow with commits.

    Positions live in memory and mean nothing in another database or after a restore.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, position: Position | None) -> tuple[Position, list[Happened]]:
        """What was committed since a position.

        Args:
            position: From the call before; None starts here and now, with nothing.

        Returns:
            The position for the next call, and the facts: in the order of their transactions,
            within one in the order in which they were told.
        """
        # Asked first: what ends between the two statements is read twice, not lost.
        ((finished,),) = await self._database.fetch(sql.FINISHED[self._database.dialect])
        place = cast("int", finished)
        after = position or Position(place)
        rows = await self._database.fetch(sql.FEED, after.place)
        beyond = frozenset(str(row[1]) for row in rows if cast("int", row[0]) >= place)
        if position is None:
            return Position(place, beyond), []
        new = [happened(row[1:]) for row in rows if row[1] not in position.seen]
        return Position(place, beyond), new
