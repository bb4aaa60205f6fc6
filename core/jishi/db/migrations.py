"""Brings a database's tables up to the code's: in order, once, whole or not at all.

Each migration and the row that says it was applied are one transaction under a lock that other
processes wait for. Killed at any moment, the next start goes on with the first one missing.
"""

import asyncio
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Sequence
from graphlib import CycleError, TopologicalSorter

import msgspec

from jishi.db.database import Database
from jishi.db.errors import Busy, DatabaseError
from jishi.db.operations import Operation
from jishi.db.transaction import Transaction

_NAME = re.compile(r"m\d{4}_\w+")
_LOCK = 0x6A69736869  # "jishi": the advisory lock of everything that changes tables
_TABLE = (
    "CREATE TABLE IF NOT EXISTS jishi_migrations (source TEXT NOT NULL, module TEXT NOT NULL, "
    "applied_on BIGINT NOT NULL, PRIMARY KEY (source, module))"
)
_PATIENCE = 600.0  # seconds to wait for another process's migration


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who owns tables.

    Attributes:
        name: The room or plugin; recorded with each of its migrations, so it never changes.
        package: The importable package of its modules ``m0001_initial.py``, each with an
            ``OPERATIONS: tuple[Operation, ...]``.
        after: Names of sources whose tables ours refer to.
    """

    name: str
    package: str
    after: tuple[str, ...] = ()


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


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One module of a source.

    Attributes:
        source: Whose tables.
        module: Its name, ``m0001_initial``.
        package: Where it is imported from.
    """

    source: str
    module: str
    package: str

    def operations(self) -> tuple[Operation, ...]:
        """What it does."""
        found = importlib.import_module(f"{self.package}.{self.module}")
        return tuple(found.OPERATIONS)


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
        self._sources = _ordered(sources)

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
        statements = [text for one in migration.operations() for text in one.statements(dialect)]
        async with self._database.transaction() as tx:
            await _lock(tx, dialect)
            await tx.define(_TABLE)
            key = (migration.source, migration.module)
            where = "FROM jishi_migrations WHERE source = $1 AND module = $2"
            if await tx.fetch(f"SELECT 1 {where}", *key):
                return False
            for number, text in enumerate(statements, 1):
                await tx.define(text)
                progress(
                    Step(
                        source=migration.source,
                        module=migration.module,
                        statement=number,
                        statements=len(statements),
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
        ours = [one for source in self._sources for one in _modules(source)]
        known = {(one.source, one.module) for one in ours}
        names = {source.name for source in self._sources}
        if newer := sorted(key for key in applied - known if key[0] in names):
            listed = ", ".join(f"{source} {module}" for source, module in newer)
            raise TooNew(
                f"the database has migrations this code does not know ({listed}); it was upgraded "
                "by a newer version. Run that version, or restore a backup from before"
            )
        return [one for one in ours if (one.source, one.module) not in applied]


async def _lock(tx: Transaction, dialect: str) -> None:
    """Wait for whoever changes tables; SQLite's BEGIN IMMEDIATE has done so already."""
    if dialect == "postgresql":
        await tx.define("SET LOCAL lock_timeout = 0")
        await tx.define("SET LOCAL statement_timeout = 0")
        await tx.define(f"SELECT pg_advisory_xact_lock({_LOCK})")
        await tx.define("SET LOCAL lock_timeout = '10s'")


def _modules(source: Source) -> list[Migration]:
    package = importlib.import_module(source.package)
    names = sorted(one.name for one in pkgutil.iter_modules(package.__path__))
    names = [name for name in names if _NAME.fullmatch(name)]
    numbers = [name[:5] for name in names]
    if len(set(numbers)) != len(numbers):
        raise DatabaseError(f"{source.package} has two migrations of one number: {names}")
    return [Migration(source=source.name, module=name, package=source.package) for name in names]


def _ordered(sources: Sequence[Source]) -> list[Source]:
    by_name = {source.name: source for source in sources}
    if len(by_name) != len(sources):
        raise DatabaseError("two sources of migrations have the same name")
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for source in sources:
        if strangers := sorted(set(source.after) - by_name.keys()):
            raise DatabaseError(f"the tables of {source.name} need {strangers}, not switched on")
        sorter.add(source.name, *source.after)
    try:
        sorter.prepare()
    except CycleError as error:
        raise DatabaseError(f"tables wait for each other in a circle: {error.args[1]}") from error
    ordered: list[Source] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered.extend(by_name[name] for name in ready)
        sorter.done(*ready)
    return ordered
