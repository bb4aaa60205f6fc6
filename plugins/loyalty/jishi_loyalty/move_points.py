"""Two members become one, or are parted: lots move by entries, with their end and their root."""

from collections.abc import Mapping, Sequence

import msgspec

from jishi.effects import Credit, Debit, Effect, Open, Record
from jishi.membership import Merge
from jishi.plugins import Desk
from jishi_loyalty import accounts, sql
from jishi_loyalty.lot_ids import lot_id
from jishi_loyalty.purse import burning_order, record_of
from jishi_loyalty.purses import lot_of
from jishi_loyalty.structs import Lot

_MOST = 190
"""Effects of one merge; what is left is swept up after it."""


class Movable(msgspec.Struct, frozen=True):
    """What can move: the lots that give, and those that are there already.

    Attributes:
        giving: The giver's lots.
        there: The receiver's live lots of the same roots: ids by root, state and end.
    """

    giving: tuple[Lot, ...]
    there: Mapping[tuple[object, ...], str]


async def load_movable(desk: Desk, merge: Merge) -> Movable:
    """The lots that a merge moves; a parting, those that had come with the parted member."""
    giving = [lot_of(row) for row in await desk.fetch(sql.LIVE_LOTS, [merge.source])]
    if merge.kind == "part":
        own = {str(row[0]) for row in await desk.fetch(sql.ORIGINS, merge.source, merge.target)}
        giving = [lot for lot in giving if lot.id in own]
    there = await desk.fetch(sql.THERE, merge.target, [lot.root for lot in giving])
    return Movable(
        tuple(sorted(giving, key=burning_order)),
        {(str(root), str(state), end): str(lot) for root, state, end, lot in there},
    )


def effects_of_move(merge: Merge, movable: Movable, most: int = _MOST) -> list[Effect]:
    """The entries and rows of a move.

    What unpaid orders hold stays where it is, until they let go and it is swept up.
    """
    effects: list[Effect] = []
    for lot in movable.giving:
        moved = _moved(merge, lot, movable.there.get((lot.root, lot.state, lot.expires_at)))
        if len(effects) + len(moved) > most:
            break
        effects += moved
    return effects


def _moved(merge: Merge, lot: Lot, there: str | None) -> list[Effect]:
    new = lot_id(f"{merge.id}:{lot.id}")
    to = there or new
    amounts = (
        (accounts.points, max(0, lot.free)),
        (accounts.pending, lot.pending),
        (accounts.debt, lot.debt),
    )
    effects = [
        effect
        for kind, amount in amounts
        if amount
        for effect in _carried(
            kind(merge.source, lot.id), kind(merge.target, to), amount, merge, lot
        )
    ]
    if there is not None or not effects:
        return effects
    return [_row(merge, lot, new), *effects]


def _carried(old: str, new: str, amount: int, merge: Merge, lot: Lot) -> Sequence[Effect]:
    kind = old.partition(":")[0]
    reason = "merged" if merge.kind == "merge" else "parted"
    key = f"{kind}:{lot.id}"
    return (
        Open(account=new, unit="point", key=f"open:{key}"),
        Debit(account=old, amount=amount, key=f"from:{key}", reason=reason),
        Credit(account=new, amount=amount, key=f"to:{key}", reason=reason),
    )


def _row(merge: Merge, lot: Lot, new: str) -> Record:
    there = msgspec.structs.replace(lot, id=new, member=merge.target, lost=lot.lost)
    return record_of(there, lot.free + lot.pending, lot.id)
