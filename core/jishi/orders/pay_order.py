"""Money came in for an order."""

import msgspec

from jishi.orders.structs import Order
from jishi.orders.transition import Also, Change, change_order, not_ready
from jishi.problems import Invalid
from jishi.shop import Shop


async def pay_order(
    shop: Shop, order_id: str, amount: int, actor: str, also: Also | None = None
) -> Order:
    """Count money that was captured towards an order; paid in full, its goods leave the stock.

    An order that was cancelled or has expired comes back to life when everything it held can be
    had once more.

    Args:
        shop: The shop.
        order_id: The order's id.
        amount: What was captured, in fen; at most what is open. 0 only for an order that costs
            nothing.
        actor: Who says so: ``gateway:<name>``, ``staff:<id>``, ``plugin@version``.
        also: Writes along in the same transaction, for instance the payment.

    Returns:
        The order as it is now.

    Raises:
        Invalid: More than is open.
        OrderNotReady: It is paid already, or ended after some money had come.
        Refused: Its goods are gone.
    """

    async def plan(order: Order) -> Change:
        return paying(shop, order, amount, actor)

    return await change_order(shop, order_id, plan, also)


def paying(shop: Shop, order: Order, amount: int, actor: str) -> Change:
    """The change that a payment makes.

    Raises:
        Invalid: More than is open.
        OrderNotReady: It is paid already, or ended after some money had come.
    """
    late = order.status in ("cancelled", "expired")
    if (order.status != "placed" and not late) or (late and order.paid):
        raise not_ready(order, "pay")
    if amount < 0 or amount > order.open_amount or (amount == 0) != (order.open_amount == 0):
        raise Invalid(f"{order.open_amount} fen are open, not {amount}.", field="amount")
    paid = order.paid + amount
    if paid < order.total:
        if late:
            raise not_ready(order, "pay")
        after = msgspec.structs.replace(order, paid=paid)
        detail = f"{amount} of {order.total} fen"
        return Change(
            transition=None, step="payment_received", after=after, actor=actor, detail=detail
        )
    now = shop.clock.now()
    return Change(
        transition="pay",
        after=msgspec.structs.replace(order, paid=paid, status="paid", paid_at=now),
        actor=actor,
        detail=f"Paid after the order was {order.status}; its goods were still there."
        if late
        else "",
        holds="post",
    )
