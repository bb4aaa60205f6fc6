"""A debt of points that was paid in another way."""

from datetime import datetime
from typing import Annotated

import msgspec

from jishi.effects import Record
from jishi.idempotency import KeyReused
from jishi.plugins import Writing
from jishi_loyalty import sql
from jishi_loyalty.lot_ids import lot_id
from jishi_loyalty.problems import NotEnoughPoints
from jishi_loyalty.purses import close_purse, lock_member, open_purse, survivor
from jishi_loyalty.scheme import Scheme


class WriteOff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points that are owed no more.

    Attributes:
        points: How many.
        reason: For the statement and the audit log.
    """

    points: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


async def write_off(scheme: Scheme, member: str, wish: WriteOff, key: str) -> bool:
    """Strike out a debt, once per key.

    Returns:
        Whether it was new.

    Raises:
        NotEnoughPoints: So much is not owed.
        KeyReused: The key came with another wish before.
    """
    made = lot_id(f"write_off:{member}:{key}")
    member = await survivor(scheme.desk, member)

    async def work(w: Writing) -> bool:
        await lock_member(w, member, scheme.now())
        if known := await w.fetch(sql.GRANT, made):
            if known[0][1:] != (wish.points, wish.reason):
                raise KeyReused(key)
            return False
        purse = await open_purse(w, scheme, member, f"write_off:{made}")
        if wish.points > purse.debt():
            raise NotEnoughPoints(f"{purse.debt()} points are owed, not {wish.points}.")
        purse.write_off(wish.points, wish.reason)
        row: dict[str, str | int | datetime | None] = {
            "id": made,
            "member_id": member,
            "points": wish.points,
            "reason": wish.reason,
            "actor": "write_off",
            "granted_at": scheme.now(),
        }
        record = Record(table="loyalty_grants", row=row, key=f"write_off:{made}")
        await close_purse(w, purse, made, [record])
        return True

    return await scheme.desk.atomically(work)
