"""Cancelled commits, failed commits, dead servers: no connection is lost, nothing half done."""

# ruff: noqa: PT012 - what fails here is a transaction, and that is several statements

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest

from jishi.db import Conflict, Database, Settings, Transaction, Unavailable
from jishi.testing.fault_proxy import FaultProxy
from jishi.testing.patience import in_time

CUT_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
async def small(database_url: str, database: Database) -> AsyncIterator[Database]:
    """The same database through two connections."""
    small = Database.open(database_url, Settings(connections=2, patience=20.0))
    await small.start()
    yield small
    await small.stop()


@pytest.fixture
async def served(fresh_postgres_url: str) -> AsyncIterator[Database]:
    """A PostgreSQL database whose shelf numbers are only compared at COMMIT."""
    database = Database.open(fresh_postgres_url, Settings(connections=2, patience=20.0))
    await database.start()
    async with database.transaction() as tx:
        await tx.define(
            "CREATE TABLE late (n BIGINT, CONSTRAINT late_n UNIQUE (n)"
            " DEFERRABLE INITIALLY DEFERRED)"
        )
    yield database
    await database.stop()


async def add(tx: Transaction, sku: str) -> None:
    await tx.execute("INSERT INTO room_items (id, sku) VALUES ($1, $2)", f"id-{sku}", sku)


async def add_alone(database: Database, sku: str) -> None:
    async with database.transaction() as tx:
        await add(tx, sku)


@pytest.mark.parametrize("turns", range(12))
async def test_a_cancel_at_any_moment_leaks_nothing(small: Database, turns: int) -> None:
    """Cancelled after so many turns of the loop: before, in the middle of, or after COMMIT."""
    told: list[str] = []

    async def work(sku: str) -> None:
        async with small.transaction() as tx:
            tx.after_commit(lambda: told.append(sku))
            await add(tx, sku)

    for number in range(4):
        task = asyncio.create_task(work(f"sku-{number}"))
        for _ in range(turns * (number + 1)):
            await asyncio.sleep(0.0002)
        task.cancel()
        await asyncio.wait({task})
    async with asyncio.timeout(60):
        await asyncio.gather(*(add_alone(small, f"more-{n}") for n in range(4)))
    kept = await small.fetch_as(str, "SELECT sku FROM room_items WHERE sku LIKE 'sku%'")
    assert sorted(told) == sorted(kept)


async def test_a_cancel_during_commit_waits_for_it(small: Database) -> None:
    told: list[str] = []

    async def work(sku: str) -> None:
        async with small.transaction() as tx:
            tx.after_commit(lambda: told.append(sku))
            await add(tx, sku)
            asyncio.current_task().cancel()  # type: ignore[union-attr] # takes effect in COMMIT

    for number in range(5):
        task = asyncio.create_task(work(f"sku-{number}"))
        await asyncio.wait({task})
        assert task.cancelled()
    kept = await small.fetch_as(str, "SELECT sku FROM room_items ORDER BY sku")
    assert kept == [f"sku-{n}" for n in range(5)] == told


async def test_a_timeout_around_a_transaction_undoes_it(small: Database) -> None:
    for _ in range(5):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02), small.transaction() as tx:
                await add(tx, "tea")
                await asyncio.Event().wait()
    await add_alone(small, "tea")


async def test_two_connections_survive_ten_failed_commits(served: Database) -> None:
    for _ in range(10):
        with pytest.raises(Conflict) as refused:
            async with served.transaction() as tx:
                await tx.execute_many("INSERT INTO late (n) VALUES ($1)", [(1,), (1,)])
        assert refused.value.constraint == "late_n"
    async with served.transaction() as tx:
        await tx.execute("INSERT INTO late (n) VALUES (1)")
    assert await served.fetch("SELECT n FROM late") == [(1,)]


async def test_a_cut_connection_is_replaced_unseen(served: Database) -> None:
    for _ in range(3):
        await asyncio.gather(
            served.fetch("SELECT pg_sleep(0)"), served.fetch("SELECT pg_sleep(0)")
        )
        await served.fetch(CUT_OTHERS)
        assert await asyncio.gather(served.fetch("SELECT 1"), served.fetch("SELECT 1"))
        async with served.transaction() as tx:
            await tx.execute("INSERT INTO late (n) VALUES ((SELECT count(*) FROM late))")
    assert await served.fetch("SELECT n FROM late ORDER BY n") == [(0,), (1,), (2,)]


async def test_a_connection_cut_in_the_middle_is_unavailable_and_undone(served: Database) -> None:
    with pytest.raises(Unavailable) as gone:
        async with served.transaction() as tx:
            await tx.execute("INSERT INTO late (n) VALUES (1)")
            await asyncio.create_task(_cut(served))
            await tx.execute("INSERT INTO late (n) VALUES (2)")
    assert not gone.value.outcome_unknown
    assert await served.fetch("SELECT n FROM late") == []


async def test_a_connection_cut_before_commit_is_known_to_be_undone(served: Database) -> None:
    with pytest.raises(Unavailable) as gone:
        async with served.transaction() as tx:
            await tx.execute("INSERT INTO late (n) VALUES (1)")
            await asyncio.create_task(_cut(served))
            await _seen_to_be_cut(tx)
    assert not gone.value.outcome_unknown
    assert await served.fetch("SELECT n FROM late") == []


async def test_a_lost_answer_to_commit_leaves_the_outcome_unknown(
    served: Database, fresh_postgres_url: str
) -> None:
    with FaultProxy(fresh_postgres_url) as proxy:
        database = Database.open(proxy.url, Settings(connections=1))
        await database.start()
        with pytest.raises(Unavailable) as gone:
            async with database.transaction() as tx:
                await tx.execute("INSERT INTO late (n) VALUES (1)")
                proxy.lose_every = 1
        proxy.lose_every = 0
        assert gone.value.outcome_unknown
        assert await database.fetch("SELECT n FROM late") == [(1,)]
        await database.stop()


async def _seen_to_be_cut(tx: Transaction) -> None:
    """Wait until the end of its connection has arrived."""
    async with asyncio.timeout(60):
        with suppress(asyncpg.InterfaceError):  # its pool has taken it away
            while not tx._link._connection.is_closed():  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def _cut(database: Database) -> None:
    await database.fetch(CUT_OTHERS)


@pytest.mark.measured
async def test_a_server_that_stops_answering_can_not_hold_a_cancelled_task(
    fresh_postgres_url: str,
) -> None:
    with FaultProxy(fresh_postgres_url) as proxy:
        database = Database.open(proxy.url, Settings(connections=1, patience=1.0))
        await database.start()
        inside = asyncio.Event()

        async def work() -> None:
            async with database.transaction() as tx:
                await tx.execute("CREATE TABLE never (n BIGINT)")
                proxy.turn("black_hole")
                inside.set()
                await tx.fetch("SELECT 1")

        task = asyncio.create_task(work())
        await inside.wait()
        with in_time(8):
            task.cancel()
            await asyncio.wait({task})
        with pytest.raises(Unavailable):
            await database.fetch("SELECT 1")
        proxy.turn("pass")
        await database.wait_ready(60)
        assert await database.fetch("SELECT to_regclass('never') IS NULL") == [(1,)]
        await database.stop()


async def test_nobody_there_is_unavailable(database_url: str) -> None:
    nowhere = "sqlite:////nowhere/at/all.db"
    if database_url.startswith("postgresql"):
        nowhere = "postgresql://nobody@127.0.0.1:9/nothing"
    database = Database.open(nowhere)
    with pytest.raises(Unavailable):
        await database.start()
    with pytest.raises(Unavailable):
        await database.wait_ready(0.2)
    with pytest.raises(Unavailable, match="not started"):
        await database.fetch("SELECT 1")


async def test_memory_is_a_database_too() -> None:
    database = Database.open("sqlite:///:memory:")
    await database.start()
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE t (n BIGINT)")
        await tx.execute("INSERT INTO t VALUES (1)")
    assert await database.fetch("SELECT n FROM t") == [(1,)]
    await database.stop()


async def test_another_process_writing_does_not_break_readers(tmp_path: object) -> None:
    path = f"{tmp_path}/shop.db"
    database = Database.open(f"sqlite:///{path}")
    await database.start()
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE t (n BIGINT)")
    stranger = sqlite3.connect(path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    stranger.execute("INSERT INTO t VALUES (1)")
    assert await database.fetch("SELECT n FROM t") == []
    stranger.execute("COMMIT")
    stranger.close()
    assert await database.fetch("SELECT n FROM t") == [(1,)]
    await database.stop()
