"""Orders that end without goods: first the gateways are asked, so that paid money wins."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from jishi.db import Transaction
from jishi.events import Job, enqueue
from jishi.orders import (
    Change,
    Order,
    cancelling_paid,
    change_order,
    due_to_expire,
    everything_left,
    expire_order,
    find_order,
    not_ready,
    plan_refund,
)
from jishi.orders import cancel_order as cancel_unpaid
from jishi.payments.attempts import live_attempts
from jishi.payments.give_back import Owing, owe
from jishi.payments.query_payment import Closed, close_attempt
from jishi.shop import Shop

_GRACE = timedelta(minutes=5)
"""How long an order may outlive its time because a gateway does not answer."""


async def expire_due(shop: Shop) -> None:
    """Schedule: have every order that is out of time ended by a job of its own."""
    now = shop.clock.now()
    due = await due_to_expire(shop.database, now)

    async def work(tx: Transaction) -> None:
        await enqueue(tx, shop, [_expire_job(order_id, now.isoformat()) for order_id in due])

    if due:
        await shop.database.atomically(work)


def _expire_job(order_id: str, turn: str) -> Job:
    return Job(
        kind="payments.expire_order",
        payload={"order": order_id},
        key=f"payments.expire_order:{order_id}:{turn}",
    )


async def expire_turn(shop: Shop, payload: dict[str, Any]) -> None:
    """Job: end one order that is out of time."""
    await expire_unpaid(shop, payload["order"])


async def expire_unpaid(shop: Shop, order_id: str) -> Order:
    """End an order that is out of time, unless the gateway says that it was paid.

    While the gateway does not answer the order waits some minutes; money that comes later still
    is taken for the goods if they are there, or given back.
    """
    order = await find_order(shop.database, order_id)
    now = shop.clock.now()
    if order.status != "placed" or order.expires_at > now:
        return order
    outcomes = await _close_all(shop, order_id)
    if "unknown" in outcomes and now < order.expires_at + _GRACE:
        return order
    return await expire_order(shop, order_id)


async def cancel_order(
    shop: Shop, order_id: str, actor: str, reason: str = "", key: str = "cancel"
) -> Order:
    """Cancel an order: an unpaid one at once, a paid one that staff stops with all its money.

    Args:
        shop: The shop.
        order_id: The order's id.
        actor: ``guest`` and ``member`` cancel what is unpaid; ``staff:<id>`` also what is paid
            and was not shipped.
        reason: For the timeline and the refund; may be empty.
        key: Names the refund.

    Raises:
        OrderNotReady: It is too late for that.
    """
    order = await find_order(shop.database, order_id)
    if order.status == "cancelled":
        return order
    if order.status == "placed":
        await _close_all(shop, order_id)
        order = await find_order(shop.database, order_id)
    if order.status == "placed" or not actor.startswith("staff:"):
        return await cancel_unpaid(shop, order_id, actor, reason)
    return await _cancel_paid(shop, order_id, actor, reason, key)


async def _cancel_paid(shop: Shop, order_id: str, actor: str, reason: str, key: str) -> Order:
    back: list[int] = [0]

    async def plan(order: Order) -> Change | None:
        if order.status == "cancelled":
            return None
        if order.status != "paid":
            raise not_ready(order, "cancel")
        left = everything_left(order)
        back[0] = order.paid - order.refunded
        planned = plan_refund(order, left) if left.lines or left.delivery else None
        return cancelling_paid(order, planned, actor, reason)

    async def also(tx: Transaction, order: Order) -> None:
        owing = Owing(
            order=order_id,
            amount=back[0],
            currency=order.currency,
            request=f"{order_id}:{key}",
            digest="",
            reason=reason,
            actor=actor,
        )
        if owing.amount:
            await owe(tx, shop, owing)

    return await change_order(shop, order_id, plan, also)


async def _close_all(shop: Shop, order_id: str) -> Sequence[Closed]:
    return [await close_attempt(shop, one) for one in await live_attempts(shop.database, order_id)]
