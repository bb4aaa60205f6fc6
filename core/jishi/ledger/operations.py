"""What may be done to accounts."""

from datetime import datetime

import msgspec

MOST = 10**15
"""The largest amount of one operation: sums of any length stay far below 64 bits."""


class _Amounted(msgspec.Struct, frozen=True, kw_only=True):
    account: str
    amount: int
    source: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.amount <= MOST:
            raise ValueError(
                f"an operation on {self.account} moves 1 to {MOST}, not {self.amount}; "
                "the other direction is another operation"
            )


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """Make an account and give it its first balance, once in its life.

    A second ``Open`` of the same account changes nothing, whatever it says, and is no reuse of a
    key: many orders may each open a member's purchase limit and claim from it in one group.

    Attributes:
        account: The account's id.
        balance: What it starts with, at least 0.
        floor: The lowest available amount, 0 or below (a credit line).
        unit: What is counted: ``piece``, ``point``, ``fen``.
    """

    account: str
    balance: int = 0
    floor: int = 0
    unit: str = "piece"

    def __post_init__(self) -> None:
        if not 0 <= self.balance <= MOST or self.floor > 0:
            raise ValueError(f"{self.account} opens with a balance >= 0 and a floor <= 0")

    @property
    def key(self) -> str:
        """One opening per account."""
        return f"open:{self.account}"


class Credit(_Amounted, frozen=True, kw_only=True, tag="credit"):
    """Add to an account; the account is made if it does not exist.

    ``source`` says who asks, where it is not the group's.
    """

    key: str
    reason: str


class Debit(_Amounted, frozen=True, kw_only=True, tag="debit"):
    """Take from an account, never below its floor nor out of what is held.

    ``source`` says who asks, where it is not the group's.
    """

    key: str
    reason: str
    refusal: str | None = None


class Hold(_Amounted, frozen=True, kw_only=True, tag="hold"):
    """Set something aside until it is posted, voided, or lapses.

    Attributes:
        key: The hold's name; also its operation key.
        owner: Whose hold it is, for instance an order's id.
        expires_at: When it lapses by itself, UTC; None: never.
        refusal: The sentence a shopper reads when there is not enough.
        source: Who asks, where it is not the group's.
    """

    key: str
    owner: str
    expires_at: datetime | None
    refusal: str | None = None


class Post(msgspec.Struct, frozen=True, kw_only=True, tag="post"):
    """Take what was held out of the account for good."""

    hold: str
    key: str


class Void(msgspec.Struct, frozen=True, kw_only=True, tag="void"):
    """Give back what was held. A hold that was voided before, or lapsed, stays as it is."""

    hold: str
    key: str


Operation = Open | Credit | Debit | Hold | Post | Void
"""The five operations, and the opening of an account."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Operations that happen together or not at all.

    Attributes:
        operations: In the order in which they are decided.
        source: Who asks, ``core`` or ``plugin@version``, where an operation says nothing else.
        reference: What it is for, for instance an order's id.
    """

    operations: tuple[Operation, ...]
    source: str = "core"
    reference: str = ""


def stock_account(sku: str, location: str = "main") -> str:
    """The account that counts the pieces of a SKU at a location."""
    return f"stock:{sku}:{location}"
