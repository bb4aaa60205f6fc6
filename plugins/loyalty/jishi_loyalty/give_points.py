"""A member gives another some of his points; they keep their end."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from jishi.effects import Event, Record
from jishi.idempotency import KeyReused
from jishi.plugins import Writing
from jishi_loyalty import sql
from jishi_loyalty.expiry import day_start
from jishi_loyalty.lot_ids import lot_id
from jishi_loyalty.problems import GiftLimit, NoGift
from jishi_loyalty.purse import Purse
from jishi_loyalty.purses import close_purse, lock_member, open_purse, survivor
from jishi_loyalty.scheme import Scheme
from jishi_loyalty.structs import Spent


class Gift(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody wants to give.

    Attributes:
        to: The other member's id, as his own page shows it.
        points: How many.
        note: A word to go with it.
    """

    to: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    points: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    note: Annotated[str, msgspec.Meta(max_length=100)] = ""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A gift that was made.

    Attributes:
        id: The gift's id.
        to: Who got it.
        points: How many.
        replayed: ``yes`` if it had been made before.
    """

    id: str
    to: str
    points: int
    replayed: Literal["yes", "no"] = "no"


async def give_points(scheme: Scheme, giver: str, gift: Gift, key: str) -> Given:
    """Give points to another member, once per key.

    Args:
        scheme: The shop's.
        giver: Who gives.
        gift: What he gives.
        key: His idempotency key.

    Raises:
        NoGift: It is for himself, for nobody, or more than one gift may be.
        GiftLimit: He gave enough for today.
        NotEnoughPoints: He has not so many.
        KeyReused: The key came with another gift before.
    """
    made = lot_id(f"gift:{giver}:{key}")
    giver = await survivor(scheme.desk, giver)

    async def work(w: Writing) -> Given:
        if known := await _made(w, gift, made, key):
            return known
        receiver = await _receiver(w, scheme, giver, gift)
        for member in sorted((giver, receiver)):
            await lock_member(w, member, scheme.now())
        if known := await _made(w, gift, made, key):  # while we waited
            return known
        await _check_day(w, scheme, giver, gift)
        await _move(w, scheme, giver, receiver, gift, made)
        return Given(id=made, to=gift.to, points=gift.points)

    return await scheme.desk.atomically(work)


async def _made(w: Writing, gift: Gift, made: str, key: str) -> Given | None:
    """The gift if it was made before.

    Raises:
        KeyReused: The key came with another gift.
    """
    known = await w.fetch(sql.GIFT, made)
    if not known:
        return None
    to = await survivor(w, gift.to), gift.points, gift.note
    if (await survivor(w, str(known[0][1])), *known[0][2:]) != to:
        raise KeyReused(key)
    return Given(id=made, to=gift.to, points=gift.points, replayed="yes")


async def _receiver(w: Writing, scheme: Scheme, giver: str, gift: Gift) -> str:
    most = scheme.settings.gift_most
    if gift.points > most:
        raise NoGift(
            f"One gift is at most {most} points." if most else "Points are not given here.",
            field="points",
        )
    if not await w.fetch(sql.MEMBER_THERE, gift.to):
        raise NoGift("There is no such member.", field="to")
    rows = await w.fetch(sql.SURVIVOR, gift.to)
    receiver = str(rows[0][0]) if rows else gift.to
    if receiver == giver:
        raise NoGift("Points are given to somebody else.", field="to")
    return receiver


async def _check_day(w: Writing, scheme: Scheme, giver: str, gift: Gift) -> None:
    since = day_start(scheme.now(), scheme.zone)
    (row,) = await w.fetch(sql.GIVEN_SINCE, giver, since)
    gifts, points = int(str(row[0])), int(str(row[1]))
    settings = scheme.settings
    if gifts >= settings.gifts_a_day:
        raise GiftLimit(f"{settings.gifts_a_day} gifts a day are enough.")
    if points + gift.points > settings.gift_points_a_day:
        left = max(0, settings.gift_points_a_day - points)
        raise GiftLimit(f"{left} more points can be given today.", field="points", available=left)


async def _move(
    w: Writing, scheme: Scheme, giver: str, receiver: str, gift: Gift, made: str
) -> None:
    purse = await open_purse(w, scheme, giver, f"gift:{made}")
    taken = purse.burn(gift.points, "given")
    other = await open_purse(w, scheme, receiver, f"given:{made}")
    _put(other, purse, taken, made)
    row: dict[str, str | int | None] = {
        "id": made,
        "giver": giver,
        "receiver": receiver,
        "points": gift.points,
        "note": gift.note,
    }
    record = Record(
        table="loyalty_gifts", row={**row, "given_at": scheme.now()}, key=f"gift:{made}"
    )
    told = Event(
        name="loyalty.points_given",
        subject=made,
        data={"giver": giver, "receiver": receiver, "points": gift.points},
        key=f"told:gift:{made}",
    )
    await close_purse(w, purse, made, [record, told])
    await close_purse(w, other, made)


def _put(other: Purse, purse: Purse, taken: list[Spent], made: str) -> None:
    """One lot for each end, however many lots it came out of."""
    ends: dict[datetime | None, list[Spent]] = {}
    for spent in taken:
        lot = purse.current(spent.lot)
        ends.setdefault(lot.expires_at if lot else None, []).append(spent)
    for end, parts in ends.items():
        points = sum(each.points for each in parts)
        other.open(points, "gift", made, "given", expires_at=end, parent=parts[0].lot)
