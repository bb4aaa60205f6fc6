"""Orders that end without goods: first the gateways are asked, so that paid money wins."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
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
from jishi.payments.structs import Attempt
from jishi.shop import Shop

_GRACE = timedelta(minutes=5)
"""How long an order may outlive its time because a gateway does not answer."""

_ASKED_AGAIN = timedelta(seconds=30)
"""How long an order that could not be ended waits for its next turn."""

_PATIENCE = 10.0
"""Seconds that all attempts of an order together may take to be closed; a job has 30."""

_JOB = "payments.expire_order"


async def expire_due(shop: Shop, limit: int = 200) -> None:
    """Schedule: give orders that are out of time the job that ends them, one each.

    Args:
        shop: The shop.
        limit: Orders at a time; those that have their job already do not count.
    """
    due = await due_to_expire(shop.database, shop.clock.now(), f"{_JOB}:0:", limit)

    async def work(tx: Transaction) -> None:
        await enqueue(tx, shop, [_expire_job(order_id, 0) for order_id in due])

    if due:
        await shop.database.atomically(work)


def _expire_job(order_id: str, turn: int, run_at: datetime | None = None) -> Job:
    return Job(
        kind=_JOB,
        payload={"order": order_id, "turn": turn},
        key=f"{_JOB}:{turn}:{order_id}",
        run_at=run_at,
    )


async def expire_turn(shop: Shop, payload: dict[str, Any]) -> None:
    """Job: end one order that is out of time, and come back later while it cannot be ended."""
    order = await expire_unpaid(shop, payload["order"])
    if order.status != "placed":
        return
    again = shop.clock.now() + _ASKED_AGAIN

    async def work(tx: Transaction) -> None:
        await enqueue(tx, shop, [_expire_job(order.id, int(payload["turn"]) + 1, again)])

    await shop.database.atomically(work)


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
        actor: ``guest`` and ``member`` cancel what is unpaid; ``staff:<id>`` and a plugin's
            ``name@version`` also what is paid and was not shipped.
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
    may_undo = actor.startswith("staff:") or "@" in actor
    if order.status == "placed" or not may_undo:
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
    """Close what may still bring money, all at once; who does not answer in time is unknown."""
    live = await live_attempts(shop.database, order_id)
    return await asyncio.gather(*(_close_in_time(shop, one) for one in live))


async def _close_in_time(shop: Shop, attempt: Attempt) -> Closed:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await close_attempt(shop, attempt)
    except TimeoutError:
        return "unknown"
