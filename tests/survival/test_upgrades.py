"""Databases of every release are upgraded whole, once, whatever is killed meanwhile."""

import asyncio
import gzip
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from jishi.config import Source, read_config
from jishi.db import DatabaseError, Migrations, TooNew, migrations
from jishi.db import Source as Owner
from jishi.testing.postgres_server import run_work
from jishi.web import open_shop
from jishi.web.rooms import migrations_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

HERE = Path(__file__).parent
RELEASES = sorted(
    {file.name.split(".sq")[0].split(".postgresql")[0] for file in HERE.glob("golden/*.gz")}
)
SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}


async def _execute(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()


@pytest.fixture(params=RELEASES)
def golden_url(request, database_url: str) -> str:
    """Give a database as a release left it."""
    engine = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    script = gzip.decompress(
        (HERE / f"golden/{request.param}.{engine}.sql.gz").read_bytes()
    ).decode()
    if engine == "postgresql":
        run_work(_execute(database_url, script))
    else:
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as file:
            file.executescript(script)
    return database_url


@pytest.fixture
async def golden(golden_url: str, tmp_path: Path, monkeypatch):
    """Give a function that opens this code's shop on it."""
    monkeypatch.syspath_prepend(str(HERE))
    opened = []

    async def open_():
        tables = {
            "shop": {"name": "老店", "secret": {"env": "SHOP_SECRET"}},
            "database": {"url": golden_url},
        }
        shop = await open_shop(read_config(Source(tmp_path, tables=tables, environ=SECRET)))
        opened.append(shop)
        return shop

    yield open_
    for shop in opened:
        await shop.database.stop()


def everybody(shop, package: str) -> Migrations:
    ours = migrations_of(shop)
    later = Owner(name="later", package=package, after=tuple(one.name for one in ours))
    return Migrations(shop.database, [*ours, later])


@pytest.mark.crash
@pytest.mark.bar("B23", "B20")
def test_a_kill_between_any_two_statements_leaves_one_upgrade(
    stage, golden_url, tmp_path, profile
):
    # Of the statements the quick profile is killed before every n-th; the long one before all.
    quick = 5 if golden_url.startswith("sqlite") else 15
    step = 1 if profile == "long" else quick
    report = stage.explore("migrate", golden_url, tmp_path, "everything", step)
    sys.stdout.write(f"{golden_url.partition(':')[0]} {report}\n")
    assert report.complaints == []
    assert report.states >= 3


async def one_of_two(golden) -> tuple[list[str], list[str]]:
    """What each of two starters applied, at the same moment."""
    shops = [await golden(), await golden()]
    found = await asyncio.gather(
        *(everybody(shop, "upgrades.survival_later").upgrade() for shop in shops)
    )
    one, other = ([f"{each.source} {each.module}" for each in part] for part in found)
    assert await everybody(shops[0], "upgrades.survival_later").pending() == []
    return one, other


@pytest.mark.bar("B23")
async def test_of_two_starters_each_migration_has_one(golden):
    one, other = await one_of_two(golden)
    assert not set(one) & set(other)
    assert {"later m0001_notes", "later m0002_stars"} <= {*one, *other}


@pytest.mark.control
@pytest.mark.bar("B22", "B23")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_without_the_lock_two_starters_collide(golden, monkeypatch):
    """The positive control: the test above would notice. SQLite's BEGIN IMMEDIATE is its lock."""

    async def look_away(tx, dialect) -> None:
        await tx.execute("SELECT pg_sleep(0.2)")

    monkeypatch.setattr(migrations, "_lock", look_away)
    with pytest.raises(DatabaseError):
        await one_of_two(golden)


@pytest.mark.bar("B23")
async def test_older_code_refuses_a_newer_database_and_says_what_to_do(golden):
    shop = await golden()
    await everybody(shop, "upgrades.survival_later").upgrade()
    with pytest.raises(TooNew) as told:
        await everybody(shop, "upgrades.survival_before").upgrade()
    assert "later m0002_stars" in str(told.value)
    assert "newer version" in str(told.value)
    assert "restore a backup" in str(told.value)


@pytest.mark.bar("B23")
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_every_release_has_its_golden_databases(engine):
    kept = {file.name.removesuffix(f".{engine}.sql.gz") for file in HERE.glob("golden/*.gz")}
    assert set(RELEASES) <= kept
    assert RELEASES
