"""Everything arrived."""

from datetime import timedelta

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
    """Complete orders that were shipped long enough ago; those with goods missing wait.

    Args:
        shop: The shop; ``[orders] complete_after_days`` says what is long enough.
        limit: Orders read at a time.

    Returns:
        How many were completed.
    """
    days = shop.config.section("orders", OrderSettings).complete_after_days
    due = shop.clock.now() - timedelta(days=days)
    # Those that cannot be completed are asked once a day for a month, and then left to people.
    found = await shop.database.fetch_as(str, sql.ARRIVED, due, due - timedelta(days=30), limit)
    completed = 0
    for order_id in found:
        try:
            await complete_order(shop, order_id, "schedule")
        except Problem:
            continue
        completed += 1
    return completed
