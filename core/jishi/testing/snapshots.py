"""A database as it was: kept once, compared and brought back as often as needed."""

import asyncio
import hashlib
import shutil
import sqlite3
import time
from collections.abc import Coroutine, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import asyncpg

from jishi.testing.postgres_server import run_sql

T = TypeVar("T")
Digests = Mapping[str, str]
"""A digest of all rows by table."""

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
AND application_name <> 'jishi wiper'
"""
_END_WIPERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jishi wiper'
"""

_ROW = "(to_jsonb(r) - 'place' - 'applied_on')::text"
"""A row without what differs each time: its transaction's number, a migration's second."""
_NEXT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


class Snapshot(Protocol):
    """One database, to which one always can go back."""

    def keep(self) -> None:
        """Remember how it is now."""

    def untouched(self) -> bool:
        """Whether certainly nothing was written since; waits as `digests` does."""

    def digests(self) -> Digests:
        """How it is now; waits until a killed process's last transaction is over."""

    def restore(self) -> None:
        """Make it what it was, tables included."""

    def close(self) -> None:
        """Keep it no longer."""


def snapshot_of(url: str) -> Snapshot:
    """The snapshot for a database's engine."""
    if url.startswith("sqlite:"):
        return SqliteSnapshot(Path(url.removeprefix("sqlite:///")))
    return PostgresSnapshot(url)


class SqliteSnapshot:
    """Keeps a copy of the file beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = path.with_suffix(".kept")

    def close(self) -> None:
        """Throw away what was kept."""
        self._kept.unlink(missing_ok=True)

    def keep(self) -> None:
        """Remember how it is now."""
        with closing(sqlite3.connect(self._path)) as open_:
            open_.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self._path, self._kept)

    def untouched(self) -> bool:
        """Whether certainly nothing was written since."""
        log = self._path.with_name(f"{self._path.name}-wal")
        if log.exists() and log.stat().st_size:
            return False
        return self._path.read_bytes() == self._kept.read_bytes()

    def digests(self) -> Digests:
        """How it is now."""
        with closing(sqlite3.connect(self._path)) as open_:
            if (said := open_.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise AssertionError(f"{self._path}: {said}")
            names = open_.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
            return {name: _digest(open_, name) for (name,) in names.fetchall()}

    def restore(self) -> None:
        """Put the copy back."""
        for ending in ("-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        shutil.copyfile(self._kept, self._path)


def _digest(open_: sqlite3.Connection, table: str) -> str:
    rows = open_.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608
    return hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()


class PostgresSnapshot:
    """Keeps rows as JSON; a database whose tables changed too cannot be brought back.

    It stays connected, in a loop of its own that runs only while it is asked.
    """

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._open = self._do(asyncpg.connect(url, timeout=10))
        self._rows: dict[str, str | None] = {}
        self._kept: Digests = {}
        self._next = 0

    def close(self) -> None:
        """Let go of the connection."""
        self._do(self._open.close())
        self._loop.close()

    def keep(self) -> None:
        """Remember how it is now."""
        self._kept = self.digests()
        self._next = self._next_transaction()
        for table in self._kept:
            statement = f'SELECT json_agg(each) FROM "{table}" AS each'  # noqa: S608
            self._rows[table] = self._do(self._open.fetchval(statement))

    def untouched(self) -> bool:
        """Whether certainly nothing was written since."""
        self._wait_alone()
        return self._next == self._next_transaction()

    def _next_transaction(self) -> int:
        return int(self._do(self._open.fetchval(_NEXT)))

    def _wait_alone(self) -> None:
        end = time.monotonic() + 20
        while self._do(self._open.fetchval(_OTHERS)):
            if time.monotonic() > end:
                raise TimeoutError("a killed process's connection does not end")
            time.sleep(0.002)

    def digests(self) -> Digests:
        """How it is now, once nobody else is connected."""
        self._wait_alone()
        tables = [str(row[0]) for row in self._do(self._open.fetch(_TABLES))]
        parts = [
            f"SELECT '{each}', md5(string_agg({_ROW}, '|' ORDER BY {_ROW})) FROM \"{each}\" AS r"  # noqa: S608
            for each in tables
        ]
        found = self._do(self._open.fetch(" UNION ALL ".join(parts))) if parts else []
        return {str(table): str(digest) for table, digest in found}

    def restore(self) -> None:
        """Write the rows of changed tables anew, with triggers and references asleep."""
        changed = [table for table, now in self.digests().items() if now != self._kept[table]]
        self._do(self._open.execute("SET session_replication_role = replica"))
        for table in changed:
            self._do(self._open.execute(f'DELETE FROM "{table}"'))  # noqa: S608
            if (rows := self._rows[table]) is not None:
                source = f'json_populate_recordset(NULL::"{table}", $1)'
                statement = f'INSERT INTO "{table}" SELECT * FROM {source}'  # noqa: S608
                self._do(self._open.execute(statement, rows))
        self._next = self._next_transaction()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)


class TemplateSnapshot:
    """Keeps a PostgreSQL database as a template, for stories that change its tables."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._name = urlsplit(url).path.removeprefix("/")
        self._kept = f"{self._name}_kept"
        self._server = urlsplit(url)._replace(path="/postgres").geturl()

    def keep(self) -> None:
        """Remember how it is now."""
        self.digests()  # once nobody is connected
        run_sql(self._url, _END_WIPERS)  # a template has no visitors
        run_sql(self._server, f'CREATE DATABASE "{self._kept}" TEMPLATE "{self._name}"')

    def untouched(self) -> bool:
        """Not known without looking."""
        return False

    def digests(self) -> Digests:
        """How it is now."""
        look = PostgresSnapshot(self._url)
        try:
            return look.digests()
        finally:
            look.close()

    def restore(self) -> None:
        """Make it anew from what was kept."""
        run_sql(self._server, f'DROP DATABASE "{self._name}" WITH (FORCE)')
        run_sql(self._server, f'CREATE DATABASE "{self._name}" TEMPLATE "{self._kept}"')

    def close(self) -> None:
        """Throw away what was kept."""
        run_sql(self._server, f'DROP DATABASE IF EXISTS "{self._kept}"')
