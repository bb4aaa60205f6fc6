"""A catalogue of any size, made from the real ones that lie in this repository."""

import asyncio
import csv
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from bench.figures import BenchFailed

_SOURCES = (
    Path(__file__).parents[1] / "tests" / "data" / "yanxuan_catalogue.csv",
    Path(__file__).parents[1] / "core" / "jishi" / "demo" / "catalogue.csv",
)
STOCK = 1_000_000
"""Pieces of each SKU: a measurement never runs out of goods."""

_TABLES = {
    "catalogue_products": ("id", "handle"),
    "catalogue_skus": ("code", "product"),
    "catalogue_prices": ("sku",),
    "catalogue_media": ("product",),
    "catalogue_publications": ("product",),
    "catalogue_tokens": ("product",),
    "ledger_accounts": ("id",),
    "ledger_entries": ("id", "account", "key", "reference"),
}
"""Tables that hold goods, and their columns that name one."""


def write_catalogue(file: Path, skus: int) -> None:
    """Write a catalogue file with so many SKUs, as a merchant would export it."""
    rows = list(_rows(skus))
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0], extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)


def _rows(skus: int) -> Iterator[dict[str, str]]:
    real = [row for source in _SOURCES for row in _read(source)]
    for number in range(skus):
        row, turn = dict(real[number % len(real)]), number // len(real)
        if turn:
            row["handle"] += f"-{turn}"
            row["sku"] += f"-{turn}"
        row |= {"stock": str(STOCK), "on_sale": "1", "weight_g": row.get("weight_g") or "500"}
        yield row


def _read(source: Path) -> list[dict[str, str]]:
    with source.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def multiply(url: str, skus: int) -> None:
    """Copy the goods of a PostgreSQL shop until it has so many SKUs.

    The import would do the same, row by row, and take minutes.

    Raises:
        BenchFailed: There is nothing to copy.
    """
    asyncio.run(_multiply(url, skus))


async def _multiply(url: str, skus: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        there = await connection.fetchval("SELECT count(*) FROM catalogue_skus")
        if not there:
            raise BenchFailed("the catalogue is empty")
        copies = -(-skus // there) - 1
        async with connection.transaction():
            for table, names in _TABLES.items():
                await _copy(connection, table, names, copies)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _copy(
    connection: asyncpg.Connection, table: str, names: tuple[str, ...], copies: int
) -> None:
    columns = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = $1 "
        "ORDER BY ordinal_position",
        table,
    )
    listed = [row["column_name"] for row in columns]
    values = [_renamed(one) if one in names else one for one in listed]
    await connection.execute(
        f"INSERT INTO {table} ({', '.join(listed)}) "  # noqa: S608 our own tables
        f"SELECT {', '.join(values)} FROM {table}, generate_series(1, {copies}) AS copy"
    )


def _renamed(column: str) -> str:
    """A copy's name; a stock account is called after its SKU: ``stock:<sku>:main``."""
    account = f"{column} LIKE 'stock:%:main'"
    inside = f"regexp_replace({column}, ':main$', '-copy' || copy || ':main')"
    return f"CASE WHEN {account} THEN {inside} ELSE {column} || '-copy' || copy END"
