"""SQLite: one writer, a few readers, durable to the last commit.

The writer's lock is an asyncio lock taken before ``BEGIN IMMEDIATE``, so tasks of this process
queue fairly instead of polling the file; other processes wait by SQLite's own busy timeout.
"""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from jishi.db.engines import Dialect, OnConflict, Settings, uncancelled
from jishi.db.errors import Busy, DatabaseError, Unavailable
from jishi.db.sqlite_worker import SqliteWorker, rows_of
from jishi.db.translate import to_sqlite
from jishi.db.values import Argument, Row, Value, check_values, for_sqlite


def pragmas(settings: Settings) -> tuple[str, ...]:
    """What makes a connection safe: WAL, fsync on every commit, foreign keys."""
    return (
        f"PRAGMA busy_timeout = {int(settings.lock_patience * 1000)}",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA recursive_triggers = ON",  # or REPLACE would slip past a DELETE trigger
        "PRAGMA trusted_schema = OFF",
        "PRAGMA mmap_size = 268435456",
    )


class SqliteEngine:
    """The connections to one database file.

    Args:
        path: The file; ``:memory:`` is a file in a temporary folder that goes with `stop`.
        settings: How long to wait, how many readers.
    """

    dialect: Dialect = "sqlite"

    def __init__(self, path: str, settings: Settings) -> None:
        self._path = path
        self._settings = settings
        self._folder: str | None = None
        self._writer: SqliteWorker | None = None
        self._readers: list[SqliteWorker] = []
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Open the file, making it if it is new."""
        if self._writer is not None:
            return
        path = self._path
        if path in ("", ":memory:"):
            self._folder = tempfile.mkdtemp(prefix="jishi-")
            path = str(Path(self._folder) / "shop.db")
        safe = pragmas(self._settings)
        self._lock = asyncio.Lock()
        self._writer = SqliteWorker(path, safe)
        self._readers = [
            SqliteWorker(path, (*safe, "PRAGMA query_only = ON"))
            for _ in range(self._settings.readers)
        ]
        for worker in (self._writer, *self._readers):
            worker.start()
        try:
            for worker in (self._writer, *self._readers):
                await worker.call(lambda connection: connection.execute("SELECT 1").fetchall())
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close every connection after what it is doing."""
        if self._writer is None:
            return
        workers, self._writer, self._readers = [*self._readers, self._writer], None, []
        for worker in workers:
            await asyncio.to_thread(worker.stop)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    async def refresh(self) -> None:
        """SQLite notices changed tables by itself."""

    async def fetch(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        """Read on the reader with the shortest queue."""
        if not self._readers:
            raise Unavailable("the database is not started; call `await database.start()` first")
        check_values(args)
        text, values = to_sqlite(sql), [for_sqlite(one) for one in args]
        reader = min(self._readers, key=lambda one: one.waiting)
        return await reader.call(lambda connection: rows_of(connection.execute(text, values)))

    async def begin(self) -> "SqliteLink":
        """Wait for the writer and open a transaction that holds it."""
        if self._writer is None:
            raise Unavailable("the database is not started; call `await database.start()` first")
        writer, lock = self._writer, self._lock
        try:
            async with asyncio.timeout(self._settings.patience):
                await lock.acquire()
        except TimeoutError:
            raise Busy("another transaction kept the SQLite writer for too long") from None
        link = SqliteLink(writer, lock)
        try:
            await uncancelled(writer.call(_begin))
        except BaseException:
            await uncancelled(link.rollback())
            raise
        return link


class SqliteLink:
    """The writer, for as long as one transaction lasts."""

    def __init__(self, writer: SqliteWorker, lock: asyncio.Lock) -> None:
        self._writer = writer
        self._lock = lock

    async def fetch(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        """Run one statement and give its rows."""
        check_values(args)
        text, values = to_sqlite(sql), [for_sqlite(one) for one in args]
        return await self._writer.call(lambda open_: rows_of(_within(open_).execute(text, values)))

    async def execute(self, sql: str, args: Sequence[Argument]) -> int:
        """Run one statement and give the number of rows it touched."""
        check_values(args)
        text, values = to_sqlite(sql), [for_sqlite(one) for one in args]

        def job(connection: sqlite3.Connection) -> int:
            cursor = _within(connection).execute(text, values)
            rows = cursor.fetchall()
            return cursor.rowcount if cursor.rowcount >= 0 else len(rows)

        return await self._writer.call(job)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        """Run one statement for each row of arguments."""
        await self._many(to_sqlite(sql), rows)

    async def insert(
        self,
        table: str,
        columns: Sequence[tuple[str, str]],
        rows: Sequence[Sequence[Value]],
        on_conflict: OnConflict,
    ) -> int:
        """Insert many rows in one hop."""
        names = ", ".join(f'"{name}"' for name, _ in columns)
        marks = ", ".join("?" * len(columns))
        tail = " ON CONFLICT DO NOTHING" if on_conflict == "ignore" else ""
        # Names come from Table classes, values travel as arguments.
        sql = f'INSERT INTO "{table}" ({names}) VALUES ({marks}){tail}'
        return await self._many(sql, rows)

    async def _many(self, text: str, rows: Sequence[Sequence[Value]]) -> int:
        for row in rows:
            check_values(row)
        values = [[for_sqlite(one) for one in row] for row in rows]
        return await self._writer.call(
            lambda connection: _within(connection).executemany(text, values).rowcount
        )

    async def define(self, sql: str) -> None:
        """Run one statement in SQLite's own spelling."""
        await self._writer.call(lambda connection: _within(connection).execute(sql).close())

    async def back_to(self, savepoint: str) -> None:
        """Undo and forget a savepoint."""

        def job(connection: sqlite3.Connection) -> None:
            connection.execute(f"ROLLBACK TO {savepoint}").close()
            connection.execute(f"RELEASE {savepoint}").close()

        await self._writer.call(job)

    async def commit(self) -> None:
        """Make it last; what can not be committed is undone."""
        try:
            await self._writer.call(_commit)
        except Unavailable as error:
            # An fsync that failed may or may not have reached the disk.
            error.outcome_unknown = True
            raise
        finally:
            self._lock.release()

    async def rollback(self) -> None:
        """Undo whatever is still open and let the next transaction in."""
        try:
            with suppress(DatabaseError):  # `_begin` clears what could not be undone here
                await self._writer.call(_undo)
        finally:
            self._lock.release()


def _begin(connection: sqlite3.Connection) -> None:
    _undo(connection)
    connection.execute("BEGIN IMMEDIATE").close()


def _commit(connection: sqlite3.Connection) -> None:
    try:
        _within(connection).execute("COMMIT").close()
    finally:
        _undo(connection)


def _undo(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK").close()


def _within(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Refuse to go on in autocommit after SQLite undid a transaction by itself (disk full)."""
    if not connection.in_transaction:
        raise DatabaseError("SQLite ended the transaction by itself; nothing of it was kept")
    return connection
