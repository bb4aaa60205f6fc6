"""Everything arrived."""

from datetime import datetime, timedelta

import msgspec

from jishi.orders import sql
from jishi.orders.problems import OrderNotReady
from jishi.orders.settings import OrderSettings
from jishi.orders.structs import Order
from jishi.orders.transition import Change, change_order
from jishi.problems import Problem
from jishi.shop import Shop


async def complete_order(shop: Shop, order_id: str, actor: str) -> Order:
    """Note that the customer has everything; a second time changes nothing.

    Args:
        shop: The shop.
        order_id: The order's id.
        actor: Who says so: ``member``, ``guest``, ``staff:<id>``, ``schedule``.

    Raises:
        OrderNotReady: Nothing was shipped yet, or goods are still to be shipped.
    """

    async def plan(order: Order) -> Change | None:
        if order.status == "completed":
            return None
        if order.status == "fulfilling" and (left := sum(line.to_ship for line in order.lines)):
            raise OrderNotReady(
                f"{left} pieces are still to be shipped.",
                next_step="Ship them, or give their money back.",
                order_status=order.status,
            )
        after = msgspec.structs.replace(order, status="completed", completed_at=shop.clock.now())
        return Change(transition="complete", after=after, actor=actor)

    return await change_order(shop, order_id, plan)


async def complete_arrived(shop: Shop, limit: int = 200) -> int:
    """Complete orders that were shipped long enough ago; those with goods to be shipped wait.

    Args:
        shop: The shop; ``[orders] complete_after_days`` says what is long enough.
        limit: Orders read at a time.

    Returns:
        How many were completed.
    """
    days = shop.config.section("orders", OrderSettings).complete_after_days
    due = shop.clock.now() - timedelta(days=days)
    # What a plugin keeps from being completed is tried for a month, and then left to people.
    last = _Arrived("", due - timedelta(days=30))
    completed = 0
    while found := await shop.database.fetch_as(
        _Arrived, sql.ARRIVED, due, last.shipped_at, last.id, limit
    ):
        completed += sum([await _completed(shop, one.id) for one in found])
        last = found[-1]
    return completed


class _Arrived(msgspec.Struct, frozen=True):
    """An order on the page that was read last."""

    id: str
    shipped_at: datetime


async def _completed(shop: Shop, order_id: str) -> bool:
    try:
        await complete_order(shop, order_id, "schedule")
    except Problem:
        return False
    return True
