"""What a plugin has in a database: shown before anything is taken, then kept or purged."""

from datetime import datetime

import msgspec

from jishi.db import (
    Database,
    Source,
    Transaction,
    applied_migrations,
    tables_made_by,
    tables_there,
)
from jishi.plugins import sql
from jishi.plugins.declaration import Plugin
from jishi.plugins.portrait import table_names


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """A table and how many rows it has."""

    table: str
    rows: int


class Belongings(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin has in a database.

    Attributes:
        plugin: The plugin's name.
        version: The version that was looked at; empty when its code is not there any more.
        tables: Its tables in the order in which they were made, with their rows.
        migrations: Its migrations that were applied.
    """

    plugin: str
    version: str
    tables: tuple[Rows, ...]
    migrations: tuple[str, ...]


async def belongings(
    database: Database, name: str, plugin: type[Plugin] | None, others: frozenset[str]
) -> Belongings:
    """Look for everything that a plugin has.

    Args:
        database: Started.
        name: The plugin's name.
        plugin: Its class; None when its code is not there any more, so that its tables are known
            by their names alone.
        others: Names of rooms and other plugins: what begins with them is theirs.
    """
    there = await tables_there(database)
    owned = [table for table in _owned(name, plugin) if table in there]
    longer = tuple(f"{other}_" for other in others if other.startswith(f"{name}_"))
    more = [
        table
        for table in there
        if table.startswith(f"{name}_") and table not in owned and not table.startswith(longer)
    ]
    counted = [Rows(table=table, rows=await _count(database, table)) for table in (*owned, *more)]
    return Belongings(
        plugin=name,
        version=plugin.declaration.version if plugin else "",
        tables=tuple(counted),
        migrations=await applied_migrations(database, name),
    )


async def bury(tx: Transaction, found: Belongings, data: str, at: datetime) -> None:
    """Put up the tombstone of a plugin and forget what processes said about it.

    With its data go the settings that staff saved.

    Args:
        tx: The transaction in which its data goes, or stays.
        found: What it has.
        data: ``kept`` or ``purged``.
        at: When, UTC.
    """
    await tx.execute(sql.PARDON, found.plugin)
    if data == "purged":
        await tx.execute(sql.FORGET_SAVED, found.plugin)
    await tx.execute(sql.BURY, found.plugin, found.version, data, at)


async def exhume(tx: Transaction, plugin: str) -> None:
    """Take the tombstone of a plugin away: it is back."""
    await tx.execute(sql.EXHUME, plugin)


def _owned(name: str, plugin: type[Plugin] | None) -> list[str]:
    if plugin is None:
        return []
    made: tuple[str, ...] = ()
    if plugin.declaration.migrations:
        made = tables_made_by(Source(name=name, package=plugin.declaration.migrations))
    return list(dict.fromkeys((*made, *table_names(plugin))))


async def _count(database: Database, table: str) -> int:
    ((rows,),) = await database.fetch(f'SELECT count(*) FROM "{table}"')  # noqa: S608
    return int(str(rows))
