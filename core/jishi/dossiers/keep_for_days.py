"""What is older than its table keeps it goes, some rows at a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from jishi.db import Transaction, Value
from jishi.dossiers.erase_member import blanking, blanks, deleting
from jishi.dossiers.register import personal_tables
from jishi.personal import PersonalTable, Retention
from jishi.problems import Invalid
from jishi.shop import Shop

BATCH = 500
"""Rows of one transaction."""


def periods(shop: Shop, wanted: Mapping[str, int]) -> dict[str, int]:
    """How many days each table with a period keeps its rows; 0 for ever.

    Args:
        shop: The shop.
        wanted: The merchant's days, by table.

    Raises:
        Invalid: He names a table without a period, or fewer days than the law asks for.
    """
    known = {
        name: each.retention
        for name, each in personal_tables(shop).items()
        if each.retention is not None
    }
    for name, days in wanted.items():
        if name not in known:
            raise Invalid(
                f"The table {name!r} has no period of its own.",
                field=name,
                next_step=f"Those that have: {', '.join(sorted(known)) or 'none'}.",
            )
        if 0 < days < known[name].least:
            raise Invalid(
                f"{name} is kept for {known[name].least} days at least, by law; {days} is less.",
                field=name,
                next_step="Take a longer period, or 0 for ever.",
            )
    return {name: wanted.get(name, each.days) for name, each in known.items()}


async def keep_for_days(shop: Shop, wanted: Mapping[str, int]) -> dict[str, int]:
    """Delete or blank what is older than its period; killed and called again, it goes on.

    Args:
        shop: The shop.
        wanted: The merchant's days, by table; see `periods`.

    Returns:
        Rows that went, by table.
    """
    done: dict[str, int] = {}
    tables = personal_tables(shop)
    for name, days in periods(shop, wanted).items():
        retention = tables[name].retention
        if days and retention is not None:
            before = shop.clock.now() - timedelta(days=days)
            done[name] = await _outdate(shop, tables[name], retention, before)
    return {name: rows for name, rows in done.items() if rows}


async def _outdate(
    shop: Shop, table: PersonalTable, retention: Retention, before: datetime
) -> int:
    statement = deleting(table)
    values: tuple[Value, ...] = ()
    if retention.does == "blank":
        statement, values = blanking(table), tuple(blanks(table).values())
    done = 0
    while True:

        async def work(tx: Transaction) -> tuple[int, int]:
            keys = await tx.fetch(_old(table, retention), before)
            return len(keys), sum([await tx.execute(statement, *key, *values) for key in keys])

        found, changed = await shop.database.atomically(work)
        done += changed
        if found < BATCH or not changed:
            return done


def _old(table: PersonalTable, retention: Retention) -> str:
    key = ", ".join(f'"{column}"' for column in table.key)
    conditions = [f'"{retention.column}" < $1']
    if retention.only:
        conditions.append(f"({retention.only})")
    if table.erasure_only:
        conditions.append(f"({table.erasure_only})")
    if retention.does == "blank":
        conditions.append(f"({' OR '.join(_says_something(table))})")
    return (
        f'SELECT {key} FROM "{table.table}" WHERE {" AND ".join(conditions)} '  # noqa: S608  declared names
        f'ORDER BY "{retention.column}" LIMIT {BATCH} FOR UPDATE'
    )


def _says_something(table: PersonalTable) -> list[str]:
    said = []
    for column, blank in blanks(table).items():
        literal = _literal(blank)
        said.append(f'"{column}" IS NOT NULL' if literal == "NULL" else f'"{column}" <> {literal}')
    return said


def _literal(value: Value) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
