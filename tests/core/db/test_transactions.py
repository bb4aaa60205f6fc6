"""All of it happens, or nothing; whatever is cancelled, killed or forgotten."""

# ruff: noqa: PT012 - what fails here is a transaction, and that is several statements

import asyncio
from collections.abc import AsyncIterator

import pytest

from jishi.db import Busy, Conflict, Database, DatabaseError, Retry, Settings, Transaction


async def add(tx: Transaction, sku: str, on_hand: int = 0) -> None:
    await tx.execute(
        "INSERT INTO room_items (id, sku, on_hand) VALUES ($1, $2, $3)", f"id-{sku}", sku, on_hand
    )


async def skus(database: Database) -> list[str]:
    return await database.fetch_as(str, "SELECT sku FROM room_items ORDER BY sku")


async def test_a_transaction_that_ends_well_is_in_force(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, "tea")
    assert await skus(database) == ["tea"]


async def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    with pytest.raises(ValueError, match="no"):
        async with database.transaction() as tx:
            await add(tx, "tea")
            raise ValueError("no")
    assert await skus(database) == []


async def test_a_nested_transaction_is_undone_alone(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, "tea")
        with pytest.raises(ValueError, match="no"):
            async with database.transaction() as inner:
                await add(inner, "cup")
                raise ValueError("no")
        await add(tx, "pot")
    assert await skus(database) == ["pot", "tea"]


async def test_a_conflict_inside_a_nested_transaction_can_be_survived(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, "tea")
        for _ in range(2):
            with pytest.raises(Conflict):
                async with database.transaction() as inner:
                    await add(inner, "cup")
                    await add(inner, "tea")
        async with database.transaction() as deeper, database.transaction() as deepest:
            await add(deepest, "pot")
            assert deepest is deeper
    assert await skus(database) == ["pot", "tea"]


async def test_an_overlooked_failure_is_never_committed(database: Database) -> None:
    with pytest.raises(DatabaseError, match="an earlier statement"):
        async with database.transaction() as tx:
            await add(tx, "tea")
            with pytest.raises(Conflict):
                await add(tx, "tea")
    assert await skus(database) == []


async def test_after_a_failure_no_statement_is_run(database: Database) -> None:
    with pytest.raises(DatabaseError, match="an earlier statement"):
        async with database.transaction() as tx:
            with pytest.raises(Conflict):
                await add(tx, "tea", -1)
            await add(tx, "cup")
    assert await skus(database) == []


async def test_reading_through_the_database_sees_the_own_transaction(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, "tea")
        assert await skus(database) == ["tea"]


async def test_another_task_reads_what_is_committed(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, "tea")
        assert await asyncio.create_task(skus(database)) == []


async def test_another_task_can_not_use_the_transaction(database: Database) -> None:
    async with database.transaction() as tx:
        with pytest.raises(DatabaseError, match="the task that opened it"):
            await asyncio.create_task(add(tx, "tea"))
        await add(tx, "cup")
    assert await skus(database) == ["cup"]


async def test_a_transaction_is_over_when_it_is_over(database: Database) -> None:
    async with database.transaction() as tx:
        pass
    with pytest.raises(DatabaseError, match="is over"):
        await add(tx, "tea")


async def test_after_commit_runs_once_and_only_after_the_outermost(database: Database) -> None:
    said: list[str] = []
    async with database.transaction() as tx:
        tx.after_commit(lambda: said.append("outer"))
        async with database.transaction() as inner:
            inner.after_commit(lambda: said.append("inner"))
        assert said == []
    assert said == ["outer", "inner"]


async def test_after_commit_forgets_what_was_undone(database: Database) -> None:
    said: list[str] = []
    async with database.transaction() as tx:
        tx.after_commit(lambda: said.append("kept"))
        with pytest.raises(ValueError, match="no"):
            async with database.transaction() as inner:
                inner.after_commit(lambda: said.append("lost"))
                raise ValueError("no")
    with pytest.raises(ValueError, match="no"):
        async with database.transaction() as tx:
            tx.after_commit(lambda: said.append("lost"))
            raise ValueError("no")
    assert said == ["kept"]


async def test_an_error_after_commit_changes_nothing(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError("too late")

    async with database.transaction() as tx:
        await add(tx, "tea")
        tx.after_commit(fail)
    assert await skus(database) == ["tea"]
    assert "the transaction is in force" in caplog.text


async def test_a_cancelled_task_undoes_its_transaction(database: Database) -> None:
    inside = asyncio.Event()

    async def work() -> None:
        async with database.transaction() as tx:
            await add(tx, "tea")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await skus(database) == []
    async with database.transaction() as tx:
        await add(tx, "cup")


async def test_twenty_tasks_change_one_row_one_after_the_other(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, "tea", 0)

    async def one_more() -> None:
        async with database.transaction() as tx:
            read = "SELECT on_hand FROM room_items WHERE sku = 'tea' FOR UPDATE"
            number = await tx.one_as(int, read)
            assert number is not None
            await asyncio.sleep(0)
            await tx.execute("UPDATE room_items SET on_hand = $1 WHERE sku = 'tea'", number + 1)

    await asyncio.gather(*(one_more() for _ in range(20)))
    assert await database.fetch_as(int, "SELECT on_hand FROM room_items") == [20]


@pytest.mark.control
async def test_without_the_row_lock_postgresql_loses_changes(database: Database) -> None:
    """The control of the test above: it can see a lost update where there is one."""
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer; no update can be lost")
    async with database.transaction() as tx:
        await add(tx, "tea", 0)
    both_have_read = asyncio.Barrier(2)

    async def one_more() -> None:
        async with database.transaction() as tx:
            number = await tx.one_as(int, "SELECT on_hand FROM room_items WHERE sku = 'tea'")
            assert number is not None
            await both_have_read.wait()
            await tx.execute("UPDATE room_items SET on_hand = $1 WHERE sku = 'tea'", number + 1)

    await asyncio.gather(one_more(), one_more())
    assert await database.fetch_as(int, "SELECT on_hand FROM room_items") == [1]


async def test_work_is_done_again_when_the_database_asks_for_it(database: Database) -> None:
    tries = 0

    async def work(tx: Transaction) -> str:
        nonlocal tries
        tries += 1
        await add(tx, f"try-{tries}")
        if tries < 3:
            raise Retry("deadlock")
        return "done"

    assert await database.atomically(work) == "done"
    assert await skus(database) == ["try-3"]


async def test_work_is_given_up_after_four_times(database: Database) -> None:
    tries = 0

    async def work(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        raise Retry("deadlock")

    with pytest.raises(Retry):
        await database.atomically(work)
    assert tries == 4


async def test_work_inside_a_transaction_is_left_to_the_outermost(database: Database) -> None:
    tries = 0

    async def work(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        raise Retry("deadlock")

    with pytest.raises(Retry):
        async with database.transaction():
            await database.atomically(work)
    assert tries == 1


async def test_two_that_lock_crosswise_both_succeed_in_the_end(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, "cup")
        await add(tx, "tea")
    met = asyncio.Barrier(2)
    first_time = {"cup", "tea"}

    async def crosswise(one: str, other: str) -> None:
        async def work(tx: Transaction) -> None:
            update = "UPDATE room_items SET on_hand = on_hand + 1 WHERE sku = $1"
            await tx.execute(update, one)
            if database.dialect == "postgresql" and one in first_time:
                first_time.remove(one)
                await met.wait()
            await tx.execute(update, other)

        await database.atomically(work)

    await asyncio.gather(crosswise("cup", "tea"), crosswise("tea", "cup"))
    assert await database.fetch_as(int, "SELECT on_hand FROM room_items") == [2, 2]


async def test_a_deadlock_is_told_as_retry(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer; nobody waits crosswise")
    async with database.transaction() as tx:
        await add(tx, "cup")
        await add(tx, "tea")
    met = asyncio.Barrier(2)

    async def crosswise(one: str, other: str) -> None:
        async with database.transaction() as tx:
            update = "UPDATE room_items SET on_hand = on_hand + 1 WHERE sku = $1"
            await tx.execute(update, one)
            await met.wait()
            await tx.execute(update, other)

    ends = await asyncio.gather(
        crosswise("cup", "tea"), crosswise("tea", "cup"), return_exceptions=True
    )
    assert {type(end) for end in ends} == {Retry, type(None)}


@pytest.fixture
async def impatient(database_url: str, database: Database) -> AsyncIterator[Database]:
    """The same database for somebody with one connection and little patience."""
    settings = Settings(connections=1, patience=0.05, lock_patience=0.05)
    impatient = Database.open(database_url, settings)
    await impatient.wait_ready()
    yield impatient
    await impatient.stop()


async def add_tea(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, "tea")


async def test_without_a_free_connection_the_answer_is_busy(impatient: Database) -> None:
    async with impatient.transaction():
        with pytest.raises(Busy):
            await asyncio.create_task(add_tea(impatient))
    await add_tea(impatient)


async def test_a_lock_that_does_not_come_is_told_as_busy(
    database: Database, impatient: Database
) -> None:
    async with database.transaction() as tx:
        await add(tx, "tea")
        with pytest.raises(Busy):
            await asyncio.create_task(add_tea(impatient))
        await tx.execute("DELETE FROM room_items")
    await add_tea(impatient)
