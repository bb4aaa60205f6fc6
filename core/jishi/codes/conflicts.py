"""Codes that two SKUs want: a person looks and decides, and is not asked again."""

from datetime import datetime
from typing import Literal

import msgspec

from jishi.codes import sql
from jishi.codes.problems import NoSuchConflict
from jishi.codes.structs import CodeKind, Conflict
from jishi.db import Reads, Transaction
from jishi.shop import Shop


class _Row(msgspec.Struct, frozen=True):
    id: str
    code: str
    issuer: str
    kind: CodeKind
    has: str
    wants: str
    evidence: str
    times: int
    state: Literal["open", "kept", "moved"]
    decided_by: str
    seen_at: datetime


async def conflicts(reader: Reads, *, after: str = "", limit: int = 50) -> list[Conflict]:
    """Those that wait, the oldest first.

    Args:
        reader: Where to read.
        after: Go on after this conflict's id.
        limit: At most so many.
    """
    rows = await reader.fetch_as(_Row, sql.CONFLICTS, after, limit)
    return [Conflict(**msgspec.structs.asdict(row)) for row in rows]


async def decide_conflict(
    shop: Shop, conflict: str, decision: Literal["keep", "move"], actor: str
) -> Conflict:
    """Leave the code where it is, or have it mean the other SKU from now on.

    Raises:
        NoSuchConflict: There is none, or it is decided.
    """
    now = shop.clock.now()

    async def work(tx: Transaction) -> Conflict:
        row = await tx.one_as(_Row, sql.OPEN_CONFLICT, conflict)
        if row is None:
            raise NoSuchConflict
        state: Literal["kept", "moved"] = "kept" if decision == "keep" else "moved"
        if decision == "move":
            await tx.execute(sql.MOVE, row.code, row.issuer, row.wants, actor, now)
        await tx.execute(sql.DECIDE, conflict, state, actor, now)
        fields = msgspec.structs.asdict(row)
        return Conflict(**{**fields, "state": state, "decided_by": actor, "seen_at": now})

    return await shop.database.atomically(work)
