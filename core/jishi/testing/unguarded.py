"""Switches the ledger's guards off in this process: the positive control of every race test.

A test that finds no oversell proves nothing until the same test fails without the guards.
"""

from collections.abc import Awaitable, Callable

import pytest

from jishi.db import Database
from jishi.ledger import decide, sql

Unguard = Callable[[Database], Awaitable[None]]


@pytest.fixture
def without_guards(monkeypatch: pytest.MonkeyPatch) -> Unguard:
    """Give a function that takes the decision, the condition and the checks away."""

    async def unguard(database: Database) -> None:
        await without_checks(database)
        guarded = sql.move
        monkeypatch.setattr(decide, "room", lambda standing: 10**9)
        monkeypatch.setattr(sql, "move", lambda rows: guarded(rows, guard=""))

    return unguard


async def without_checks(database: Database) -> None:
    """Drop the CHECKs of the accounts, on either engine."""
    async with database.transaction() as tx:
        if database.dialect == "postgresql":
            for rule in ("floor", "held", "most"):
                await tx.execute(
                    f"ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_{rule}"
                )
            return
        await tx.execute("ALTER TABLE ledger_accounts RENAME TO guarded")
        await tx.execute(
            "CREATE TABLE ledger_accounts (id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, "
            "balance BIGINT NOT NULL, held BIGINT NOT NULL, floor BIGINT NOT NULL, "
            "unit TEXT NOT NULL, created_at INTEGER NOT NULL)"
        )
        await tx.execute("INSERT INTO ledger_accounts SELECT * FROM guarded")
