"""What flows through points: lots, covers, the lines of an order."""

from datetime import datetime
from typing import Literal

import msgspec

from jishi_loyalty import accounts

State = Literal["pending", "open", "ended"]
"""A lot waits, can be spent, or has come to its end."""


class Lot(msgspec.Struct):
    """Points that came together and end together, with what the ledger says of them.

    Attributes:
        id: The lot's id.
        member: Whose.
        root: The first lot of a chain of moves between merged members; its own id at first.
        source: How the points came: ``earned``, ``granted``, ``gift``, ``birthday``, ``review``,
            ``returned``.
        reference: Of what: an order's id, a gift's …
        state: Where it stands.
        available_at: When it can first be spent, UTC; None before that is known.
        expires_at: From then on it cannot be spent, UTC; None: never ends, or not known yet.
        opened_at: When the lot was made, UTC.
        origin: The member to whom the points came, before any merge.
        lost: Points that ended in it and were not taken back since.
        rounds: How often points ended in it; a part of the keys of entries.
        points: What can be spent or is held, in points.
        held: What orders that wait for their money have set aside, in points.
        pending: What waits, in points.
        debt: What was taken back and is still owed, in points.
    """

    id: str
    member: str
    root: str
    source: str
    reference: str
    state: State
    available_at: datetime | None
    expires_at: datetime | None
    opened_at: datetime
    origin: str = ""
    lost: int = 0
    rounds: int = 0
    points: int = 0
    held: int = 0
    pending: int = 0
    debt: int = 0

    @property
    def free(self) -> int:
        """What can be taken out of it."""
        return self.points - self.held

    @property
    def account(self) -> str:
        """Its account of points that can be spent."""
        return accounts.points(self.member, self.id)

    def over(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now


class Cover(msgspec.Struct):
    """Points of one lot that went for what another owed; they go back first.

    Attributes:
        id: The cover's id.
        owing: The root of the lot whose points were taken back after they had been spent.
        paying: The root of the lot that paid.
        points: How many are still covered.
    """

    id: str
    owing: str
    paying: str
    points: int


class Spent(msgspec.Struct, frozen=True):
    """Points that paid for a line: the lot's root and how many, in the order of burning."""

    lot: str
    points: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What points know of an order's line.

    Attributes:
        line: The line's id.
        sku: The SKU's code.
        product: The product's id.
        category: Ids of categories, from the root down.
        fen: What was paid for it.
        earned: Points it earned.
        spent: Points that paid for it, lot by lot.
        given_back: How many of the spent points came back.
        taken_back: How many of the earned points were taken back.
    """

    line: str
    sku: str
    product: str
    category: tuple[str, ...] = ()
    fen: int = 0
    earned: int = 0
    spent: tuple[Spent, ...] = ()
    given_back: int = 0
    taken_back: int = 0
