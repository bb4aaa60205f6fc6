"""Money of an order goes back, with or without its goods."""

from typing import Literal

import msgspec

from jishi.ledger import Credit, Operation, stock_account
from jishi.orders.cancel_order import cancelling
from jishi.orders.refund_plan import RefundPlan, refunded
from jishi.orders.structs import Order
from jishi.orders.transition import Change

Restock = Literal["yes", "no"]


def refunding(
    order: Order, plan: RefundPlan, restock: Restock, actor: str, reason: str, key: str
) -> Change:
    """The change that a refund makes in the books of orders; the gateway pays it out later.

    Args:
        order: The order as it is.
        plan: What goes back.
        restock: Whether the pieces go back on sale.
        actor: Who gives it back.
        reason: For the timeline.
        key: Names this refund; goods are put back once under it.
    """
    return Change(
        transition="refund",
        after=refunded(order, plan),
        actor=actor,
        detail=f"{plan.total} fen. {reason}".strip(),
        operations=_back_on_sale(order, plan, key) if restock == "yes" else (),
    )


def cancelling_paid(order: Order, plan: RefundPlan | None, actor: str, reason: str) -> Change:
    """The change that cancels a paid order: everything that is left goes back, also on sale.

    Args:
        order: The order as it is.
        plan: Everything that is left; None when nothing is.
        actor: Who cancels.
        reason: For the timeline.
    """
    cancelled = cancelling(order, actor, reason)
    if plan is None:
        return cancelled
    return msgspec.structs.replace(
        cancelled,
        after=msgspec.structs.replace(refunded(order, plan), status="cancelled"),
        operations=_back_on_sale(order, plan, "cancel"),
    )


def _back_on_sale(order: Order, plan: RefundPlan, key: str) -> tuple[Operation, ...]:
    return tuple(
        Credit(
            account=stock_account(one.sku, order.location),
            amount=one.quantity,
            key=f"restock:{order.id}:{key}:{one.line}",
            reason="came back",
        )
        for one in plan.lines
        if one.quantity
    )
