"""The recount finds whatever somebody wrote past the ledger."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from jishi.db import Database
from jishi.ledger import (
    Credit,
    Discrepancy,
    Group,
    Hold,
    LiveHold,
    Post,
    Void,
    apply_one,
    check,
)

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
async def ledger(database: Database) -> Database:
    """Five of A, of which two are held for o1 and one was sold; three of B."""
    a, b = "stock:A:main", "stock:B:main"
    operations = (
        Credit(account=a, amount=6, key="c1", reason="delivery"),
        Credit(account=b, amount=3, key="c2", reason="delivery"),
        Hold(account=a, amount=2, key="h1", owner="o1", expires_at=None),
        Hold(account=a, amount=1, key="h2", owner="o2", expires_at=None),
        Hold(account=b, amount=1, key="h3", owner="o3", expires_at=None),
        Post(hold="h2", key="p2"),
        Void(hold="h3", key="v3"),
    )
    async with database.transaction() as tx:
        await apply_one(tx, Group(operations=operations), NOW)
    return database


async def plant(database: Database, *statements: str) -> None:
    async with database.transaction() as tx:
        for one in statements:
            await tx.execute(one)


async def test_an_honest_ledger_has_no_discrepancies(ledger: Database):
    assert await check(ledger) == []


@pytest.mark.parametrize(
    ("lies", "found"),
    [
        (
            ["UPDATE ledger_accounts SET balance = 7 WHERE id = 'stock:A:main'"],
            Discrepancy("balance", "stock:A:main", 5, 7),
        ),
        (
            ["UPDATE ledger_accounts SET held = 1 WHERE id = 'stock:A:main'"],
            Discrepancy("held", "stock:A:main", 2, 1),
        ),
        (
            [
                "UPDATE ledger_holds SET state = 'held', ended_at = NULL, ended_key = NULL "
                "WHERE key = 'h3'"
            ],
            Discrepancy("held", "stock:B:main", 1, 0),
        ),
        (
            ["UPDATE ledger_holds SET ended_key = 'p3', state = 'posted' WHERE key = 'h3'"],
            Discrepancy("post", "h3", -1, 0),
        ),
        (
            ["DELETE FROM ledger_accounts WHERE id = 'stock:B:main'"],
            Discrepancy("account", "stock:B:main", 0, 3),
        ),
        (
            ["UPDATE ledger_accounts SET floor = 4 WHERE id = 'stock:A:main'"],
            Discrepancy("floor", "stock:A:main", 4, 3),
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Discrepancy) else "",
)
async def test_a_lie_is_found(ledger: Database, lies: list[str], found: Discrepancy):
    if found.kind == "floor":
        await open_gate(ledger)
    await plant(ledger, *lies)
    assert await check(ledger) == [found]


async def open_gate(database: Database) -> None:
    """Let a floor be broken, as a database without our constraints would."""
    if database.dialect == "postgresql":
        await plant(database, "ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_floor")
        return
    await plant(
        database,
        "CREATE TABLE loose AS SELECT * FROM ledger_accounts",
        "DROP TABLE ledger_accounts",
        "ALTER TABLE loose RENAME TO ledger_accounts",
    )


async def test_a_hold_nobody_needs_is_an_orphan(ledger: Database):
    asked: list[LiveHold] = []

    async def orders(holds: Sequence[LiveHold]) -> list[str]:
        asked.extend(holds)
        return [one.key for one in holds if one.owner == "o1"]

    assert await check(ledger, [orders]) == [Discrepancy("orphan", "h1", 0, 2)]
    assert [(one.key, one.account, one.amount, one.owner) for one in asked] == [
        ("h1", "stock:A:main", 2, "o1")
    ]
