"""The shop's one way to its rows."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from piccolo.query import Query

from jishi.db.engines import Connections, Dialect, Engine, Purpose, Settings
from jishi.db.errors import Busy, DatabaseError, Retry, Unavailable
from jishi.db.reads import Reads
from jishi.db.tables import is_writing
from jishi.db.transaction import Transaction
from jishi.db.values import Argument, Row, Value

T = TypeVar("T")
_ATTEMPTS = 4
_DEFAULTS = Settings()


class Database(Reads):
    """One shop's database, on SQLite or PostgreSQL.

    Reading outside a transaction sees what is committed. Inside one, in the task that opened it,
    the same methods read in that transaction; other tasks never see it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: dict[asyncio.Task[Any], Transaction] = {}
        self.gate: Callable[[], None] = _anybody
        """Asked before a transaction is opened; it raises where none may be."""

    @staticmethod
    def open(url: str, settings: Settings = _DEFAULTS) -> "Database":
        """The database at an address; nothing is connected before `start`.

        Args:
            url: ``sqlite:///shop.db`` (relative), ``sqlite:////srv/shop.db`` (absolute),
                ``sqlite:///:memory:``, or ``postgresql://user:password@host/name``.
            settings: How many connections, how long to wait.

        Raises:
            DatabaseError: The scheme is neither.
        """
        # Drivers are imported with the first use: asyncpg alone takes a tenth of a second.
        scheme, _, rest = url.partition("://")
        if scheme == "sqlite":
            from jishi.db.sqlite import SqliteEngine

            return Database(SqliteEngine(rest.removeprefix("/"), settings))
        if scheme in ("postgresql", "postgres"):
            from jishi.db.postgres import PostgresEngine

            return Database(PostgresEngine(url, settings))
        raise DatabaseError(f"{scheme!r} is no database we know; expected sqlite or postgresql")

    @property
    def dialect(self) -> Dialect:
        """``"sqlite"`` or ``"postgresql"``."""
        return self._engine.dialect

    @property
    def connections(self) -> Connections:
        """How many connections this process has, and how many are at work."""
        return self._engine.connections()

    async def start(self) -> None:
        """Open for business.

        Raises:
            Unavailable: There is no database at the address.
        """
        await self._engine.start()

    async def stop(self) -> None:
        """Close every connection; twice does no harm."""
        await self._engine.stop()

    async def wait_ready(self, patience: float = 30.0) -> None:
        """Start if need be and wait until the database answers.

        Args:
            patience: Seconds after which `Unavailable` is raised.
        """
        pause, end = 0.05, asyncio.get_running_loop().time() + patience
        while True:
            try:
                await self._engine.start()
                await self._engine.fetch("SELECT 1", ())
            except Unavailable:
                if asyncio.get_running_loop().time() + pause > end:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)
            else:
                return

    async def refresh(self) -> None:
        """Forget what was prepared before the tables changed; migrations call it."""
        await self._engine.refresh()

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Everything inside happens, or nothing.

        Opened again in the same task it is a savepoint: an error inside undoes that part alone,
        and whoever catches it may go on. Tasks started inside do not take part. A cancelled task
        undoes its transaction, except when COMMIT is already under way: that is waited for.

        Raises:
            Busy: No connection came free in time.
            Unavailable: The database is gone; with ``outcome_unknown`` if it went during COMMIT.
        """
        self.gate()
        outer = self._open.get(_task())
        return self._outermost() if outer is None else outer._savepoint()

    def rebuilding(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction in which tables may be replaced; references are looked at as it ends.

        For migrations; it is never nested.

        Raises:
            Conflict: At the end, when a row refers to one that is gone.
        """
        return self._outermost("rebuild")

    @asynccontextmanager
    async def _outermost(self, purpose: Purpose = "write") -> AsyncIterator[Transaction]:
        owner = _task()
        tx = Transaction(await self._engine.begin(purpose), owner)
        tx.opener = self.opener
        self._open[owner] = tx
        try:
            yield tx
        except BaseException:
            del self._open[owner]
            await tx._undo()
            raise
        del self._open[owner]
        await tx._commit()

    async def atomically(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run work in a transaction, again from its beginning when that may help.

        It may after a deadlock or a serialisation failure (`Retry`), after a connection that broke
        before COMMIT, and once after a lock that did not come. At most four times, with a growing
        random pause. Inside an open transaction it is tried once: the outermost one decides. Work
        must change nothing but the database.

        Raises:
            Retry: Four times were not enough; a 503 that says to repeat the request.
            Busy: Twice the lock did not come.
            Unavailable: There is no database, or nobody knows whether COMMIT took place.
        """
        nested = self._open.get(_task()) is not None
        waits = 0
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self.transaction() as tx:
                    return await work(tx)
            except (Retry, Unavailable, Busy) as error:
                waits += isinstance(error, Busy)
                if nested or attempt == _ATTEMPTS or waits > 1 or not _may_help(error):
                    raise
            await asyncio.sleep(secrets.randbelow(1000) / 1e6 * 20 * attempt)
        raise AssertionError("the last attempt returns or raises")

    async def run(self, query: Query[Any, Any]) -> list[tuple[Value, ...]]:
        """Run a Piccolo query; one that writes gets a transaction of its own if none is open."""
        if not is_writing(query):
            return await super().run(query)
        async with self.transaction() as tx:
            return await tx.run(query)

    async def _rows(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        tx = self._open.get(_task())
        if tx is not None:
            return await tx._rows(sql, args)
        return await self._engine.fetch(sql, args)


def _may_help(error: Retry | Unavailable | Busy) -> bool:
    """Whether doing it again can end differently; never when it may have been done already."""
    if isinstance(error, Unavailable):
        return error.is_undone and not error.outcome_unknown
    return isinstance(error, Retry) or error.waited_for == "lock"


def _anybody() -> None:
    """Everybody may open a transaction."""


def _task() -> "asyncio.Task[Any]":
    task = asyncio.current_task()
    if task is None:
        raise DatabaseError("the database is used from within an asyncio task only")
    return task
