"""Who declared what: every table of every room and plugin, by its name."""

import importlib
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from weakref import WeakKeyDictionary

from jishi.db import Database, Dialect
from jishi.hookspecs.personal import register_personal_data
from jishi.personal import PersonalTable, impersonal, undeclared
from jishi.plugins import SHOP
from jishi.shop import Shop

ROOMS = (
    "plugins",
    "ledger",
    "events",
    "compliance",
    "membership",
    "staff",
    "catalogue",
    "codes",
    "pricing",
    "orders",
    "payments",
    "fulfilment",
    "checkout",
)
"""The rooms that may have tables."""

MIGRATIONS = impersonal(
    "jishi_migrations", "which migrations were applied", key=("source", "module")
)
QUEUE = "events_pgqueuer"
"""The tables of pgqueuer begin so: ids of jobs, nothing else."""

_SCHEMA: dict[Dialect, str] = {
    "sqlite": (
        "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c "
        "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    ),
    "postgresql": (
        "SELECT table_name::text, column_name::text FROM information_schema.columns "
        "WHERE table_schema = current_schema()"
    ),
}

_known: WeakKeyDictionary[Shop, dict[str, PersonalTable]] = WeakKeyDictionary()


def personal_tables(shop: Shop) -> Mapping[str, PersonalTable]:
    """Every declaration of a shop, by table; plugins that are on, the rooms first.

    Raises:
        HookFailed: A plugin declares a table that is not its own, or one twice.
    """
    if shop not in _known:
        _known[shop] = _collected(shop)
    return _known[shop]


async def schema_of(database: Database) -> dict[str, frozenset[str]]:
    """The columns of every table that is there; the queue's own left out."""
    columns: dict[str, set[str]] = {}
    for table, column in await database.fetch(_SCHEMA[database.dialect]):
        if not str(table).startswith(QUEUE):
            columns.setdefault(str(table), set()).add(str(column))
    return {table: frozenset(names) for table, names in columns.items()}


async def forgotten(shop: Shop) -> list[str]:
    """What the database has and nobody declared, a sentence each; nothing when all is well.

    Tables of plugins that are off are theirs to declare when they are on again.
    """
    schema, declared = await schema_of(shop.database), personal_tables(shop)
    off = tuple(f"{each.name}_" for each in shop.hooks.roster.installed() if each.state != "on")
    ours = {
        table: columns
        for table, columns in schema.items()
        if table in declared or not table.startswith(off)
    }
    return undeclared(ours, declared)


def _collected(shop: Shop) -> dict[str, PersonalTable]:
    tables = {one.table: one for one in (MIGRATIONS, *_of_rooms())}
    for answer in shop.hooks.ask(register_personal_data, SHOP):
        name = answer.plugin.partition("@")[0]
        for one in answer.value:
            if one.table in tables or not one.table.startswith(f"{name}_"):
                why = f"declares personal data of {one.table}, which is not its own to declare"
                raise shop.hooks.blame(answer.plugin, register_personal_data, why)
            tables[one.table] = one
    return tables


def _of_rooms() -> Iterable[PersonalTable]:
    for room in ROOMS:
        if find_spec(f"jishi.{room}.personal"):
            yield from importlib.import_module(f"jishi.{room}.personal").PERSONAL
