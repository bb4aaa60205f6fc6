"""SQLite: one writer, a few readers, durable to the last commit.

The writer's lock is an asyncio lock taken before ``BEGIN IMMEDIATE``, so tasks of this process
queue fairly instead of polling the file; other processes wait by SQLite's own busy timeout.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from jishi.db.engines import Connections, Dialect, Purpose, Settings, uncancelled
from jishi.db.errors import Busy, Unavailable
from jishi.db.sqlite_link import SqliteLink, begin
from jishi.db.sqlite_rebuild import RebuildLink, begin_rebuild
from jishi.db.sqlite_worker import SqliteWorker, rows_of
from jishi.db.translate import to_sqlite
from jishi.db.values import Argument, Row, check_values, for_sqlite


def pragmas(settings: Settings) -> tuple[str, ...]:
    """What makes a connection safe: WAL, fsync on every commit, foreign keys."""
    return (
        f"PRAGMA busy_timeout = {int(settings.lock_patience * 1000)}",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA recursive_triggers = ON",  # or REPLACE would slip past a DELETE trigger
        "PRAGMA trusted_schema = OFF",
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

    def connections(self) -> Connections:
        """The writer and the readers; the writer is busy while its transaction is open."""
        most = 1 + self._settings.readers
        if self._writer is None:
            return Connections(most=most, open=0, busy=0, answering=False)
        reading = sum(1 for reader in self._readers if reader.waiting)
        return Connections(most=most, open=most, busy=reading + self._lock.locked())

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

    async def begin(self, purpose: Purpose = "write") -> SqliteLink:
        """Wait for the writer and open a transaction that holds it."""
        if self._writer is None:
            raise Unavailable("the database is not started; call `await database.start()` first")
        writer, lock = self._writer, self._lock
        try:
            async with asyncio.timeout(self._settings.patience):
                await lock.acquire()
        except TimeoutError:
            raise Busy("another transaction kept the SQLite writer for too long") from None
        link = RebuildLink(writer, lock) if purpose == "rebuild" else SqliteLink(writer, lock)
        try:
            await uncancelled(writer.call(begin_rebuild if purpose == "rebuild" else begin))
        except BaseException:
            await uncancelled(link.rollback())
            raise
        return link
