"""What a hook may ask the core to write: data, committed with the transition or not at all.

A plugin never writes by itself. It returns effects; the core applies them in the transaction of
the transition that asked, once, under the key ``(transition, order, plugin, key)``.
"""

from datetime import datetime
from typing import Annotated

import msgspec

ORDER = "{order}"
"""Stands for the order's id in the records and events of an offer, which comes before it."""

Amount = Annotated[int, msgspec.Meta(gt=0)]


class Claim(msgspec.Struct, frozen=True, kw_only=True, tag="claim"):
    """Hold ``amount`` of an account until the order is paid (post) or ends (void).

    Attributes:
        account: The account's id, for instance ``stock:SKU-1:main``.
        amount: How much, in the account's own unit (pieces, points, fen).
        key: Names this effect within its plugin and transition.
        until: When the hold lapses by itself; None means with the order's own hold.
        refusal: The sentence a shopper reads when there is not enough.
    """

    account: str
    amount: Amount
    key: str
    until: datetime | None = None
    refusal: str | None = None


class Open(msgspec.Struct, frozen=True, kw_only=True, tag="open"):
    """Make an account with its unit and its first balance; once in the account's life.

    Attributes:
        account: The account's id.
        unit: What is counted: ``piece``, ``point``, ``fen``, ``use``.
        key: Names this effect within its plugin and transition.
        balance: What it starts with; a second opening changes nothing, whatever it says.
        floor: The lowest available amount, 0 or below (a credit line).
    """

    account: str
    unit: str
    key: str
    balance: Annotated[int, msgspec.Meta(ge=0)] = 0
    floor: Annotated[int, msgspec.Meta(le=0)] = 0


class Take(msgspec.Struct, frozen=True, kw_only=True, tag="take"):
    """Use up for good what a `Claim` at the desk set aside.

    Attributes:
        claim: The claim's key.
        key: Names this effect within its plugin.
    """

    claim: str
    key: str


class Release(msgspec.Struct, frozen=True, kw_only=True, tag="release"):
    """Give back what a `Claim` at the desk set aside; released twice or lapsed, it stays so.

    Attributes:
        claim: The claim's key.
        key: Names this effect within its plugin.
    """

    claim: str
    key: str


class Credit(msgspec.Struct, frozen=True, kw_only=True, tag="credit"):
    """Add ``amount`` to an account; the account is made if it does not exist."""

    account: str
    amount: Amount
    key: str
    reason: str


class Debit(msgspec.Struct, frozen=True, kw_only=True, tag="debit"):
    """Take ``amount`` from an account, never below its floor.

    Attributes:
        account: The account's id.
        amount: How much, in the account's own unit.
        key: Names this effect within its plugin and transition.
        reason: For people who read the statement.
        refusal: The sentence a shopper reads when there is not enough.
    """

    account: str
    amount: Amount
    key: str
    reason: str
    refusal: str | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True, tag="record"):
    """Insert one row into a table that the plugin owns.

    Attributes:
        table: The table's name; it starts with the plugin's own name.
        row: Column names and values (text, integer, UTC datetime or None).
        key: Names this effect within its plugin and transition.
    """

    table: str
    row: dict[str, str | int | datetime | None]
    key: str


class Event(msgspec.Struct, frozen=True, kw_only=True, tag="event"):
    """Tell the world after the commit.

    Attributes:
        name: ``<plugin>.<past tense>``, for instance ``loyalty.points_earned``.
        data: What happened, as JSON-encodable members.
        key: Names this effect within its plugin and transition.
        subject: The id of what it happened to; empty for the order, or the desk's owner.
    """

    name: str
    data: dict[str, str | int | None]
    key: str
    subject: str = ""


Effect = Open | Claim | Credit | Debit | Record | Event
"""What a plugin may ask for along with a transition."""

DeskEffect = Effect | Take | Release
"""What it may ask for at its desk, in its jobs and routes: there it ends its claims itself."""
