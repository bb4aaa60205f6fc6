"""One PostgreSQL transaction on one connection of the pool."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol, TypeVar, cast

import asyncpg

from jishi.db.engines import OnConflict
from jishi.db.errors import DatabaseError, Unavailable
from jishi.db.postgres_errors import is_silence, translated
from jishi.db.values import Argument, Row, Value, check_values

ROLLBACK_LIMIT = 2.0
"""Seconds a rollback may take before the connection is cut; the server then undoes it alone."""
DEFINITION_LIMIT = 3600.0
"""Seconds a change of the tables may take."""
COMMIT_LIMIT = 7.0
"""Seconds a COMMIT may take before its outcome counts as unknown."""

COPY_FROM = 4
"""Rows from which COPY pays for its second round trip."""

T = TypeVar("T")


class Connection(Protocol):
    """What we use of an asyncpg connection, which ships without types."""

    async def fetch(self, query: str, *args: object) -> Sequence[Row]:
        """Run one statement and give its rows."""

    async def execute(  # asyncpg's own signature
        self,
        query: str,
        *args: object,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> str:
        """Run one statement, or several without arguments, and give the last one's tag."""

    async def executemany(self, command: str, args: object) -> None:
        """Run one statement for each row of arguments."""

    async def copy_records_to_table(
        self, table_name: str, *, records: object, columns: Sequence[str]
    ) -> str:
        """Copy rows into a table."""

    def terminate(self) -> None:
        """Cut the connection at once."""


class PostgresLink:
    """A connection between BEGIN and its end.

    Args:
        connection: The pool's.
        give_back: Takes it at the end.
        silence: Told when the server does not answer at all.
    """

    def __init__(
        self,
        connection: Connection,
        give_back: Callable[[Connection], Awaitable[None]],
        silence: Callable[[], Awaitable[None]],
    ) -> None:
        self._connection = connection
        self._give_back = give_back
        self._silence = silence

    async def fetch(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        """Run one statement and give its rows."""
        check_values(args)
        return await self._mapped(self._connection.fetch, sql, *args)

    async def execute(self, sql: str, args: Sequence[Argument]) -> int:
        """Run one statement and give the number of rows it touched."""
        check_values(args)
        status = await self._mapped(self._connection.execute, sql, *args)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdecimal() else 0

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        """Run one statement for each row of arguments, in one round trip."""
        for row in rows:
            check_values(row)
        await self._mapped(self._connection.executemany, sql, rows)

    async def insert(
        self,
        table: str,
        columns: Sequence[tuple[str, str]],
        rows: Sequence[Sequence[Value]],
        on_conflict: OnConflict,
    ) -> int:
        """Insert some rows by one statement over arrays, many by COPY, which costs half."""
        if len(rows) >= COPY_FROM and on_conflict == "error":
            for row in rows:
                check_values(row)
            named = [name for name, _ in columns]
            copy = self._connection.copy_records_to_table
            await self._mapped(partial(copy, table, records=rows, columns=named))
            return len(rows)
        names = ", ".join(f'"{name}"' for name, _ in columns)
        arrays = ", ".join(f"${at}::{kind}[]" for at, (_, kind) in enumerate(columns, 1))
        tail = " ON CONFLICT DO NOTHING" if on_conflict == "ignore" else ""
        # Names come from Table classes, values travel as arguments.
        sql = f'INSERT INTO "{table}" ({names}) SELECT * FROM unnest({arrays}){tail}'
        return await self.execute(sql, cast(Sequence[Argument], list(zip(*rows, strict=True))))

    async def define(self, sql: str) -> None:
        """Run one statement without arguments; it may take as long as the server allows."""
        await self._mapped(self._connection.execute, sql, timeout=DEFINITION_LIMIT)

    async def _mapped(self, ask: Callable[..., Awaitable[T]], *args: object, **limits: float) -> T:
        # Called in here because a dead connection refuses before there is anything to await.
        try:
            return await ask(*args, **limits)
        except Exception as error:
            if is_silence(error):
                cut(self._connection)
                await self._silence()
            raise translated(error) from error

    async def back_to(self, savepoint: str) -> None:
        """Undo and forget a savepoint, or cut the connection."""
        text = f"ROLLBACK TO {savepoint}; RELEASE {savepoint}"
        try:
            async with asyncio.timeout(ROLLBACK_LIMIT):
                await self._mapped(self._connection.execute, text)
        except BaseException:
            cut(self._connection)
            raise

    async def commit(self) -> None:
        """Make it last and give the connection back.

        Raises:
            Unavailable: With ``outcome_unknown`` if the answer to COMMIT never came.
        """
        ended = False
        try:
            status = await self._connection.execute("COMMIT", timeout=COMMIT_LIMIT)
            ended = True
            if status != "COMMIT":
                raise DatabaseError(f"PostgreSQL answered COMMIT by {status}; nothing was kept")
        except Exception as error:
            ours = translated(error)
            if is_silence(error):
                await self._silence()
            if isinstance(ours, Unavailable):
                # asyncpg raises InterfaceError before it sends anything.
                ours.is_undone = isinstance(error, asyncpg.InterfaceError)
                ours.outcome_unknown = not ours.is_undone
            else:
                ended = True
            raise ours from error
        finally:
            if not ended:
                cut(self._connection)
            await self._give_back(self._connection)

    async def rollback(self) -> None:
        """Undo within two seconds or cut the connection, and give it back; never raises."""
        ended = False
        try:
            async with asyncio.timeout(ROLLBACK_LIMIT):
                await self._connection.execute("ROLLBACK")
            ended = True
        except Exception:  # noqa: BLE001,S110 - a cut connection is rolled back by the server
            pass
        finally:
            if not ended:
                cut(self._connection)
            await self._give_back(self._connection)


def cut(connection: Connection) -> None:
    """Close a connection at once; one that died before is closed already."""
    with suppress(asyncpg.InterfaceError):
        connection.terminate()
