"""Accounts, entries that never change, holds."""

from jishi.db import (
    BigInt,
    Operation,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    create_unique_index,
    immutable,
    sql,
    unique,
)


class Account(Table, tablename="ledger_accounts"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    kind = Text()
    balance = BigInt()
    held = BigInt()
    floor = BigInt()
    unit = Text()
    created_at = Timestamptz()


class Entry(Table, tablename="ledger_entries"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    account = Text()
    operation = Text()
    amount = BigInt()
    key = Text()
    reason = Text()
    source = Text()
    reference = Text()
    entered_at = Timestamptz()


class Hold(Table, tablename="ledger_holds"):
    """What the table was in this version."""

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


OPERATIONS: tuple[Operation, ...] = (
    create_table(
        Account,
        [
            check("balance - held >= floor", "ledger_accounts_floor"),
            check("held >= 0", "ledger_accounts_held"),
            check("balance <= 1000000000000000000", "ledger_accounts_most"),
        ],
    ),
    create_table(
        Entry,
        [
            check("amount <> 0", "ledger_entries_amount"),
            check("operation IN ('open', 'credit', 'debit', 'post')", "ledger_entries_operation"),
            unique("key"),
        ],
    ),
    create_table(
        Hold,
        [
            check("amount > 0", "ledger_holds_amount"),
            check("state IN ('held', 'posted', 'voided')", "ledger_holds_state"),
            check(
                "(state = 'held') = (ended_at IS NULL) AND (state = 'held') = (ended_key IS NULL)",
                "ledger_holds_end",
            ),
        ],
    ),
    immutable("ledger_entries"),
    create_index("ledger_entries_account", "ledger_entries", "account", "id"),
    create_index("ledger_holds_due", "ledger_holds", "expires_at", where="state = 'held'"),
    create_index("ledger_holds_live", "ledger_holds", "key", where="state = 'held'"),
    create_unique_index(
        "ledger_holds_ended_key", "ledger_holds", "ended_key", where="ended_key IS NOT NULL"
    ),
    # Hot accounts change all the time: room on their page keeps the change out of the indexes.
    sql(postgresql="ALTER TABLE ledger_accounts SET (fillfactor = 50)"),
)
