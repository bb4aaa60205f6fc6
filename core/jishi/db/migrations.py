"""Brings a database's tables up to the code's: in order, once, whole or not at all.

Each migration and the row that says it was applied are one transaction under a lock that other
processes wait for. Killed at any moment, the next start goes on with the first one missing.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

import msgspec

from jishi.db.database import Database
from jishi.db.engines import Dialect
from jishi.db.errors import Busy, DatabaseError
from jishi.db.migration_sources import Migration, Source, in_order, modules_of
from jishi.db.operations import Operation
from jishi.db.rebuild import RebuildTable
from jishi.db.transaction import Transaction

_LOCK = 0x6A69736869  # "jishi": the advisory lock of everything that changes tables
_TABLE = (
    "CREATE TABLE IF NOT EXISTS jishi_migrations (source TEXT NOT NULL, module TEXT NOT NULL, "
    "applied_on BIGINT NOT NULL, PRIMARY KEY (source, module))"
)
_PATIENCE = 600.0  # seconds to wait for another process's migration


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How far an upgrade has come: this statement has just run.

    Attributes:
        source: Whose tables.
        module: Which migration.
        statement: The number of the statement in it, from 1.
        statements: How many it has.
    """

    source: str
    module: str
    statement: int
    statements: int


class TooNew(DatabaseError):
    """The database was upgraded by newer code than this."""

    code = "database_too_new"
    title = "The database is newer than the code"


def _quiet(step: Step) -> None:
    """Tell nobody."""


class Migrations:
    """What a shop's database needs to serve this code.

    Args:
        database: Started.
        sources: Everybody who owns tables, in any order.

    Raises:
        DatabaseError: A source is named twice, waits for one that is missing, or for itself.
    """

    def __init__(self, database: Database, sources: Sequence[Source]) -> None:
        self._database = database
        self._sources = in_order(sources)

    async def pending(self) -> list[Migration]:
        """The migrations still to come, in their order; changes nothing.

        Raises:
            TooNew: Migrations were applied that this code does not have.
        """
        return self._missing(await self._applied())

    async def upgrade(self, progress: Callable[[Step], None] = _quiet) -> list[Migration]:
        """Apply what is pending and give what this call applied.

        Args:
            progress: Called after every statement.

        Raises:
            TooNew: Migrations were applied that this code does not have.
            Conflict: The rows that are there break a new promise; that migration is undone.
        """
        applied = [one for one in await self.pending() if await self._patiently(one, progress)]
        if applied:
            await self._database.refresh()
        return applied

    async def _patiently(self, migration: Migration, progress: Callable[[Step], None]) -> bool:
        """Apply it, waiting for as long as another process holds what it needs."""
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                return await self._apply(migration, progress)
            except Busy:
                if time.monotonic() > end:
                    raise
            await asyncio.sleep(0.1)

    async def _apply(self, migration: Migration, progress: Callable[[Step], None]) -> bool:
        dialect = self._database.dialect
        operations = migration.operations()
        rebuilds = any(isinstance(one, RebuildTable) for one in operations)
        begin = self._database.rebuilding if rebuilds else self._database.transaction
        async with begin() as tx:
            await _lock(tx, dialect)
            await tx.define(_TABLE)
            key = (migration.source, migration.module)
            where = "FROM jishi_migrations WHERE source = $1 AND module = $2"
            if await tx.fetch(f"SELECT 1 {where}", *key):
                return False
            done, known = 0, sum(len(one.statements(dialect)) for one in operations)
            for one in operations:
                texts = await _texts(one, tx, dialect)
                known += len(texts) - len(one.statements(dialect))
                for text in texts:
                    await tx.define(text)
                    done += 1
                    progress(
                        Step(
                            source=migration.source,
                            module=migration.module,
                            statement=done,
                            statements=known,
                        )
                    )
            insert = "INSERT INTO jishi_migrations VALUES ($1, $2, $3)"
            await tx.execute(insert, *key, int(time.time()))
        return True

    async def _applied(self) -> set[tuple[str, str]]:
        catalogue = (
            "SELECT 1 FROM sqlite_master WHERE name = 'jishi_migrations'"
            if self._database.dialect == "sqlite"
            else "SELECT 1 WHERE to_regclass('jishi_migrations') IS NOT NULL"
        )
        if not await self._database.fetch(catalogue):
            return set()
        rows = await self._database.fetch("SELECT source, module FROM jishi_migrations")
        return {(str(source), str(module)) for source, module in rows}

    def _missing(self, applied: set[tuple[str, str]]) -> list[Migration]:
        ours = [one for source in self._sources for one in modules_of(source)]
        known = {(one.source, one.module) for one in ours}
        names = {source.name for source in self._sources}
        if newer := sorted(key for key in applied - known if key[0] in names):
            listed = ", ".join(f"{source} {module}" for source, module in newer)
            raise TooNew(
                f"the database has migrations this code does not know ({listed}); it was upgraded "
                "by a newer version. Run that version, or restore a backup from before"
            )
        return [one for one in ours if (one.source, one.module) not in applied]


async def _texts(operation: Operation, tx: Transaction, dialect: Dialect) -> Sequence[str]:
    """The statements of an operation; a table that is rebuilt is looked at first."""
    if isinstance(operation, RebuildTable):
        return await operation.found(tx, dialect)
    return operation.statements(dialect)


async def _lock(tx: Transaction, dialect: str) -> None:
    """Wait for whoever changes tables; SQLite's BEGIN IMMEDIATE has done so already."""
    if dialect == "postgresql":
        await tx.define("SET LOCAL lock_timeout = 0")
        await tx.define("SET LOCAL statement_timeout = 0")
        await tx.define(f"SELECT pg_advisory_xact_lock({_LOCK})")
        await tx.define("SET LOCAL lock_timeout = '10s'")
