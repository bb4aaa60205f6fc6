"""What a story holds while it changes the shop: all of it happens, or nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar

from jishi.db.engines import Link, OnConflict, uncancelled
from jishi.db.errors import BadValue, DatabaseError
from jishi.db.reads import Reads
from jishi.db.tables import Table
from jishi.db.values import Argument, Row, Value

P = ParamSpec("P")
T = TypeVar("T")
_log = logging.getLogger("jishi.db")


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
        return await self._ask(self._link.execute, sql, args)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        """Run one statement for each row of arguments; no rows, no statement."""
        if rows:
            await self._ask(self._link.execute_many, sql, rows)

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
        if not rows:
            return 0
        typed = [(name, _postgres_type(table, name)) for name in columns]
        name = table._meta.tablename
        return await self._ask(self._link.insert, name, typed, rows, on_conflict)

    async def define(self, sql: str) -> None:
        """Run one statement in the engine's own spelling: CREATE, ALTER, SET LOCAL."""
        await self._ask(self._link.define, sql)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have something done once the outermost transaction is in force.

        It is forgotten when the transaction, or the savepoint it was said in, is undone. An error
        in it is logged and changes nothing: the commit has happened.
        """
        self._check()
        self._calls.append(call)

    async def _rows(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        return await self._ask(self._link.fetch, sql, args)

    async def _ask(
        self, ask: Callable[P, Coroutine[object, object, T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run one statement; after a failed one there is no other."""
        self._check()
        try:
            return await ask(*args, **kwargs)
        except BadValue:  # refused before it was sent: nothing happened
            raise
        except BaseException as error:
            self._failed = error
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
