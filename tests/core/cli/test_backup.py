"""A shop is copied while it sells, and the copy is a right shop of that moment."""

import asyncio
import os
import sqlite3
from contextlib import asynccontextmanager

import asyncpg
import pytest

from jishi.testing.postgres_server import installations, run_work


@pytest.fixture(autouse=True)
def programs(monkeypatch) -> None:
    """The programs of the server that the tests run on are found."""
    folders = [str(each) for each in installations()]
    monkeypatch.setenv("PATH", os.pathsep.join([*folders, os.environ["PATH"]]))


@pytest.fixture
def elsewhere(ready_build, tmp_path, request) -> str:
    """Give the address of a place to restore to."""
    if ready_build.url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'restored.db'}"
    return request.getfixturevalue("create_postgres_database")()


@asynccontextmanager
async def selling(shopper, placed: list[str]):
    """Four people who buy without end."""
    going_home = asyncio.Event()

    async def buy() -> None:
        while not going_home.is_set():
            guest = shopper.another()
            stage = "paid" if len(placed) % 3 else "placed"
            placed.append((await guest.up_to(stage, {"tea": 1}))["id"])

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(buy())
        yield
        going_home.set()


async def until(placed: list[str], many: int) -> None:
    while len(placed) < many:  # noqa: ASYNC110 - a list of the test's own
        await asyncio.sleep(0.01)


def orders_in(url: str) -> set[str]:
    statement = "SELECT id FROM orders_orders"
    if url.startswith("sqlite"):
        return {order for (order,) in _opened(url).execute(statement)}

    async def ask() -> set[str]:
        connection = await asyncpg.connect(url)
        try:
            return {order for (order,) in await connection.fetch(statement)}
        finally:
            await connection.close()

    return run_work(ask())


def _opened(url: str) -> sqlite3.Connection:
    return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)


def spoil(url: str, statement: str) -> None:
    """Write into a database by hand, its own guards asleep."""
    if url.startswith("sqlite"):
        connection = _opened(url)
        connection.execute("PRAGMA ignore_check_constraints = ON")
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        connection.close()
        return

    async def write() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("SET session_replication_role = replica")
            await connection.execute(statement)
        finally:
            await connection.close()

    run_work(write())


@pytest.mark.bar("B32")
async def test_a_backup_under_load_is_a_right_shop_of_one_moment(
    ready_build, seller, shopper, tmp_path, elsewhere
):
    await seller.product("tea", stock=100_000)
    file, placed = tmp_path / "shop.backup", []
    async with selling(shopper, placed):
        await until(placed, 10)
        before = set(placed)
        done = await asyncio.to_thread(ready_build.told, "db", "backup", str(file))
        await until(placed, len(placed) + 10)
    assert done["code"] == 0
    assert done["copied"]["size"] == file.stat().st_size
    assert [each.name for each in tmp_path.glob("*.new*")] == []
    told = await asyncio.to_thread(
        ready_build.told, "db", "restore", str(file), "--into", elsewhere
    )
    assert [each for each in told["findings"] if each["state"] != "ok"] == []
    assert (told["code"], told["status"]) == (0, "right")
    kept = orders_in(elsewhere)
    assert told["orders"] == len(kept)
    assert before <= kept < set(placed)


async def test_nothing_is_ever_overwritten(ready_build, shop, tmp_path, elsewhere):
    file = tmp_path / "shop.backup"
    run = ready_build.run
    assert (await asyncio.to_thread(run, "db", "backup", str(file))).returncode == 0
    before = file.read_bytes()
    again = await asyncio.to_thread(run, "db", "backup", str(file))
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert file.read_bytes() == before
    into = ("db", "restore", str(file), "--into")
    assert (await asyncio.to_thread(run, *into, elsewhere)).returncode == 0
    taken = await asyncio.to_thread(run, *into, elsewhere)
    assert taken.returncode == 2
    assert "never overwritten" in taken.stderr or "tables" in taken.stderr


async def test_a_file_that_is_no_backup_is_refused(ready_build, tmp_path, elsewhere):
    file = tmp_path / "letter.txt"
    file.write_text("a letter")
    done = await asyncio.to_thread(
        ready_build.run, "db", "restore", str(file), "--into", elsewhere
    )
    assert done.returncode == 2
    assert "no copy" in done.stderr


async def test_a_backup_that_was_spoilt_is_told(ready_build, seller, shopper, tmp_path):
    """The positive control of the check: it would notice."""
    await seller.product("tea", stock=10)
    await shopper.up_to("paid", {"tea": 1})
    right = await asyncio.to_thread(ready_build.told, "db", "check")
    assert (right["code"], right["orders"]) == (0, 1)
    spoil(ready_build.url, "UPDATE ledger_accounts SET balance = 7 WHERE id LIKE 'stock:%'")
    wrong = await asyncio.to_thread(ready_build.told, "db", "check")
    assert wrong["code"] == 1
    (found,) = [each for each in wrong["findings"] if each["state"] == "problem"]
    assert found["subject"] == "balances"
    assert found["next_step"]


@pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
async def test_a_torn_file_is_told_by_the_check(ready_build, seller, tmp_path):
    await seller.product("tea", stock=10)
    file = tmp_path / "shop.backup"
    await asyncio.to_thread(ready_build.run, "db", "backup", str(file))
    assert (await asyncio.to_thread(ready_build.told, "db", "check", str(file)))["code"] == 0
    torn = bytearray(file.read_bytes())
    torn[len(torn) // 2 : len(torn) // 2 + 40_000] = b"\xff" * 40_000
    file.write_bytes(torn)
    done = await asyncio.to_thread(ready_build.run, "db", "check", str(file), "--json")
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("migrated_database_url", ["postgresql"], indirect=True)
async def test_without_pg_dump_it_is_said_what_to_install(ready_build, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("jishi.db.backup._ELSEWHERE", tmp_path)
    done = await asyncio.to_thread(ready_build.run, "db", "backup", str(tmp_path / "x.backup"))
    assert done.returncode == 2
    assert "postgresql-client-" in done.stderr
    assert not (tmp_path / "x.backup").exists()
