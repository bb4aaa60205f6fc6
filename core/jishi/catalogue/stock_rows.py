"""The stock column of a file, as entries of the ledger."""

from collections.abc import Sequence

import msgspec

from jishi.catalogue.count_stock import stock_group
from jishi.catalogue.csv_rows import BadRow, Row
from jishi.catalogue.imported import StockColumn
from jishi.db import Transaction
from jishi.ledger import Group, Open, apply, balances, stock_account
from jishi.shop import Shop


class StockRow(msgspec.Struct, frozen=True, kw_only=True):
    """How many pieces of a SKU a file counts.

    Attributes:
        row: Where it says so.
        sku: The SKU's code.
        pieces: On the shelf.
    """

    row: Row
    sku: str
    pieces: int


async def write_stock(
    tx: Transaction, shop: Shop, rows: Sequence[StockRow], column: StockColumn, key: str
) -> tuple[int, list[BadRow]]:
    """Enter counts: with ``initial`` only where nothing was ever counted.

    Args:
        tx: An open transaction.
        shop: The shop.
        rows: Each SKU once.
        column: What the column means.
        key: Names this import.

    Returns:
        How many stocks changed, and the rows whose count is below what customers hold.
    """
    now = shop.clock.now()
    accounts = {stock_account(one.sku): one for one in rows}
    first = [
        Group(operations=(Open(account=account, balance=one.pieces),), reference=key)
        for account, one in accounts.items()
    ]
    # Opening an account happens once in its life; it also locks it.
    opened = await apply(tx, first, now)
    changed = sum(
        outcome.replayed == "no" and one.pieces > 0
        for outcome, one in zip(opened, accounts.values(), strict=True)
    )
    if column == "initial":
        return changed, []
    before = await balances(tx, list(accounts))
    moves = {
        account: one.pieces - before[account].balance
        for account, one in accounts.items()
        if one.pieces != before[account].balance
    }
    groups = [
        stock_group(account, change, f"{key}:{account}", "import")
        for account, change in moves.items()
    ]
    outcomes = await apply(tx, groups, now)
    bad = [
        held_row(accounts[account], before[account].held)
        for account, outcome in zip(moves, outcomes, strict=True)
        if outcome.refusals
    ]
    return changed + len(groups) - len(bad), bad


def held_row(one: StockRow, held: int) -> BadRow:
    """A count that cannot be: customers hold more pieces than it says there are."""
    return BadRow(
        line=one.row.line,
        column="stock",
        found=str(one.pieces),
        expected=f"at least {held}, which customers hold",
        sku=one.sku,
    )
