"""What an order holds in the ledger, and what becomes of it."""

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from jishi.db import Transaction, padded
from jishi.ledger import Credit, Hold, LiveHold, Operation, Post, Void
from jishi.orders import sql
from jishi.orders.structs import Order
from jishi.shop import Shop

_WHILE_UNPAID = "unpaid:"
"""Accounts of what an order takes only until it is paid: the customer's places to wait in."""

_LIMIT = "limit:"
"""Accounts of what one customer may buy in all; a cancelled order gives it back."""


class HeldRow(msgspec.Struct):
    """A hold of an order, live or ended."""

    key: str
    account: str
    amount: int
    state: Literal["held", "posted", "voided"]


async def hold_operations(
    tx: Transaction, order: Order, what: Literal["keep", "post", "void"]
) -> list[Operation]:
    """What the ledger does with an order's holds.

    ``post`` takes for good; what lapsed or was given back meanwhile is held and taken anew, so a
    late payment gets its goods or is refused by the ledger. ``void`` gives back; what one
    customer may buy in all is given back also when it was taken already.

    Args:
        tx: The transition's transaction.
        order: The order.
        what: What becomes of the holds.
    """
    if what == "keep":
        return []
    rows = await tx.fetch_as(HeldRow, sql.HOLDS, f"order:{order.id}:", f"order:{order.id};")
    if what == "void":
        return [one for row in rows for one in _given_back(row)]
    return [one for row in rows for one in _taken(order, row)]


async def taking(tx: Transaction, orders: Sequence[Order]) -> dict[str, list[Operation]]:
    """What the ledger does with the holds of orders that are paid, by their ids, in one look."""
    size, values = padded([(f"order:{one.id}:", f"order:{one.id};") for one in orders])
    rows = await tx.fetch_as(HeldRow, sql.holds_of(size), *values)
    operations: dict[str, list[Operation]] = {one.id: [] for one in orders}
    known = {one.id: one for one in orders}
    for row in {row.key: row for row in rows}.values():
        order = known[row.key.split(":", 2)[1]]
        operations[order.id] += _taken(order, row)
    return operations


def _taken(order: Order, row: HeldRow) -> Sequence[Operation]:
    if row.account.startswith(_WHILE_UNPAID):
        return [Void(hold=row.key, key=f"void:{row.key}")] if row.state == "held" else []
    if row.state == "held":
        return [Post(hold=row.key, key=f"post:{row.key}")]
    if row.state == "posted":
        return []
    again = f"again:{row.key}"
    hold = Hold(account=row.account, amount=row.amount, key=again, owner=order.id, expires_at=None)
    return [hold, Post(hold=again, key=f"post:{again}")]


def _given_back(row: HeldRow) -> Sequence[Operation]:
    if row.state == "held":
        return [Void(hold=row.key, key=f"void:{row.key}")]
    if row.state == "posted" and row.account.startswith(_LIMIT):
        reason = "the order was cancelled"
        key = f"back:{row.key}"
        return [Credit(account=row.account, amount=row.amount, key=key, reason=reason)]
    return []


async def useless_holds(shop: Shop, holds: Sequence[LiveHold]) -> Collection[str]:
    """Live holds of orders that have no use for them any more; for the ledger's check.

    Args:
        shop: The shop.
        holds: Live holds of anybody.

    Returns:
        The keys of those whose order is paid or over.
    """
    ours = {hold.owner for hold in holds if hold.key.startswith("order:")}
    if not ours:
        return ()
    ended = set(await shop.database.fetch_as(str, sql.ENDED, sorted(ours)))
    return [hold.key for hold in holds if hold.owner in ended]
