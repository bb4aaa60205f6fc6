"""One SQLite transaction on the writer."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import suppress

from jishi.db.engines import OnConflict
from jishi.db.errors import DatabaseError, Unavailable
from jishi.db.sqlite_worker import SqliteWorker, rows_of
from jishi.db.translate import to_sqlite
from jishi.db.values import Argument, Row, Value, check_values, for_sqlite


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
            with suppress(DatabaseError):  # `begin` clears what could not be undone here
                await self._writer.call(_undo)
        finally:
            self._lock.release()


def begin(connection: sqlite3.Connection) -> None:
    """Open a transaction that may write, at once and not with its first statement."""
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
