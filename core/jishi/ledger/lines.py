"""Rows of the ledger, as far as decisions need them."""

from typing import Literal

import msgspec

Ended = Literal["posted", "voided"]


class Standing(msgspec.Struct):
    """An account, as far as decisions need it."""

    balance: int = 0
    held: int = 0
    floor: int = 0


class HoldLine(msgspec.Struct, frozen=True):
    """A hold, as read or as it will be."""

    account: str
    amount: int
    owner: str
    state: Literal["held", "posted", "voided"]
    ended_key: str | None


class EntryLine(msgspec.Struct, frozen=True):
    """An entry, as read or as it will be; reason and source only matter for new ones."""

    account: str
    operation: str
    amount: int
    reason: str = ""
    source: str = ""
