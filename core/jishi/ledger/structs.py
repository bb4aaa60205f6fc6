"""What the ledger answers: outcomes, balances, statements, discrepancies."""

from datetime import datetime
from typing import Literal

import msgspec


class Shortage(msgspec.Struct, frozen=True, kw_only=True, tag="shortage"):
    """An account has not enough.

    Attributes:
        account: Which one; one that does not exist has 0.
        wanted: What the whole group wants of it.
        available: What could have been had.
        refusal: The operation's own sentence for the shopper.
    """

    account: str
    wanted: int
    available: int
    refusal: str | None = None


class HoldGone(msgspec.Struct, frozen=True, kw_only=True, tag="hold_gone"):
    """A hold can not be posted or voided any more.

    Attributes:
        hold: Its key.
        state: What became of it.
    """

    hold: str
    state: Literal["missing", "posted", "voided"]


class KeyReused(msgspec.Struct, frozen=True, kw_only=True, tag="key_reused"):
    """An operation key was used before, for something else or in another group."""

    key: str


Refusal = Shortage | HoldGone | KeyReused
"""Why a group did not happen."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one group.

    Attributes:
        refusals: Everything that stood in the way; empty when the group is in force.
        replayed: ``yes`` if it was in force before and nothing was done now.
    """

    refusals: tuple[Refusal, ...] = ()
    replayed: Literal["yes", "no"] = "no"

    @property
    def refusal(self) -> Refusal | None:
        """The first thing that stood in the way, None when the group is in force."""
        return self.refusals[0] if self.refusals else None


class Balance(msgspec.Struct, frozen=True):
    """How an account stands."""

    balance: int = 0
    held: int = 0
    floor: int = 0

    @property
    def available(self) -> int:
        """What can still be held or debited."""
        return self.balance - self.held - self.floor


class Entry(msgspec.Struct, frozen=True):
    """One line of an account's statement; it never changes.

    Attributes:
        id: Grows with time.
        operation: ``open``, ``credit``, ``debit`` or ``post``.
        amount: Signed: below 0 takes away.
        key: The operation's key.
        reason: For people; a post names its hold.
        source: ``core`` or ``plugin@version``.
        reference: What it was for.
        entered_at: UTC.
    """

    id: str
    operation: str
    amount: int
    key: str
    reason: str
    source: str
    reference: str
    entered_at: datetime


class LiveHold(msgspec.Struct, frozen=True):
    """Something that is set aside right now.

    Attributes:
        key: The hold's name.
        account: Of which account.
        amount: How much.
        owner: Whose.
        source: ``core`` or ``plugin@version``.
    """

    key: str
    account: str
    amount: int
    owner: str
    source: str


class Discrepancy(msgspec.Struct, frozen=True):
    """Something in the ledger that can not be true.

    Attributes:
        kind: ``balance``: entries sum to something else; ``held``: live holds do; ``floor``: below
            it; ``account``: entries or holds of an account that does not exist; ``post``: a posted
            hold without its entry; ``orphan``: a live hold whose owner has no use for it.
        subject: The account's id, or the hold's key for ``post`` and ``orphan``.
        expected: What the recount gives.
        found: What is written down.
    """

    kind: str
    subject: str
    expected: int
    found: int
