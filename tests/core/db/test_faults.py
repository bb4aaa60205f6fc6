"""What a database does to us, fault by fault: answered in time, and over without a trace."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from jishi.db import Busy, Database, DatabaseError, Settings, Transaction, Unavailable
from jishi.db.postgres_watch import Watch
from jishi.testing.fault_proxy import FaultProxy
from jishi.testing.patience import in_time
from jishi.testing.postgres_crash import CrashableServer

QUICK = Settings(
    connections=3,
    connect_limit=0.4,
    patience=0.5,
    lock_patience=0.3,
    statement_limit=0.5,
    look_every=0.05,
)
LONGEST = 2.5
"""Seconds after which everybody is answered under these limits, on a busy machine."""


@pytest.fixture
def proxy(fresh_postgres_url: str) -> Iterator[FaultProxy]:
    with FaultProxy(fresh_postgres_url) as proxy:
        yield proxy


@pytest.fixture
async def far(proxy: FaultProxy) -> AsyncIterator[Database]:
    """A database behind the proxy, with a table of sales."""
    database = Database.open(proxy.url, QUICK)
    await database.wait_ready()
    async with database.transaction() as tx:
        await tx.define("CREATE TABLE sales (key TEXT, n BIGINT)")
    yield database
    proxy.turn("pass")
    await database.stop()


async def sell(tx: Transaction, key: str) -> None:
    await tx.execute("INSERT INTO sales VALUES ($1, 1)", key)


async def sell_alone(database: Database, key: str) -> None:
    async with database.transaction() as tx:
        await sell(tx, key)


async def whole(database: Database) -> None:
    """Every connection can be had at once, and none is kept by anybody."""
    await database.wait_ready(60)
    met = asyncio.Barrier(database.connections.most)

    async def use() -> None:
        async with database.transaction() as tx:
            await tx.fetch("SELECT 1")
            await met.wait()

    async with asyncio.timeout(60):
        await asyncio.gather(*(use() for _ in range(database.connections.most)))
    assert database.connections.open == database.connections.most
    assert database.connections.busy == 0


@pytest.mark.measured
async def test_in_a_black_hole_everybody_is_answered_in_time(far: Database, proxy: FaultProxy):
    await whole(far)
    proxy.turn("black_hole")
    with in_time(LONGEST):
        ends = await asyncio.gather(
            *(sell_alone(far, f"lost-{n}") for n in range(20)),
            *(far.fetch("SELECT 1") for _ in range(20)),
            return_exceptions=True,
        )
    assert {type(end) for end in ends} <= {Unavailable, Busy}
    assert not far.connections.answering
    proxy.turn("pass")
    await whole(far)
    assert far.connections.answering
    assert await far.fetch("SELECT key FROM sales") == []


@pytest.mark.measured
async def test_after_the_first_silence_nobody_waits_any_more(far: Database, proxy: FaultProxy):
    proxy.turn("black_hole")
    with pytest.raises(Unavailable):
        await far.fetch("SELECT 1")
    with in_time(0.3):  # 100 waits of their own would be 50 s
        for _ in range(100):
            with pytest.raises(Unavailable):
                await far.fetch("SELECT 1")


async def test_cut_lines_are_replaced_and_none_is_lost(far: Database, proxy: FaultProxy):
    for _ in range(3):
        await whole(far)
        proxy.turn("reset")
        with pytest.raises(Unavailable):
            await far.fetch("SELECT 1")
        proxy.turn("pass")
    await whole(far)


async def test_a_slow_line_only_costs_time(far: Database, proxy: FaultProxy):
    proxy.delay = 0.02
    await asyncio.gather(*(sell_alone(far, f"slow-{n}") for n in range(5)))
    proxy.delay = 0
    assert await far.fetch_as(int, "SELECT count(*) FROM sales") == [5]
    await whole(far)


async def test_work_cut_before_its_commit_is_done_again(far: Database, proxy: FaultProxy):
    tries = 0

    async def work(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        await sell(tx, "once")
        if tries == 1:
            proxy.turn("reset")
            proxy.turn("pass")
            await sell(tx, "never")

    await far.atomically(work)
    assert tries == 2
    assert await far.fetch_as(str, "SELECT key FROM sales") == ["once"]
    await whole(far)


async def test_work_whose_commit_was_not_answered_is_never_done_again(
    far: Database, proxy: FaultProxy
):
    proxy.lose_every = 1
    with pytest.raises(Unavailable) as gone:
        await far.atomically(lambda tx: sell(tx, "once"))
    proxy.lose_every = 0
    assert gone.value.outcome_unknown
    assert await far.fetch_as(str, "SELECT key FROM sales") == ["once"]
    await whole(far)


@pytest.mark.control
async def test_doing_it_again_all_the_same_would_do_it_twice(far: Database, proxy: FaultProxy):
    """The positive control: the test above would notice."""
    proxy.lose_every = 1
    with pytest.raises(Unavailable):
        await sell_alone(far, "once")
    proxy.lose_every = 0
    await sell_alone(far, "once")
    assert await far.fetch_as(str, "SELECT key FROM sales") == ["once", "once"]


async def test_a_lock_is_waited_for_twice_and_then_told(far: Database):
    async with far.transaction() as tx:
        await tx.execute("LOCK TABLE sales IN EXCLUSIVE MODE")
        tries = 0

        async def work(other: Transaction) -> None:
            nonlocal tries
            tries += 1
            await sell(other, "never")

        with pytest.raises(Busy) as busy:
            await asyncio.create_task(far.atomically(work))
    assert tries == 2
    assert busy.value.waited_for == "lock"
    await whole(far)


async def test_a_statement_that_takes_too_long_is_told_and_leaves_the_connection(far: Database):
    with pytest.raises(Busy) as busy:
        await far.fetch("SELECT pg_sleep(5)")
    assert busy.value.waited_for == "statement"
    assert far.connections.answering
    await whole(far)


@pytest.mark.parametrize("error", [Busy("x"), Unavailable("x")])
def test_who_is_refused_is_told_what_to_do_and_nothing_else(error: DatabaseError):
    told = error.document()
    assert told["status"] == 503
    assert "Idempotency-Key" in str(told["next_step"])
    assert told["detail"] == error.title


@pytest.fixture
def own_server() -> Iterator[CrashableServer]:
    server = CrashableServer()
    server.start()
    yield server
    server.remove()


@pytest.mark.crash
async def test_a_server_that_was_killed_or_changed_its_part_needs_no_restart_of_ours(
    own_server: CrashableServer,
):
    database = Database.open(own_server.create_database("shop"), QUICK)
    await database.start()
    async with database.transaction() as tx:
        await tx.define("CREATE TABLE sales (key TEXT, n BIGINT)")
    await whole(database)
    await asyncio.to_thread(own_server.kill)
    with pytest.raises(Unavailable):
        await database.fetch("SELECT 1")
    with pytest.raises(Unavailable):
        await sell_alone(database, "never")
    await asyncio.to_thread(own_server.start)
    await sell_alone(database, "after the kill")
    await whole(database)
    await asyncio.to_thread(own_server.become_standby)
    assert await database.fetch_as(str, "SELECT key FROM sales") == ["after the kill"]
    with pytest.raises(Unavailable, match="only serves readers"):
        await sell_alone(database, "never")
    await asyncio.to_thread(own_server.promote)
    await sell_alone(database, "after the change")
    await whole(database)
    assert await database.fetch_as(int, "SELECT count(*) FROM sales") == [2]
    await database.stop()


@pytest.mark.control
async def test_without_the_watch_everybody_waits(far: Database, proxy: FaultProxy, monkeypatch):
    """The positive control: the test that nobody waits would notice."""
    monkeypatch.setattr(Watch, "fell_silent", lambda self: None)
    proxy.turn("black_hole")
    began = time.monotonic()
    for _ in range(4):
        with pytest.raises(Unavailable):
            await far.fetch("SELECT 1")
    assert time.monotonic() - began > 1
