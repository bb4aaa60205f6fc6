"""Databases that have the core's tables already: made once a session, lent test after test.

A SQLite file is copied. A PostgreSQL database is wiped after a test and lent again, which is ten
times faster than making one; a test that changed its tables leaves it behind, and a new one is
made.
"""

import asyncio
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from jishi.config import Source, read_config
from jishi.testing.postgres_server import run_sql, run_work
from jishi.web import open_shop, require_tables

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


class Shelf:
    """PostgreSQL databases with the core's tables, lent to one test at a time.

    Args:
        server: The server's URL.
        folder: For the shop that makes the first one.
    """

    def __init__(self, server: str, folder: Path) -> None:
        self._server = server
        self._free: list[str] = []
        self._template = self._make("template0")
        asyncio.run(_migrate(folder, self._url(self._template)))
        self._shape, self._seed = run_work(_look(self._url(self._template)))

    def lend(self) -> str:
        """The URL of a database with nothing in its tables but what migrations put there."""
        return self._url(self._free.pop() if self._free else self._make(self._template))

    def take_back(self, url: str) -> None:
        """Wipe it for the next test, or throw it away when its tables were changed."""
        name = urlsplit(url).path.removeprefix("/")
        if run_work(_wipe(url, self._shape, self._seed)):
            self._free.append(name)
        else:
            self._drop(name)

    def close(self) -> None:
        """Drop every database that was made."""
        for name in (*self._free, self._template):
            self._drop(name)

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


async def _look(url: str) -> tuple[str, dict[str, str]]:
    """The shape of a database, and the rows that its migrations put there, as JSON by table."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        seed: dict[str, str] = {}
        for (table,) in await connection.fetch(_TABLES):
            rows = await connection.fetchval(f'SELECT json_agg(each) FROM "{table}" AS each')  # noqa: S608
            if rows is not None:
                seed[table] = rows
        return await connection.fetchval(_SHAPE), seed
    finally:
        await connection.close()


async def _wipe(url: str, shape: str, seed: dict[str, str]) -> bool:
    """Empty all tables and put the seed back; False when the tables are not what they were."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if await connection.fetchval(_SHAPE) != shape:
            return False
        # Triggers and foreign keys sleep for this session: rows that never change go as well.
        await connection.execute("SET session_replication_role = replica")
        for (table,) in await connection.fetch(_TABLES):
            await connection.execute(f'DELETE FROM "{table}"')  # noqa: S608
        for table, rows in seed.items():
            recordset = f'json_populate_recordset(NULL::"{table}", $1)'
            await connection.execute(f'INSERT INTO "{table}" SELECT * FROM {recordset}', rows)  # noqa: S608
        return True
    finally:
        await connection.close()
