"""Lots change hands: members become one or are parted, or one hands his rest to another."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from jishi.effects import Credit, Debit, Effect, Open
from jishi.idempotency import KeyReused
from jishi.membership import Merge
from jishi.plugins import Desk, NotEnough, Writing
from jishi_loyalty.purses import survivor
from jishi_loyalty.value import sql
from jishi_loyalty.value.book import KINDS, find_lot, left_of, lock_holder, used_of
from jishi_loyalty.value.law import of_the_rest
from jishi_loyalty.value.lots import Left
from jishi_loyalty.value.problems import NotToBeHad, ProofNeeded
from jishi_loyalty.value.settings import ValueSettings
from jishi_loyalty.value.top_up import NewLot, effects_of_lot, held_by, must_fit

_MOST = 90
"""Effects of one merge that are stored value's; what is left is swept up after it."""


async def load_moving(desk: Desk, merge: Merge) -> tuple[Left, ...]:
    """The lots that a merge moves; a parting, those that had come with the parted member."""
    left = await left_of(desk, merge.source)
    if merge.kind == "part":
        came = {str(row[0]) for row in await desk.fetch(sql.CAME_WITH, merge.target)}
        left = [one for one in left if one.lot.id in came]
    return tuple(sorted(left, key=lambda one: (not one.total, one.lot.topped_at, one.lot.id)))


def effects_of_moving(merge: Merge, moving: Sequence[Left], at: datetime) -> list[Effect]:
    """The entries and rows of a move; empty lots move too, for money may come back to them."""
    effects: list[Effect] = []
    reason = "merged" if merge.kind == "merge" else "parted"
    for one in moving:
        moved = [*_carried(one, merge, reason)]
        moved.append(held_by(one.lot.id, one.lot.turn + 1, merge.target, reason, at))
        if len(effects) + len(moved) > _MOST:
            break
        effects += moved
    return effects


def _carried(one: Left, merge: Merge, reason: str) -> list[Effect]:
    effects: list[Effect] = []
    there = msgspec.structs.replace(one.lot, holder=merge.target)
    amounts: Mapping[str, int] = {"principal": one.principal, "gift": one.gift}
    for kind in KINDS:
        amount, key = amounts[kind], f"value:{merge.id}:{kind}:{one.lot.id}"
        effects.append(Open(account=there.account(kind), unit="fen", key=f"open:{key}"))
        if amount:
            old, new = one.lot.account(kind), there.account(kind)
            effects.append(Debit(account=old, amount=amount, key=f"from:{key}", reason=reason))
            effects.append(Credit(account=new, amount=amount, key=f"to:{key}", reason=reason))
    return effects


class HandingOver(msgspec.Struct, frozen=True, kw_only=True):
    """The rest of a top-up for somebody else.

    Attributes:
        id: Names it; the same one again is one.
        lot: Which.
        member: Who hands it over.
        to: Who gets it.
    """

    id: str
    lot: str
    member: str
    to: str


async def hand_over(desk: Desk, settings: ValueSettings, wanted: HandingOver) -> Left:
    """Give what is left of a lot to another member, with its history; once per id.

    Raises:
        NotToBeHad: It is not his, nothing is left, or the shop does not allow it.
        ProofNeeded: He has to prove that it is he.
        ValueLimit: The other would have more than he may.
        KeyReused: The id came with another top-up, or for somebody else.
    """
    to = await survivor(desk, wanted.to)
    member = await survivor(desk, wanted.member)
    if settings.transfers == "no" or to == member:
        raise NotToBeHad("This cannot be handed over.")
    if known := await desk.fetch(sql.HANDED_OVER, wanted.id):
        if (str(known[0][0]), await survivor(desk, str(known[0][1]))) != (wanted.lot, to):
            raise KeyReused(wanted.id)
        return await find_lot(desk, wanted.id)
    for _ in range(4):
        left = await find_lot(desk, wanted.lot)
        if left.lot.holder != member or not left.total:
            raise NotToBeHad("There is nothing of yours to hand over.")
        try:
            await desk.atomically(_handing(desk, settings, wanted, left, member, to))
        except NotEnough:
            continue
        return await find_lot(desk, wanted.id)
    raise NotToBeHad("It is being spent right now.", next_step="Try again in a moment.")


def _handing(
    desk: Desk, settings: ValueSettings, wanted: HandingOver, left: Left, member: str, to: str
) -> Callable[[Writing], Awaitable[None]]:
    lot = left.lot

    async def work(w: Writing) -> None:
        now = desk.now()
        if not await w.execute(sql.USE_PROOF, wanted.id, member, now, left.total):
            raise ProofNeeded(
                "Handing over needs the member's proof.",
                next_step="POST /loyalty/value/proofs, then again.",
            )
        await lock_holder(w, to)
        must_fit(await left_of(w, to), left.total, settings)
        used = await used_of(w, left)
        if used.returned:
            used = of_the_rest(lot.paid, lot.gift, left.total)
        new = NewLot(
            id=wanted.id,
            member=to,
            source="transfer",
            reference=lot.id,
            paid=used.paid,
            gift=used.gift,
            principal=left.principal,
            gift_left=left.gift,
            used_before=used.used,
            spend_order=lot.spend_order,
            means="transfer",
            at=now,
        )
        taken: list[Effect] = [
            Debit(
                account=lot.account(kind),
                amount=amount,
                key=f"value:handed:{kind}:{wanted.id}",
                reason="handed_over",
            )
            for kind, amount in zip(KINDS, (left.principal, left.gift), strict=True)
            if amount
        ]
        await w.apply([*taken, *effects_of_lot(new, "handed_over")], owner=wanted.id)

    return work
