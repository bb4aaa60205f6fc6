"""What a story holds while it changes the shop: all of it happens, or nothing."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from piccolo.query import Query

from jishi.db.engines import Link, OnConflict, uncancelled
from jishi.db.errors import BadValue, DatabaseError
from jishi.db.tables import Table, compiled
from jishi.db.values import Argument, Row, Value, shape

T = TypeVar("T")
_log = logging.getLogger("jishi.db")


class Reads(ABC):
    """The ways to read, the same inside and outside a transaction."""

    @abstractmethod
    async def _rows(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        """Run one statement and give its rows as the driver has them."""

    async def fetch(self, sql: str, *args: Argument) -> list[tuple[Value, ...]]:
        """All rows as tuples; columns named ``..._at`` are moments in UTC.

        Args:
            sql: In PostgreSQL's spelling, with ``$1`` for the first argument.
            args: Text, integers, moments with a zone, None; lists inside ``= ANY($n)``.
        """
        return [tuple(row) for row in await self._rows(sql, args)]

    async def fetch_as(
        self, struct: type[T], sql: str | Query[Any, Any], *args: Argument
    ) -> list[T]:
        """All rows as structs, the columns in the order of the struct's fields.

        Args:
            struct: A msgspec Struct, or ``int``, ``str``, ``datetime`` for a single column.
            sql: A statement or a Piccolo query.
            args: What the statement's ``$n`` stand for; none with a query.
        """
        if isinstance(sql, str):
            return shape(struct, await self._rows(sql, args))
        if args:
            raise DatabaseError("a Piccolo query brings its own arguments")
        text, values = compiled(sql)
        return shape(struct, await self._rows(text, values))

    async def one_as(
        self, struct: type[T], sql: str | Query[Any, Any], *args: Argument
    ) -> T | None:
        """The first row as a struct, or None if there is no row."""
        found = await self.fetch_as(struct, sql, *args)
        return found[0] if found else None

    async def run(self, query: Query[Any, Any]) -> list[tuple[Value, ...]]:
        """Run a Piccolo query: select, insert, update, delete, count, exists.

        Rows come as tuples in the order of the query's columns.
        """
        text, values = compiled(query)
        return [tuple(row) for row in await self._rows(text, values)]


class Transaction(Reads):
    """An open transaction; it belongs to the task that opened it.

    After a statement failed the transaction can only be left: whoever wants to go on after an
    error puts the risky part into a nested ``database.transaction()``, a savepoint.
    """

    def __init__(self, link: Link, owner: "asyncio.Task[Any]") -> None:
        self._link = link
        self._owner = owner
        self._failed: BaseException | None = None
        self._ended = False
        self._depth = 0
        self._calls: list[Callable[[], None]] = []

    async def execute(self, sql: str, *args: Argument) -> int:
        """Run one statement and give the number of rows it touched."""
        self._check()
        try:
            return await self._link.execute(sql, args)
        except BaseException as error:
            self._doom(error)
            raise

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        """Run one statement for each row of arguments; no rows, no statement."""
        self._check()
        try:
            if rows:
                await self._link.execute_many(sql, rows)
        except BaseException as error:
            self._doom(error)
            raise

    async def insert(
        self,
        table: type[Table],
        columns: Sequence[str],
        rows: Sequence[Sequence[Value]],
        on_conflict: OnConflict = "error",
    ) -> int:
        """Insert many rows at once and give the number that went in.

        Args:
            table: Where to.
            columns: The columns the rows have values for, in that order.
            rows: One sequence of values each.
            on_conflict: ``"ignore"`` leaves out rows whose unique key exists already; other
                constraints refuse as ever.
        """
        self._check()
        if not rows:
            return 0
        typed = [(name, _postgres_type(table, name)) for name in columns]
        try:
            return await self._link.insert(table._meta.tablename, typed, rows, on_conflict)
        except BaseException as error:
            self._doom(error)
            raise

    async def define(self, sql: str) -> None:
        """Run one statement in the engine's own spelling: CREATE, ALTER, SET LOCAL."""
        self._check()
        try:
            await self._link.define(sql)
        except BaseException as error:
            self._doom(error)
            raise

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have something done once the outermost transaction is in force.

        It is forgotten when the transaction, or the savepoint it was said in, is undone. An error
        in it is logged and changes nothing: the commit has happened.
        """
        self._check()
        self._calls.append(call)

    async def _rows(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        self._check()
        try:
            return await self._link.fetch(sql, args)
        except BaseException as error:
            self._doom(error)
            raise

    def _check(self) -> None:
        if self._ended:
            raise DatabaseError("the transaction is over; open a new one")
        if asyncio.current_task() is not self._owner:
            raise DatabaseError(
                "a transaction is used by the task that opened it only; do the work before or "
                "after, or hand it to `after_commit`"
            )
        if self._failed is not None:
            raise DatabaseError(
                "an earlier statement of this transaction failed, so it can only be undone; put "
                "what may fail into a nested `database.transaction()`"
            ) from self._failed

    def _doom(self, error: BaseException) -> None:
        if not isinstance(error, BadValue):  # refused before it was sent: nothing happened
            self._failed = error

    @asynccontextmanager
    async def _savepoint(self) -> AsyncIterator["Transaction"]:
        await self._rows(f"SAVEPOINT s{self._depth}", ())
        name, kept = f"s{self._depth}", len(self._calls)
        self._depth += 1
        try:
            yield self
            self._check()
        except BaseException:
            await uncancelled(self._back_to(name, kept))
            raise
        finally:
            self._depth -= 1
        await self._rows(f"RELEASE {name}", ())

    async def _back_to(self, savepoint: str, kept: int) -> None:
        try:
            await self._link.back_to(savepoint)
        except BaseException as error:  # noqa: BLE001 - the whole transaction is undone instead
            self._failed = error
        else:
            self._failed = None
            del self._calls[kept:]

    async def _commit(self) -> None:
        """Commit, or undo everything if a failed statement was overlooked."""
        try:
            self._check()
        except BaseException:
            await self._undo()
            raise
        self._ended = True
        await uncancelled(self._bring_home())

    async def _bring_home(self) -> None:
        await self._link.commit()
        for call in self._calls:
            try:
                call()
            except Exception:  # noqa: BLE001 - it can not undo what is in force
                _log.exception("after_commit: %r failed; the transaction is in force", call)

    async def _undo(self) -> None:
        self._ended = True
        await uncancelled(self._link.rollback())


def _postgres_type(table: type[Table], name: str) -> str:
    kind = table._meta.get_column_by_name(name, match_db_column_name=True).__class__.__name__
    return {"BigInt": "bigint", "Timestamptz": "timestamptz"}.get(kind, "text")
