"""Rows as they were before their personal columns were sealed."""

from collections.abc import Sequence
from typing import cast

from jishi.db import Reads, Value
from jishi.personal import PersonalTable, Sealed
from jishi.sealing import Together


def together(table: PersonalTable, sealed: Sealed) -> Together:
    """How columns that are declared as sealed together are closed and opened."""
    return Together(
        table=table.table,
        key=table.key[0],
        column=sealed.column,
        found_by=sealed.found_by,
        others=sealed.others,
    )


def opened(
    reader: Reads,
    table: PersonalTable,
    names: Sequence[str],
    key: Sequence[Value],
    row: Sequence[Value],
) -> tuple[Value, ...]:
    """A row with its sealed columns opened.

    Args:
        reader: Whose opener has the keys.
        table: The row's table.
        names: What the values are called.
        key: The row's primary key.
        row: Its values.

    Raises:
        SealBroken: They cannot be opened.
    """
    if not table.sealed:
        return tuple(row)
    values = dict(zip(names, row, strict=True))
    for sealed in table.sealed:
        if sealed.found_by:
            whole = together(table, sealed)
            stored = [cast("str | None", values[each]) for each in whole.columns]
            texts = whole.open(reader, str(key[0]), stored)
            values.update(zip(whole.columns, texts, strict=True))
        elif isinstance(text := values[sealed.column], str) and text and reader.opener:
            bound = str(key[0]) if sealed.row == "yes" else ""
            place = f"{table.table}.{sealed.column}"
            values[sealed.column] = reader.opener.unseal(text, place, bound)
    return tuple(values[each] for each in names)
