"""Checkout: refuse or accompany an order on its way from the cart to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jishi.hookspecs.marker import hookspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jishi.effects import Effect
    from jishi.orders.structs import Objection, Order, OrderDraft, Transition


@hookspec
def review_checkout(draft: OrderDraft) -> Sequence[Objection] | None:
    """Object to an order before it is placed.

    Asked once per placing, before the transaction. Every objection of every plugin is shown to
    the shopper together.

    Args:
        draft: The priced order as it would be placed.

    Returns:
        Objections; None or nothing lets the order pass. An error refuses the order.

    Since: 0.1
    """


@hookspec
def review_shipment(order: Order) -> Sequence[Objection] | None:
    """Object to goods leaving the house.

    Asked before a shipment is written, outside of the transaction. Every objection is shown
    together.

    Args:
        order: The order as it is.

    Returns:
        Objections; None or nothing lets the goods go. An error keeps them.

    Since: 0.1
    """


@hookspec
def effects_of_placing(draft: OrderDraft) -> Sequence[Effect] | None:
    """Write along with the placing of an order, by what only its draft knows.

    As `effects_of_order` with the transition ``place``, but with the draft: the price's story and
    what the shopper's client said (``extras``). What an offer uses up it brings by itself.

    Args:
        draft: The priced order as it is placed.

    Returns:
        Effects, or None.

    Since: 0.1
    """


@hookspec
def effects_of_order(order: Order, transition: Transition) -> Sequence[Effect] | None:
    """Write along with a transition of an order.

    Pure: no reading, no network. Applied once per ``(transition, order, plugin, key)`` in the
    transition's own transaction; when one effect is impossible the transition fails whole.

    Args:
        order: The order as it will be after the transition.
        transition: What is happening: ``place``, ``pay``, ``ship``, ``complete``, ``cancel``,
            ``expire`` or ``refund``.

    Returns:
        Effects, or None.

    Since: 0.1
    """


@hookspec
def order_placed(order: Order) -> None:
    """Hear that an order was placed. Since: 0.1."""


@hookspec
def order_paid(order: Order) -> None:
    """Hear that an order is paid in full. Since: 0.1."""


@hookspec
def order_shipped(order: Order) -> None:
    """Hear that goods of an order left the house. Since: 0.1."""


@hookspec
def order_completed(order: Order) -> None:
    """Hear that an order is complete: everything arrived. Since: 0.1."""


@hookspec
def order_cancelled(order: Order) -> None:
    """Hear that an order was cancelled or ran out of time. Since: 0.1."""


@hookspec
def order_refunded(order: Order) -> None:
    """Hear that money of an order went back. Since: 0.1."""
