"""Seal again what is not sealed with the newest key: some rows at a time, whenever it stopped.

The rows themselves say what is left to do, so nothing is remembered: called again after a crash,
or by two processes at once, it goes on with what is not current. A row that was changed meanwhile
is left to its new value.
"""

from collections.abc import AsyncIterator, Sequence
from typing import cast

import msgspec

from jishi.db import Transaction, Value
from jishi.dossiers.register import personal_tables
from jishi.dossiers.unsealing import together
from jishi.personal import PersonalTable, Sealed
from jishi.sealing import SEALED, Sealing, sealing_of
from jishi.shop import Shop

BATCH = 200
"""Rows of one transaction."""


class Resealed(msgspec.Struct, frozen=True, kw_only=True):
    """How far a table has come.

    Attributes:
        table: The table.
        column: The column that holds the sealed text.
        looked: Rows looked at so far.
        sealed: Rows that were sealed anew so far.
    """

    table: str
    column: str
    looked: int
    sealed: int


async def reseal(shop: Shop) -> AsyncIterator[Resealed]:
    """Bring every sealed column to the newest key, and tell after each batch how far it is.

    What lies in clear is sealed as well. The old keys stay in the build until this is through.

    Raises:
        SealBroken: A value cannot be opened; it is left as it is.
    """
    sealing = sealing_of(shop.config)
    for table in personal_tables(shop).values():
        for sealed in table.sealed:
            looked = changed = 0
            after: Value = ""
            while True:
                rows, new = await _batch(shop, sealing, table, sealed, after)
                looked, changed = looked + len(rows), changed + new
                yield Resealed(
                    table=table.table, column=sealed.column, looked=looked, sealed=changed
                )
                if len(rows) < BATCH:
                    break
                after = rows[-1][0]


async def keys_in_use(shop: Shop) -> dict[str, int]:
    """How many rows are sealed with which key; ``""`` counts those in clear."""
    counted: dict[str, int] = {}
    for table in personal_tables(shop).values():
        for sealed in table.sealed:
            column = f'"{sealed.column}"'
            # The id of a key is at most 16 characters and ends with a full stop.
            head = f"CASE WHEN {column} LIKE '{SEALED}%' THEN substr({column}, 4, 17) ELSE '' END"
            rows = await shop.database.fetch(
                f'SELECT {head} AS head, count(*) FROM "{table.table}" '  # noqa: S608
                f"WHERE {column} <> '' GROUP BY 1"
            )
            for start, count in rows:
                name = str(start).partition(".")[0]
                counted[name] = counted.get(name, 0) + int(str(count))
    return counted


async def _batch(
    shop: Shop, sealing: Sealing, table: PersonalTable, sealed: Sealed, after: Value
) -> tuple[list[tuple[Value, ...]], int]:
    names = _names(sealed)
    key, listed = table.key[0], ", ".join(f'"{name}"' for name in names)
    select = (
        f'SELECT "{key}", {listed} FROM "{table.table}" WHERE "{key}" > $1 '  # noqa: S608
        f'ORDER BY "{key}" LIMIT {BATCH}'
    )
    rows = await shop.database.fetch(select, after)
    stale = [row for row in rows if not _settled(sealing, table, sealed, row)]
    if not stale:
        return rows, 0

    async def work(tx: Transaction) -> int:
        changed = 0
        for row in stale:
            texts = _anew(sealing, tx, table, sealed, row)
            if texts != row[1:]:
                changed += await tx.execute(_replace(table, names), *row, *texts)
        return changed

    return rows, await shop.database.atomically(work)


def _names(sealed: Sealed) -> tuple[str, ...]:
    found_by = sealed.found_by or sealed.fingerprint
    return (sealed.column, *([found_by] if found_by else []), *sealed.others)


def _settled(sealing: Sealing, table: PersonalTable, sealed: Sealed, row: Sequence[Value]) -> bool:
    """Whether a row is as it would be written today, its fingerprint too."""
    if not _current(sealing, _names(sealed), row[1:]):
        return False
    if not sealed.fingerprint or not row[1]:
        return True
    text = _text(sealing, table, sealed, row)
    return row[2] == sealing.fingerprint(text, f"{table.table}.{sealed.column}")


def _current(sealing: Sealing, names: Sequence[str], stored: Sequence[Value]) -> bool:
    first = cast("str | None", stored[0])
    if sealing.newest is None or (first or "").startswith(SEALED):
        return sealing.is_current(first or "")
    return not any(stored)


def _anew(
    sealing: Sealing, tx: Transaction, table: PersonalTable, sealed: Sealed, row: Sequence[Value]
) -> tuple[Value, ...]:
    key, stored = str(row[0]), [cast("str | None", each) for each in row[1:]]
    if sealed.found_by:
        whole = together(table, sealed)
        return whole.close(sealing, key, whole.open(tx, key, stored))
    place, bound = f"{table.table}.{sealed.column}", key if sealed.row == "yes" else ""
    text = _text(sealing, table, sealed, row)
    if not sealed.fingerprint:
        return (sealing.seal(text, place, bound),)
    return (sealing.seal(text, place, bound), sealing.fingerprint(text, place) if text else None)


def _text(sealing: Sealing, table: PersonalTable, sealed: Sealed, row: Sequence[Value]) -> str:
    bound = str(row[0]) if sealed.row == "yes" else ""
    return sealing.unseal(str(row[1] or ""), f"{table.table}.{sealed.column}", bound)


def _replace(table: PersonalTable, names: Sequence[str]) -> str:
    """Change a row only while it is what was read."""
    size = len(names)
    now = ", ".join(f'"{name}" = ${1 + size + n}' for n, name in enumerate(names, 1))
    was = " AND ".join(
        f"COALESCE(\"{name}\", '') = COALESCE(${1 + n}::text, '')"
        for n, name in enumerate(names, 1)
    )
    return f'UPDATE "{table.table}" SET {now} WHERE "{table.key[0]}" = $1 AND {was}'  # noqa: S608
