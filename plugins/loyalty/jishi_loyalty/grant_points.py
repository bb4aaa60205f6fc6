"""Points that are given or taken by staff, for a review, for a birthday."""

from typing import Literal

import msgspec

from jishi.effects import Event, Record
from jishi.idempotency import KeyReused
from jishi.plugins import Writing
from jishi_loyalty import sql
from jishi_loyalty.expiry import expires_at
from jishi_loyalty.lot_ids import lot_id
from jishi_loyalty.purses import close_purse, lock_member, open_purse, survivor
from jishi_loyalty.scheme import Scheme


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Points for a reason.

    Attributes:
        member: Whose.
        points: How many; below 0 takes.
        source: ``granted``, ``review``, ``birthday``.
        reason: For the member's statement.
        actor: Who gives them: ``staff:<id>``, ``schedule``.
        key: Given once per key.
    """

    member: str
    points: int
    source: str
    reason: str
    actor: str
    key: str


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """A grant that was made.

    Attributes:
        id: The grant's id.
        member: Whose.
        points: How many; below 0 were taken.
        replayed: ``yes`` if it had been made before.
    """

    id: str
    member: str
    points: int
    replayed: Literal["yes", "no"] = "no"


async def grant_points(scheme: Scheme, grant: Grant) -> Granted:
    """Give points that can be spent at once, or take some; once per key.

    Raises:
        NotEnoughPoints: More would be taken than can be spent.
        KeyReused: The key came with another grant before.
    """
    made = lot_id(f"grant:{grant.key}")
    member = await survivor(scheme.desk, grant.member)

    async def work(w: Writing) -> Granted:
        await lock_member(w, member, scheme.now())
        if known := await w.fetch(sql.GRANT, made):
            if known[0][1:] != (grant.points, grant.reason):
                raise KeyReused(grant.key)
            return Granted(id=made, member=grant.member, points=grant.points, replayed="yes")
        await _write(w, scheme, member, grant, made)
        return Granted(id=made, member=grant.member, points=grant.points)

    return await scheme.desk.atomically(work)


async def _write(w: Writing, scheme: Scheme, member: str, grant: Grant, made: str) -> None:
    purse = await open_purse(w, scheme, member, f"grant:{made}")
    if grant.points > 0:
        end = expires_at(scheme.settings, scheme.now(), scheme.zone)
        purse.open(grant.points, grant.source, made, grant.reason, expires_at=end)
    else:
        purse.burn(-grant.points, grant.reason)
    record = Record(
        table="loyalty_grants",
        row={
            "id": made,
            "member_id": member,
            "points": grant.points,
            "reason": grant.reason,
            "actor": grant.actor,
            "granted_at": scheme.now(),
        },
        key=f"grant:{made}",
    )
    told = Event(
        name=f"loyalty.{_NAMES.get(grant.source, 'points_granted')}",
        subject=member,
        data={"member": member, "points": grant.points, "reason": grant.reason},
        key=f"told:grant:{made}",
    )
    await close_purse(w, purse, made, [record, told])


_NAMES = {"birthday": "birthday_gift_given"}
