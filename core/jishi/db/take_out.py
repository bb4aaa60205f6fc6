"""Takes out what a source of migrations made: its tables, and the memory that they were made."""

from collections.abc import Sequence

from jishi.db.constraints import identifier
from jishi.db.database import Database
from jishi.db.engines import Dialect
from jishi.db.migration_sources import Source, modules_of
from jishi.db.migrations import _lock
from jishi.db.operations import CreateTable
from jishi.db.reads import Reads
from jishi.db.transaction import Transaction

_NAMES: dict[Dialect, str] = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
}


def tables_made_by(source: Source) -> tuple[str, ...]:
    """The tables that a source's migrations create, in that order."""
    made = [one for migration in modules_of(source) for one in migration.operations()]
    return tuple(one.table._meta.tablename for one in made if isinstance(one, CreateTable))


async def tables_there(database: Database) -> tuple[str, ...]:
    """Every table of the database, sorted."""
    return tuple(str(name) for (name,) in await database.fetch(_NAMES[database.dialect]))


async def applied_migrations(reader: Reads, source: str) -> tuple[str, ...]:
    """The migrations of a source that were applied, sorted."""
    query = "SELECT module FROM jishi_migrations WHERE source = $1 ORDER BY module"
    return tuple(str(module) for (module,) in await reader.fetch(query, source))


async def take_out(tx: Transaction, dialect: Dialect, source: str, tables: Sequence[str]) -> None:
    """Drop tables with all their rows, and forget that their source was ever migrated.

    Args:
        tx: All of it, or nothing.
        dialect: The engine's.
        source: The name under which its migrations are recorded.
        tables: The tables in the order in which they were made.
    """
    await _lock(tx, dialect)
    for table in reversed(tables):
        await tx.define(f"DROP TABLE {identifier(table)}")
        if dialect == "postgresql":
            await tx.define(f"DROP FUNCTION IF EXISTS {identifier(f'{table}_immutable')}()")
    await tx.execute("DELETE FROM jishi_migrations WHERE source = $1", source)
