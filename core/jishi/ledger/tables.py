"""The ledger's tables: accounts, entries that never change, holds."""

from jishi.db import BigInt, Table, Text, Timestamptz


class LedgerAccount(Table, tablename="ledger_accounts"):
    """Whatever can run out."""

    id = Text(primary_key=True)
    kind = Text()
    """What stands before the id's first colon: ``stock``, ``coupon``, ``points``."""
    balance = BigInt()
    held = BigInt()
    floor = BigInt()
    unit = Text()
    created_at = Timestamptz()


class LedgerEntry(Table, tablename="ledger_entries"):
    """One change of a balance; a trigger keeps it as it was written."""

    id = Text(primary_key=True)
    account = Text()
    operation = Text()
    amount = BigInt()
    key = Text()
    reason = Text()
    source = Text()
    reference = Text()
    entered_at = Timestamptz()


class LedgerHold(Table, tablename="ledger_holds"):
    """Something set aside: ``held``, then ``posted`` or ``voided``."""

    id = None  # else there would be a serial one beside the key
    key = Text(primary_key=True)
    account = Text()
    amount = BigInt()
    state = Text()
    owner = Text()
    source = Text()
    held_at = Timestamptz()
    expires_at = Timestamptz(null=True)
    ended_at = Timestamptz(null=True)
    ended_key = Text(null=True)
    """The operation key of the post or void."""
