"""What orders have done by themselves, and how plugins hear of them."""

from datetime import timedelta
from typing import Any

from jishi.events import Handlers, Happened
from jishi.hookspecs import checkout as hooks
from jishi.orders.complete_order import complete_arrived
from jishi.orders.load_order import find_order
from jishi.orders.pay_order import pay_order
from jishi.orders.problems import OrderNotReady
from jishi.shop import Shop

_HEARD = {
    "order.placed": hooks.order_placed,
    "order.paid": hooks.order_paid,
    "order.shipped": hooks.order_shipped,
    "order.completed": hooks.order_completed,
    "order.cancelled": hooks.order_cancelled,
    "order.expired": hooks.order_cancelled,
    "order.refunded": hooks.order_refunded,
}


def register(handlers: Handlers) -> None:
    """Sign up jobs, schedules and hooks. Orders expire with their payments: `jishi.payments`."""
    handlers.job("orders.pay_nothing", pay_nothing)
    handlers.every("orders.complete_arrived", timedelta(hours=1), complete_due)
    for event, spec in _HEARD.items():
        handlers.tells(event, spec, load_told_order)


async def load_told_order(shop: Shop, event: Happened) -> dict[str, Any]:
    """The order that an event is about, as it is by now."""
    return {"order": await find_order(shop.database, event.subject)}


async def pay_nothing(shop: Shop, payload: dict[str, Any]) -> None:
    """Take an order that costs nothing for paid."""
    try:
        await pay_order(shop, payload["order"], 0, "schedule")
    except OrderNotReady:
        return  # it is paid already, or was cancelled at once


async def complete_due(shop: Shop) -> None:
    """Complete orders that were shipped long enough ago."""
    await complete_arrived(shop)
