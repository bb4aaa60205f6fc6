"""What Database asks of an engine; SQLite and PostgreSQL each give their answer."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Literal, Protocol, TypeVar

import msgspec

from jishi.db.values import Argument, Row, Value

Dialect = Literal["sqlite", "postgresql"]
OnConflict = Literal["error", "ignore"]
Purpose = Literal["write", "rebuild"]
"""What a transaction is for; ``rebuild`` looks at references once, before its COMMIT."""
T = TypeVar("T")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a database is opened.

    Whoever waits for a connection and then for an answer that never comes is told so after
    ``patience + statement_limit + 1`` seconds: 11 as things stand.

    Attributes:
        connections: Most PostgreSQL connections one process holds.
        readers: SQLite connections for reading, each on a thread of its own.
        patience: Seconds to wait for a free connection or for the SQLite writer before `Busy`.
        connect_limit: Seconds a new PostgreSQL connection may take before `Unavailable`.
        lock_patience: Seconds to wait for a row lock before `Busy` (PostgreSQL), and for another
            process's writer (SQLite).
        statement_limit: Seconds one PostgreSQL statement may run before `Busy`; a server that
            says nothing one second later is `Unavailable`.
        look_every: Seconds between two looks whether a silent PostgreSQL server is back.
    """

    connections: int = 10
    readers: int = 2
    patience: float = 4.0
    connect_limit: float = 3.0
    lock_patience: float = 3.0
    statement_limit: float = 6.0
    look_every: float = 0.5


class Connections(msgspec.Struct, frozen=True, kw_only=True):
    """How many connections a process has.

    Attributes:
        most: It may have.
        open: Are open.
        busy: Of those are at work.
        answering: Whether the server answered when it was asked last.
    """

    most: int
    open: int
    busy: int
    answering: bool = True


class Link(Protocol):
    """A connection inside an open transaction; gone after ``commit`` or ``rollback``."""

    async def fetch(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        """Run one statement and give its rows."""

    async def execute(self, sql: str, args: Sequence[Argument]) -> int:
        """Run one statement and give the number of rows it touched."""

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        """Run one statement for each row of arguments."""

    async def insert(
        self,
        table: str,
        columns: Sequence[tuple[str, str]],
        rows: Sequence[Sequence[Value]],
        on_conflict: OnConflict,
    ) -> int:
        """Insert many rows at once; columns come as (name, PostgreSQL type)."""

    async def define(self, sql: str) -> None:
        """Run one statement in the engine's own spelling, without arguments or time limit."""

    async def back_to(self, savepoint: str) -> None:
        """Undo and forget a savepoint, within seconds."""

    async def commit(self) -> None:
        """Make it last and give the connection back, whatever happens."""

    async def rollback(self) -> None:
        """Undo it and give the connection back, within seconds; never raises."""


class Engine(Protocol):
    """One database's connections."""

    dialect: Dialect

    async def start(self) -> None:
        """Open for business; `Unavailable` if there is no database."""

    async def stop(self) -> None:
        """Close every connection."""

    def connections(self) -> Connections:
        """How many there are."""

    async def refresh(self) -> None:
        """Forget what was prepared before the tables changed."""

    async def fetch(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        """Run one reading statement outside any transaction."""

    async def begin(self, purpose: Purpose = "write") -> Link:
        """Open a transaction that may write, or replace tables."""


async def uncancelled(work: Coroutine[object, object, T]) -> T:
    """Bring work to its end even when the waiting task is cancelled meanwhile.

    The cancellation is not lost: it is raised as soon as the work has ended.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # seen, so that asyncio does not report it as forgotten
        raise
