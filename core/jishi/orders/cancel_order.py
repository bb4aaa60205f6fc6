"""An order ends without goods: cancelled by somebody, or out of time."""

import msgspec

from jishi.orders.structs import Order
from jishi.orders.transition import Also, Change, change_order, not_ready
from jishi.shop import Shop


async def cancel_order(
    shop: Shop, order_id: str, actor: str, reason: str = "", also: Also | None = None
) -> Order:
    """Cancel an order that nobody has paid in full; what it held is given back.

    A paid order is cancelled together with its refund, by `jishi.payments.cancel_order`.

    Args:
        shop: The shop.
        order_id: The order's id.
        actor: Who cancels.
        reason: For the timeline; may be empty.
        also: Writes along in the same transaction.

    Raises:
        OrderNotReady: It is paid, or over.
    """

    async def plan(order: Order) -> Change | None:
        if order.status == "cancelled":
            return None
        if order.status != "placed":
            raise not_ready(order, "cancel")
        return cancelling(order, actor, reason)

    return await change_order(shop, order_id, plan, also)


def cancelling(order: Order, actor: str, reason: str) -> Change:
    """The change that a cancellation makes; what was paid of it goes back."""
    return Change(
        transition="cancel",
        after=msgspec.structs.replace(order, status="cancelled", refunded=order.paid),
        actor=actor,
        detail=reason,
        holds="void",
    )


async def expire_order(
    shop: Shop, order_id: str, actor: str = "schedule", also: Also | None = None
) -> Order:
    """End an order whose time to be paid is over; what it held, or got so far, is given back.

    An order that was paid or cancelled meanwhile, or has time left, stays as it is.
    """

    async def plan(order: Order) -> Change | None:
        if order.status != "placed" or order.expires_at > shop.clock.now():
            return None
        after = msgspec.structs.replace(order, status="expired", refunded=order.paid)
        return Change(transition="expire", after=after, actor=actor, holds="void")

    return await change_order(shop, order_id, plan, also)
