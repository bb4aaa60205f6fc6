"""Many at once: nothing is sold twice, nothing is held for nobody."""

import asyncio
import random
from datetime import UTC, datetime

import pytest

from jishi.db import Database
from jishi.ledger import (
    Credit,
    Group,
    Hold,
    Outcome,
    Post,
    Shortage,
    Void,
    apply,
    balances,
    check,
    decide,
    sql,
)

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
ACCOUNT = "stock:TEA:main"
BUYERS = 300
UNITS = 60


async def act(database: Database, *groups: Group) -> list[Outcome]:
    return await database.atomically(lambda tx: apply(tx, groups, NOW))


async def deliver(database: Database, amount: int, *accounts: str) -> None:
    operations = tuple(
        Credit(account=one, amount=amount, key=f"delivery:{one}", reason="delivery")
        for one in accounts
    )
    await act(database, Group(operations=operations))


def order(number: object, account: str = ACCOUNT, amount: int = 1) -> Group:
    hold = Hold(
        account=account, amount=amount, key=f"o{number}:{account}", owner=f"o{number}",
        expires_at=None,
    )  # fmt: skip
    return Group(operations=(hold,))


async def rush(database: Database) -> int:
    """Let all buyers come at once, ten at a time share a transaction; gives the units sold."""
    batches = [
        [order(number) for number in range(first, first + 10)] for first in range(0, BUYERS, 10)
    ]
    answers = await asyncio.gather(*(act(database, *batch) for batch in batches))
    return sum(not outcome.refusals for answer in answers for outcome in answer)


async def test_three_hundred_buyers_get_sixty_units(database: Database):
    await deliver(database, UNITS, ACCOUNT)
    assert await rush(database) == UNITS
    assert (await balances(database, [ACCOUNT]))[ACCOUNT].held == UNITS
    assert await check(database) == []


@pytest.mark.control
async def test_without_the_guard_the_same_rush_sells_too_much(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    """The positive control: the test above would notice."""
    await deliver(database, UNITS, ACCOUNT)
    await without_checks(database)
    monkeypatch.setattr(decide, "room", lambda standing: 10**9)
    monkeypatch.setattr(sql, "move", lambda rows: ORIGINAL_MOVE(rows, guard=""))
    assert await rush(database) == BUYERS
    assert [one.kind for one in await check(database)] == ["floor"]


@pytest.mark.parametrize("switched_off", ["decision", "decision and update"])
async def test_the_guards_behind_the_decision_hold_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch, switched_off: str
):
    await deliver(database, UNITS, ACCOUNT)
    monkeypatch.setattr(decide, "room", lambda standing: 10**9)
    if switched_off == "decision and update":
        monkeypatch.setattr(sql, "move", lambda rows: ORIGINAL_MOVE(rows, guard=""))
    answers = await asyncio.gather(
        *(act(database, order(number)) for number in range(BUYERS)), return_exceptions=True
    )
    sold = sum(not isinstance(answer, BaseException) for answer in answers)
    assert sold == UNITS
    assert {type(one).__name__ for one in answers if isinstance(one, BaseException)} == {
        "NotAsDecided" if switched_off == "decision" else "Conflict"
    }
    assert await check(database) == []


async def test_holding_and_giving_back_at_once_leaves_held_equal_to_what_lives(
    database: Database,
):
    accounts = [f"stock:S{number}:main" for number in range(5)]
    await deliver(database, 20, *accounts)

    async def visitor(number: int) -> None:
        chance = random.Random(number)
        wanted = chance.sample(accounts, 2)
        groups = [order(f"{number}-{one}", one, chance.randint(1, 3)) for one in wanted]
        outcomes = await act(database, *groups)
        for group, outcome in zip(groups, outcomes, strict=True):
            key = group.operations[0].key
            ending = chance.choice([Void, Void, Post, None])
            if ending and not outcome.refusals:
                await act(database, Group(operations=(ending(hold=key, key=f"end:{key}"),)))

    await asyncio.gather(*(visitor(number) for number in range(200)))
    live = dict(
        await database.fetch(
            "SELECT account, CAST(sum(amount) AS BIGINT) FROM ledger_holds "
            "WHERE state = 'held' GROUP BY account"
        )
    )
    standing = await balances(database, accounts)
    assert {one: standing[one].held for one in accounts if standing[one].held} == live
    assert all(one.available >= 0 for one in standing.values())
    assert await check(database) == []


async def test_accounts_named_in_any_order_never_block_each_other(database: Database):
    accounts = [f"stock:S{number}:main" for number in range(10)]
    await deliver(database, 10**6, *accounts)

    async def buyer(number: int) -> None:
        chance = random.Random(number)
        groups = [order(f"{number}-{one}", one) for one in chance.sample(accounts, 10)]
        async with database.transaction() as tx:  # no second attempt
            await apply(tx, groups, NOW)

    await asyncio.gather(*(buyer(number) for number in range(60)))
    standing = await balances(database, accounts)
    assert [one.held for one in standing.values()] == [60] * 10


async def test_new_accounts_are_made_once_however_many_come_at_once(database: Database):
    accounts = [f"points:{number}" for number in range(6)]

    async def earn(number: int) -> None:
        chance = random.Random(number)
        gifts = [
            Credit(account=one, amount=1, key=f"{number}:{one}", reason="gift")
            for one in chance.sample(accounts, 6)
        ]
        async with database.transaction() as tx:
            await apply(tx, [Group(operations=tuple(gifts))], NOW)

    await asyncio.gather(*(earn(number) for number in range(40)))
    assert [one.balance for one in (await balances(database, accounts)).values()] == [40] * 6
    assert await check(database) == []


async def test_the_same_key_at_once_counts_once(database: Database):
    await deliver(database, 50, ACCOUNT)
    answers = await asyncio.gather(*(act(database, order("same")) for _ in range(50)))
    assert sorted(answer[0].replayed for answer in answers) == ["no"] + ["yes"] * 49
    assert (await balances(database, [ACCOUNT]))[ACCOUNT].held == 1


async def test_the_last_unit_goes_to_who_comes_first_in_a_call(database: Database):
    await deliver(database, 1, ACCOUNT)
    first, second = await act(database, order("first"), order("second"))
    assert first.refusal is None
    assert second.refusal == Shortage(account=ACCOUNT, wanted=1, available=0)


ORIGINAL_MOVE = sql.move


async def without_checks(database: Database) -> None:
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
