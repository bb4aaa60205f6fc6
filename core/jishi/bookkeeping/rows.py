"""The rows and events that plugins ask for: checked against what they declare, then written."""

from collections.abc import Sequence

from piccolo.columns import Column

from jishi.db import Table, Transaction, Value
from jishi.effects import Event, Record
from jishi.events import Happened
from jishi.plugins import HookFailed
from jishi.shop import Shop


async def write_rows(
    tx: Transaction, shop: Shop, records: Sequence[tuple[str, Record]], hook: str
) -> None:
    """Insert records, those of one table and shape at once.

    Args:
        tx: The transaction of whatever they go along with.
        shop: The shop.
        records: Who asks, ``name@version``, and for what.
        hook: What it was asked, for the error.

    Raises:
        HookFailed: A record names a table or a column that the plugin does not declare.
    """
    rows: dict[tuple[type[Table], tuple[str, ...]], list[Sequence[Value]]] = {}
    for plugin, record in records:
        place = (_table(shop, plugin, record, hook), tuple(record.row))
        rows.setdefault(place, []).append(tuple(record.row.values()))
    for (table, columns), values in rows.items():
        await tx.insert(table, columns, values)


def told_of(event: Event, subject: str, prefix: str) -> Happened:
    """What is told of an event that a plugin asks for, once per key below the prefix."""
    data: dict[str, object] = dict(event.data)
    key = f"{prefix}:{event.key}"
    return Happened(name=event.name, subject=event.subject or subject, data=data, key=key)


def _table(shop: Shop, plugin: str, record: Record, hook: str) -> type[Table]:
    """The plugin's own table that a record goes into."""
    name = plugin.partition("@")[0]
    for declaration in shop.hooks.roster.declarations:
        if declaration.name != name:
            continue
        for table in declaration.tables:
            if issubclass(table, Table) and table._meta.tablename == record.table:
                _check_columns(plugin, record, table._meta.columns, hook)
                return table
    raise HookFailed(plugin, hook, f"{record.table} is not among its tables")


def _check_columns(plugin: str, record: Record, columns: Sequence[Column], hook: str) -> None:
    strangers = set(record.row) - {column._meta.db_column_name for column in columns}
    if strangers:
        raise HookFailed(plugin, hook, f"{record.table} has no {', '.join(sorted(strangers))}")
