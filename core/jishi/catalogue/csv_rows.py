"""A catalogue file into rows; everything that is wrong with it is said, none of it is lost."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from jishi.catalogue.csv_columns import COLUMNS, FORMULAS, GUARD, REQUIRED
from jishi.config import did_you_mean


class BadRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something in a file that cannot be imported.

    Attributes:
        line: The line on which the row begins, from 1; the heading is line 1.
        column: The column's name; empty when the row as a whole is meant.
        found: What is written there, shortened.
        expected: What should have been.
        sku: The row's SKU, where it can be read.
    """

    line: int
    column: str
    found: str
    expected: str
    sku: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A good row.

    Attributes:
        line: The line on which it begins.
        values: What its cells mean, by column.
    """

    line: int
    values: Mapping[str, Any]


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A catalogue file, read.

    Attributes:
        columns: The heading.
        products: Good rows by handle, both in the file's order.
        bad: What cannot be imported.
        rows: How many rows there are, good and bad.
    """

    columns: tuple[str, ...]
    products: dict[str, list[Row]]
    bad: list[BadRow]
    rows: int


def read_rows(content: bytes) -> File:
    """Read a catalogue file: UTF-8 with or without a mark, UTF-16 with one, or GB 18030."""
    text = _decode(content)
    if text is None:
        return _useless(BadRow(line=1, column="", found="", expected="UTF-8 or GB 18030 text"))
    lines = _lines(text)
    _, heading = next(lines, (1, []))
    columns = tuple(name.strip() for name in heading) if isinstance(heading, list) else ()
    if bad := _check_heading(columns):
        return _useless(*bad)
    products: dict[str, list[Row]] = {}
    seen: dict[str, int] = {}
    problems: list[BadRow] = []
    count = 0
    for line, cells in lines:
        if cells == []:
            continue
        count += 1
        row = _row(line, columns, cells, problems)
        if row is not None and (trouble := _contradiction(row, products, seen)):
            problems.append(trouble)
        elif row is not None:
            seen[row.values["sku"]] = line
            products.setdefault(row.values["handle"], []).append(row)
    return File(columns=columns, products=products, bad=problems, rows=count)


def _useless(*bad: BadRow) -> File:
    return File(columns=(), products={}, bad=list(bad), rows=0)


def _decode(content: bytes) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        # Excel in China saves "CSV" in GB 18030's older brother; UTF-8 is hardly ever valid there.
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _lines(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Each row with the line it begins on; a text instead of cells says what is wrong with it."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, str(error)


def _check_heading(columns: Sequence[str]) -> list[BadRow]:
    if len(set(columns)) != len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        return [BadRow(line=1, column=twice, found="the column twice", expected="it once")]
    unknown = [
        BadRow(line=1, column=name, found="unknown column", expected=_guess(name))
        for name in columns
        if name not in COLUMNS
    ]
    return unknown + [
        BadRow(line=1, column=name, found="no such column", expected="a column of this name")
        for name in REQUIRED
        if name not in columns
    ]


def _guess(name: str) -> str:
    return f"one of {', '.join(COLUMNS)}{did_you_mean(name, COLUMNS)}"


def _row(
    line: int, columns: Sequence[str], cells: list[str] | str, problems: list[BadRow]
) -> Row | None:
    if isinstance(cells, str):
        problems.append(BadRow(line=line, column="", found=cells, expected="a row of CSV"))
        return None
    if len(cells) != len(columns):
        expected = f"{len(columns)} cells as in the heading"
        problems.append(
            BadRow(line=line, column="", found=f"{len(cells)} cells", expected=expected)
        )
        return None
    values: dict[str, Any] = {}
    before = len(problems)
    for name, cell in zip(columns, cells, strict=True):
        column = COLUMNS[name]
        try:
            values[name] = column.read(_unquoted(cell.strip()))
        except (ValueError, RecursionError):  # msgspec's errors are ValueErrors too
            sku = cells[columns.index("sku")].strip()[:64]
            found = cell if len(cell) <= 60 else f"{cell[:60]}…"
            problems.append(
                BadRow(line=line, column=name, found=found, expected=column.expected, sku=sku)
            )
    return Row(line=line, values=values) if len(problems) == before else None


def _unquoted(cell: str) -> str:
    """A cell without the apostrophe that an export puts before what Excel would run."""
    return cell[1:] if cell[:1] == GUARD and cell[1:2] in (*FORMULAS, GUARD) else cell


def _contradiction(
    row: Row, products: Mapping[str, list[Row]], seen: Mapping[str, int]
) -> BadRow | None:
    """What a row says against an earlier one."""
    values = row.values
    sku: str = values["sku"]
    if sku in seen:
        return BadRow(
            line=row.line,
            column="sku",
            found=sku,
            expected=f"each SKU once; line {seen[sku]} has it too",
            sku=sku,
        )
    before = products.get(values["handle"])
    if before is None:
        return None
    first = before[0]
    for name, value in values.items():
        if COLUMNS[name].of == "product" and value != first.values[name]:
            return _differs(row, name, f"what line {first.line} says of the same product")
    if "options_json" not in values:
        return _differs(row, "sku", "options_json, to tell the SKUs of a product apart")
    if list(values["options_json"]) != list(first.values["options_json"]):
        return _differs(row, "options_json", f"the options of line {first.line}, in its order")
    for other in before:
        if other.values["options_json"] == values["options_json"]:
            return _differs(row, "options_json", f"another choice than line {other.line}")
    return None


def _differs(row: Row, column: str, expected: str) -> BadRow:
    found = str(row.values[column])
    return BadRow(
        line=row.line, column=column, found=found[:60], expected=expected, sku=row.values["sku"]
    )
