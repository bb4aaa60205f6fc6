"""A top-up is a lot: what was paid and what was given, kept apart until both are spent; pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from jishi_loyalty.value.settings import SpendOrder

Kind = Literal["principal", "gift"]


class Lot(msgspec.Struct, frozen=True):
    """A top-up.

    Attributes:
        id: Names it.
        source: Where it came from: an order in the mall, a till, another member.
        reference: The order's id, the till's key, or the lot that was handed over.
        paid: What was paid for it, in fen.
        gift: What was given on top, in fen.
        used_before: What had been spent of it before it was handed over, in fen.
        spend_order: What is spent first.
        topped_at: UTC.
        holder: Whose it is now.
        turn: How often it changed hands.
    """

    id: str
    source: Literal["order", "till", "transfer"]
    reference: str
    paid: int
    gift: int
    used_before: int
    spend_order: SpendOrder
    topped_at: datetime
    holder: str
    turn: int

    def account(self, kind: Kind) -> str:
        """The ledger account of one half, for whoever holds it, in fen."""
        return f"value:{self.holder}:{kind}:{self.id}"


class Left(NamedTuple):
    """What is left of a lot, in fen."""

    lot: Lot
    principal: int
    gift: int

    @property
    def total(self) -> int:
        """Both halves."""
        return self.principal + self.gift


class Part(NamedTuple):
    """What a payment takes from one half of a lot, in fen."""

    lot: str
    kind: Kind
    amount: int


def take(left: Sequence[Left], amount: int) -> list[Part]:
    """How a payment is taken: the oldest top-up first, each in its own order.

    Args:
        left: What there is, the oldest first.
        amount: In fen.

    Returns:
        Parts that sum to the amount, or to everything there is.
    """
    parts: list[Part] = []
    for one in left:
        now = min(amount, one.total)
        if now <= 0:
            continue
        amount -= now
        principal = _of_principal(one, now)
        shares: list[tuple[Kind, int]] = [("principal", principal), ("gift", now - principal)]
        parts += [Part(one.lot.id, kind, share) for kind, share in shares if share]
    return parts


def _of_principal(one: Left, amount: int) -> int:
    match one.lot.spend_order:
        case "principal_first":
            return min(amount, one.principal)
        case "gift_first":
            return amount - min(amount, one.gift)
        case _:
            return amount * one.principal // one.total


def give_back(parts: Sequence[Part], before: int, amount: int) -> list[Part]:
    """Where a refund goes: to the lots it was taken from, the last one first.

    Within a lot, both halves get their share of what was taken, so that any sequence of refunds
    ends with exactly what each half had given.

    Args:
        parts: How the payment was taken.
        before: What has gone back already, in fen.
        amount: What goes back now, in fen.

    Raises:
        ValueError: More than was taken.
    """
    if before + amount > sum(part.amount for part in parts):
        raise ValueError("more goes back than was taken")
    earlier = _back(parts, before)
    later = _back(parts, before + amount)
    return [
        Part(part.lot, part.kind, more)
        for part in parts
        if (more := later[part.lot, part.kind] - earlier[part.lot, part.kind])
    ]


def _back(parts: Sequence[Part], amount: int) -> dict[tuple[str, Kind], int]:
    """What each half has got back once ``amount`` fen in all have gone back."""
    back: dict[tuple[str, Kind], int] = {(part.lot, part.kind): 0 for part in parts}
    for lot in reversed(list(dict.fromkeys(part.lot for part in parts))):
        took = {part.kind: part.amount for part in parts if part.lot == lot}
        whole = sum(took.values())
        now = min(amount, whole)
        amount -= now
        principal = now * took.get("principal", 0) // whole
        for kind, share in (("principal", principal), ("gift", now - principal)):
            if kind in took:
                back[lot, kind] = share
    return back
