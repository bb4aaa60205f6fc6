"""Pages of orders: a shopper's own, and what staff look for."""

from collections.abc import Sequence

from jishi.db import Argument, Database
from jishi.membership import ids_in_sql
from jishi.orders import sql
from jishi.orders.load_order import load_orders
from jishi.orders.private import PRIVATE
from jishi.orders.structs import OrderFilter, OrderPage

_END = "~"
"""Sorts after every id."""


async def orders_of(
    database: Database, owner: str, cursor: str | None = None, limit: int = 20
) -> OrderPage:
    """A shopper's orders, the youngest first.

    Args:
        database: The shop's.
        owner: Guest or member id.
        cursor: ``next`` of the page before.
        limit: Orders on a page.
    """
    ids = await database.fetch_as(str, sql.OWNED, owner, cursor or _END, limit + 1)
    return await _page(database, ids, limit)


async def list_orders(
    database: Database, wanted: OrderFilter, cursor: str | None = None, limit: int = 50
) -> OrderPage:
    """Orders of everybody, the youngest first.

    Args:
        database: The shop's.
        wanted: Which ones.
        cursor: ``next`` of the page before.
        limit: Orders on a page.
    """
    conditions, arguments = ["id < $1"], [cursor or _END]
    values: list[Argument] = list(arguments)

    def also(condition: str, value: Argument) -> None:
        values.append(value)
        conditions.append(condition.replace("$n", f"${len(values)}"))

    if wanted.status is not None:
        also("status = $n", wanted.status)
    if wanted.channel is not None:
        also("channel = $n", wanted.channel)
    if wanted.placed_from is not None:
        also("placed_at >= $n", wanted.placed_from)
    if wanted.placed_to is not None:
        also("placed_at < $n", wanted.placed_to)
    if words := wanted.q.strip():
        values.append(PRIVATE.print_of(database.opener, words) or words)
        also(_SEARCH.replace("$print", f"${len(values)}"), words)
    values.append(limit + 1)
    found = await database.fetch_as(
        str,
        f"SELECT id FROM orders_orders WHERE {' AND '.join(conditions)} "  # noqa: S608 our own
        f"ORDER BY id DESC LIMIT ${len(values)}",
        *values,
    )
    return await _page(database, found, limit)


_SEARCH = (
    f"(id = $n OR number = upper($n) OR owner IN {ids_in_sql('$n')} "  # noqa: S608
    "OR contact = $n OR contact = $print "
    "OR EXISTS (SELECT 1 FROM orders_lines AS l "
    "WHERE l.order_id = orders_orders.id AND l.sku = $n))"
)


async def _page(database: Database, ids: Sequence[str], limit: int) -> OrderPage:
    """One id more than a page holds says that there is another page."""
    here = ids[:limit]
    orders = await load_orders(database, here)
    return OrderPage(items=tuple(orders), next=here[-1] if len(ids) > limit else None)
