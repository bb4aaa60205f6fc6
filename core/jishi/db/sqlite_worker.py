"""One SQLite connection on one thread of its own: jobs go in by a queue, answers come by the loop.

Cheaper than an executor (one hop, no second future), and the daemon thread never keeps a process
from ending.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar, cast

from jishi.db.errors import DatabaseError, Unavailable
from jishi.db.sqlite_errors import translated
from jishi.db.values import Row, Value, moment

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]
_Item = tuple[Job[object], "asyncio.Future[object]", asyncio.AbstractEventLoop]


class SqliteWorker:
    """A connection that is only ever touched by its own thread.

    Args:
        path: The database file.
        pragmas: Statements that make the connection safe, run once after opening.
    """

    def __init__(self, path: str, pragmas: Sequence[str]) -> None:
        self._path = path
        self._pragmas = pragmas
        self._jobs: SimpleQueue[_Item | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="jishi-sqlite", daemon=True)
        self._door = threading.Lock()
        self._is_closed = False
        self.waiting = 0

    def start(self) -> None:
        """Begin to take jobs; the file is opened with the first one."""
        self._thread.start()

    def stop(self) -> None:
        """Close the connection after the jobs already queued, and wait for that."""
        with self._door:  # no job may be queued behind the end: nobody would answer it
            self._is_closed = True
            self._jobs.put(None)
        self._thread.join()

    async def call(self, job: Job[T]) -> T:
        """Run a job on the connection's thread.

        A job whose caller was cancelled before its turn is left out.

        Raises:
            Unavailable: The database was closed; whatever was open then is undone.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[object] = loop.create_future()
        self.waiting += 1
        try:
            self._queue((job, future, loop))
            return cast(T, await future)
        finally:
            self.waiting -= 1

    def _queue(self, item: _Item) -> None:
        with self._door:
            if self._is_closed:
                raise Unavailable("the database is closed")
            self._jobs.put(item)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, cached_statements=512, check_same_thread=False
        )
        for pragma in self._pragmas:
            connection.execute(pragma)
        return connection

    def _work(self) -> None:
        connection: sqlite3.Connection | None = None
        while (item := self._jobs.get()) is not None:
            job, future, loop = item
            if future.cancelled():
                continue
            answer: object = None
            error: BaseException | None = None
            try:
                connection = connection or self._open()
                answer = job(connection)
            except BaseException as caught:  # noqa: BLE001 - every failure belongs to the caller
                error = translated(caught, connection)
            with suppress(RuntimeError):  # the caller's loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, future, answer, error)
        if connection is not None:
            connection.close()


def _settle(future: "asyncio.Future[object]", answer: object, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(answer)
    else:
        future.set_exception(error)


def rows_of(cursor: sqlite3.Cursor) -> list[Row]:
    """All rows; microseconds become moments in columns whose name ends in ``_at``."""
    rows = cursor.fetchall()
    if not rows:
        return []
    moments = [at for at, column in enumerate(cursor.description) if column[0].endswith("_at")]
    return [_with_moments(row, moments) for row in rows] if moments else rows


def _with_moments(row: tuple[Value, ...], moments: list[int]) -> Row:
    fields = list(row)
    for at in moments:
        value = fields[at]
        if isinstance(value, int):
            fields[at] = moment(value)
        elif value is not None:
            raise DatabaseError(f"a column named ..._at holds {value!r} instead of a moment")
    return tuple(fields)
