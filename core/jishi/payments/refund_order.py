"""Give money of an order back: decided and written down at once, paid out by a job."""

import hashlib

import msgspec

from jishi.db import Transaction
from jishi.idempotency import KeyReused
from jishi.orders import (
    Change,
    Order,
    RefundTooMuch,
    RefundWish,
    Restock,
    change_order,
    not_ready,
    plan_refund,
    refunding,
)
from jishi.payments import sql
from jishi.payments.give_back import Owing, owe
from jishi.payments.structs import Refund, Refunded
from jishi.shop import Shop


async def refund_order(
    shop: Shop,
    order_id: str,
    wish: RefundWish,
    *,
    restock: Restock,
    reason: str,
    key: str,
    actor: str,
) -> Refunded:
    """Give money back, once per key, and never more than was captured.

    Args:
        shop: The shop.
        order_id: The order's id.
        wish: Which pieces, which amounts.
        restock: Whether the pieces go back on sale.
        reason: For the shopper and the timeline.
        key: The idempotency key, unique per order.
        actor: Who gives it back: ``staff:<id>``, ``plugin@version``.

    Returns:
        The order, and the refunds that pay it out; a repeat gives the first ones.

    Raises:
        RefundTooMuch: There is not that much left.
        NotThatMany: There are not that many pieces left.
        OrderNotReady: The order is not paid.
        KeyReused: The key came with another refund before.
    """
    request = f"{order_id}:{key}"
    digest = hashlib.sha256(msgspec.json.encode((wish, restock, reason))).hexdigest()
    planned: dict[str, int] = {}
    repeated: list[str] = []

    async def plan(order: Order) -> Change | None:
        known = await shop.database.one_as(str, sql.REQUEST_DIGEST, request)
        if known is not None:
            if known != digest:
                raise KeyReused(key)
            repeated.append(known)
            return None
        if order.status not in ("paid", "fulfilling", "completed"):
            raise not_ready(order, "refund")
        found = plan_refund(order, wish)
        if found.total > order.paid - order.refunded:
            raise RefundTooMuch(f"{order.paid - order.refunded} fen are left to give back.")
        planned["amount"] = found.total
        return refunding(order, found, restock, actor, reason, key)

    async def also(tx: Transaction, order: Order) -> None:
        owing = Owing(
            order=order_id,
            amount=planned["amount"],
            currency=order.currency,
            request=request,
            digest=digest,
            reason=reason,
            actor=actor,
        )
        await owe(tx, shop, owing)

    order = await change_order(shop, order_id, plan, also)
    refunds = await shop.database.fetch_as(Refund, sql.REFUNDS_REQUESTED, request)
    return Refunded(order=order, refunds=tuple(refunds), replayed="yes" if repeated else "no")
