"""Databases that have the core's tables already: made once a session, lent test after test.

A SQLite file is copied. A PostgreSQL database is wiped after a test and lent again, which is a
hundred times faster than making one; a test that changed its tables leaves it behind, and a new
one is made. Whoever wipes stays connected, as `WIPER`, in a loop of its own.
"""

import asyncio
import secrets
import shutil
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg
import pytest

from jishi.config import Source, read_config
from jishi.testing.postgres_server import run_sql, run_work
from jishi.web import open_shop, require_tables

T = TypeVar("T")

WIPER = "jishi wiper"
"""What the connections that wipe are called; no test's business."""

_SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"

_SHAPE = """
SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
    SELECT attrelid::regclass::text || '.' || attname || atttypid || attnotnull::text AS line
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
    UNION ALL SELECT conname::text || pg_get_constraintdef(pg_constraint.oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tgname::text || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
) AS shape
"""
"""A digest of tables, constraints and triggers: did the test change more than rows?"""


_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Shelf:
    """PostgreSQL databases with the core's tables, lent to one test at a time.

    Args:
        server: The server's URL.
        folder: For the shop that makes the first one.
    """

    def __init__(self, server: str, folder: Path) -> None:
        self._server = server
        self._free: list[str] = []
        self._wipers: dict[str, asyncpg.Connection[asyncpg.Record]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._template = self._make("template0")
        asyncio.run(_migrate(folder, self._url(self._template)))
        self._shape, self._tables, self._seed = run_work(_look(self._url(self._template)))

    def lend(self) -> str:
        """The URL of a database with nothing in its tables but what migrations put there."""
        return self._url(self._free.pop() if self._free else self._make(self._template))

    def take_back(self, url: str) -> None:
        """Wipe it for the next test, or throw it away when its tables were changed."""
        name = urlsplit(url).path.removeprefix("/")
        if self._do(self._wipe(name)):
            self._free.append(name)
        else:
            self._drop(name)

    def close(self) -> None:
        """Drop every database that was made."""
        self._do(self._send_wipers_home())
        for name in (*self._free, self._template):
            self._drop(name)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _send_wipers_home(self) -> None:
        for wiper in self._wipers.values():
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await wiper.close(timeout=10)

    async def _wipe(self, name: str) -> bool:
        """Empty all tables and put the seed back; False when they are not what they were."""
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, KeyError):
            return await self._wipe_as(self._wipers[name])
        # The first time, or a test cut every connection there was.
        self._wipers[name] = await asyncpg.connect(
            self._url(name), timeout=60, server_settings={"application_name": WIPER}
        )
        return await self._wipe_as(self._wipers[name])

    async def _wipe_as(self, wiper: "asyncpg.Connection[asyncpg.Record]") -> bool:
        await wiper.execute(_END_OTHERS)
        if await wiper.fetchval(_SHAPE) != self._shape:
            return False
        used = {str(table) for (table,) in await wiper.fetch(_used(self._tables))}
        async with wiper.transaction():
            # Triggers and references sleep: rows that never change go as well.
            await wiper.execute("SET LOCAL session_replication_role = replica")
            await wiper.execute("; ".join(f'DELETE FROM "{table}"' for table in used))  # noqa: S608
            for table, rows in self._seed.items():
                recordset = f'json_populate_recordset(NULL::"{table}", $1)'
                await wiper.execute(f'INSERT INTO "{table}" SELECT * FROM {recordset}', rows)  # noqa: S608
        return True

    def _do(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _make(self, template: str) -> str:
        name = f"jishi_shelf_{secrets.token_hex(6)}"
        run_sql(self._server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _drop(self, name: str) -> None:
        run_sql(self._server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _url(self, name: str) -> str:
        return urlsplit(self._server)._replace(path=f"/{name}").geturl()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file with the core's tables."""
    folder = tmp_path_factory.mktemp("template")
    asyncio.run(_migrate(folder, f"sqlite:///{folder / 'shop.db'}"))
    return folder / "shop.db"


@pytest.fixture(scope="session")
def postgres_shelf(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Give the shelf of PostgreSQL databases."""
    shelf = Shelf(postgres_url, tmp_path_factory.mktemp("template"))
    yield shelf
    shelf.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a database with the core's tables and nothing else; plugins' tables are to come."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copyfile(template, tmp_path / "shop.db")
        yield f"sqlite:///{tmp_path / 'shop.db'}"
        return
    shelf: Shelf = request.getfixturevalue("postgres_shelf")
    url = shelf.lend()
    yield url
    shelf.take_back(url)


async def _migrate(folder: Path, url: str) -> None:
    tables = {
        "shop": {"name": "Template", "secret": {"env": "SHOP_SECRET"}},
        "database": {"url": url},
    }
    shop = await open_shop(read_config(Source(folder, tables=tables, environ=_SECRET)))
    try:
        await require_tables(shop, "upgrade")
    finally:
        await shop.database.stop()


async def _look(url: str) -> tuple[str, list[str], dict[str, str]]:
    """The shape of a database, its tables, and the rows of migrations, as JSON by table."""
    connection = await asyncpg.connect(url, timeout=60)
    try:
        seed: dict[str, str] = {}
        tables = [str(table) for (table,) in await connection.fetch(_TABLES)]
        for table in tables:
            rows = await connection.fetchval(f'SELECT json_agg(each) FROM "{table}" AS each')  # noqa: S608
            if rows is not None:
                seed[table] = rows
        return await connection.fetchval(_SHAPE), tables, seed
    finally:
        await connection.close()


def _used(tables: list[str]) -> str:
    """The statement that finds the tables with rows in them."""
    looks = (f"SELECT '{each}' WHERE EXISTS (SELECT 1 FROM \"{each}\")" for each in tables)  # noqa: S608
    return " UNION ALL ".join(looks)
