"""Hold a batch of a file's rows against the catalogue, before anything is written."""

from collections.abc import Mapping, Sequence

import msgspec

from jishi.catalogue.csv_rows import BadRow, Row
from jishi.catalogue.imported import StockColumn
from jishi.catalogue.judge import Draft, check_listing
from jishi.catalogue.load_products import load_products
from jishi.catalogue.shelves import Shelves
from jishi.catalogue.stock_rows import StockRow, held_row
from jishi.catalogue.wanted import wanted
from jishi.db import Database
from jishi.ledger import balances, stock_account
from jishi.problems import Invalid

_OWNERS = """
SELECT s.code, p.handle FROM catalogue_skus s JOIN catalogue_products p ON p.id = s.product
WHERE s.code = ANY($1)
"""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Some products of a file, held against the catalogue.

    Attributes:
        rows: How many rows of the file it was made of.
        drafts: The products as the file wants them.
        stock: The counts that are to be entered.
        new_skus: How many SKUs did not exist.
        bad: What cannot be.
    """

    rows: int
    drafts: list[Draft]
    stock: list[StockRow]
    new_skus: int
    bad: list[BadRow]

    @property
    def known(self) -> list[str]:
        """Ids of the products that existed."""
        return [one.old.id for one in self.drafts if one.old is not None]


async def check_batch(
    database: Database,
    products: Sequence[Sequence[Row]],
    shelves: Shelves,
    column: StockColumn,
) -> Batch:
    """Say what a file wants of some products, and what of it cannot be.

    Args:
        database: Where to read.
        products: The rows of each product.
        shelves: The categories; missing ones are made in it, not in the database.
        column: What the stock column means.
    """
    rows = [row for some in products for row in some]
    owners = {str(c): str(h) for c, h in await database.fetch(_OWNERS, [_sku(r) for r in rows])}
    bad = [one for row in rows if (one := _foreign(row, owners))]
    if column == "replace":
        bad += await _held(database, rows)
    lines = {one.line for one in bad}
    old = {
        one.listing.handle: one
        for one in await load_products(
            database, "handle", [some[0].values["handle"] for some in products]
        )
    }
    drafts: list[Draft] = []
    kept: list[Row] = []
    for some in products:
        good = [row for row in some if row.line not in lines]
        if not good:
            continue
        draft = wanted(good, old.get(good[0].values["handle"]), shelves)
        if trouble := _trouble(draft, good, shelves):
            bad += trouble
            continue
        drafts.append(draft)
        kept += good
    fresh = [row for row in kept if _sku(row) not in owners]
    counted = kept if column == "replace" else fresh
    return Batch(
        rows=len(rows),
        drafts=drafts,
        stock=[stock for row in counted if (stock := _stock(row))],
        new_skus=len(fresh),
        bad=bad,
    )


def _sku(row: Row) -> str:
    return str(row.values["sku"])


def _stock(row: Row) -> StockRow | None:
    pieces = row.values.get("stock")
    return None if pieces is None else StockRow(row=row, sku=_sku(row), pieces=pieces)


def _foreign(row: Row, owners: Mapping[str, str]) -> BadRow | None:
    sku = _sku(row)
    owner = owners.get(sku, row.values["handle"])
    if owner == row.values["handle"]:
        return None
    expected = f"a SKU of its own; this one belongs to the product {owner}"
    return BadRow(line=row.line, column="sku", found=sku, expected=expected, sku=sku)


async def _held(database: Database, rows: Sequence[Row]) -> list[BadRow]:
    counts = [one for row in rows if (one := _stock(row))]
    found = await balances(database, [stock_account(one.sku) for one in counts])
    held = [(one, found[stock_account(one.sku)].held) for one in counts]
    return [held_row(one, pieces) for one, pieces in held if one.pieces < pieces]


def _trouble(draft: Draft, rows: Sequence[Row], shelves: Shelves) -> list[BadRow]:
    """What the file says against SKUs of the product that it does not name."""
    try:
        check_listing(draft.listing, shelves)
    except Invalid as error:
        return [
            BadRow(
                line=row.line,
                column="options_json",
                found=str(row.values.get("options_json", "")),
                expected=f"something else: {error.detail}",
                sku=_sku(row),
            )
            for row in rows
        ]
    return []
