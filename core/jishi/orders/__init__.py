"""The order's life: placed, paid, shipped, completed, or cancelled, expired, refunded."""

from jishi.orders.effects_of import ask_effects, claims_of
from jishi.orders.insert_orders import insert_orders
from jishi.orders.load_order import (
    as_placed,
    explanation_of,
    find_by_number,
    find_order,
    load_order,
    load_orders,
    placed_before,
    shipments_of,
    timeline_of,
)
from jishi.orders.structs import (
    NewOrder,
    Objection,
    Order,
    OrderDetails,
    OrderDraft,
    OrderFilter,
    OrderLine,
    OrderPage,
    Status,
    TimelineEntry,
    Transition,
)

__all__ = [
    "NewOrder",
    "Objection",
    "Order",
    "OrderDetails",
    "OrderDraft",
    "OrderFilter",
    "OrderLine",
    "OrderPage",
    "Status",
    "TimelineEntry",
    "Transition",
    "as_placed",
    "ask_effects",
    "claims_of",
    "explanation_of",
    "find_by_number",
    "find_order",
    "insert_orders",
    "load_order",
    "load_orders",
    "placed_before",
    "shipments_of",
    "timeline_of",
]
