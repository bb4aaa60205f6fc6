"""The order's life: placed, paid, shipped, completed, or cancelled, expired, refunded."""

from jishi.orders.cancel_order import cancel_order, expire_order
from jishi.orders.complete_order import complete_arrived, complete_order
from jishi.orders.effects_of import ask_effects, ask_effects_of_placing, claims_of
from jishi.orders.holds import useless_holds
from jishi.orders.insert_orders import insert_orders
from jishi.orders.list_orders import list_orders, orders_of
from jishi.orders.load_order import (
    as_placed,
    explanation_of,
    find_order,
    load_order,
    load_orders,
    placed_before,
    products_of,
    shipments_of,
    timeline_of,
)
from jishi.orders.pay_order import pay_order, paying
from jishi.orders.pay_orders import PaidInFull, paid_in_full, pay_orders
from jishi.orders.problems import (
    NotThatMany,
    OrderBusy,
    OrderNotReady,
    RefundTooMuch,
    ShipmentRefused,
)
from jishi.orders.refund_lines import Restock, cancelling_paid, refunding
from jishi.orders.refund_plan import (
    PlannedLine,
    RefundLine,
    RefundPlan,
    RefundWish,
    everything_left,
    plan_refund,
)
from jishi.orders.settings import OrderSettings
from jishi.orders.ship_order import Shipped, ship_order
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
from jishi.orders.timeline import note, note_many
from jishi.orders.transition import ALLOWED, Change, change_order, hold_order, not_ready, told
from jishi.orders.unpaid import due_to_expire

__all__ = [
    "ALLOWED",
    "Change",
    "NewOrder",
    "NotThatMany",
    "Objection",
    "Order",
    "OrderBusy",
    "OrderDetails",
    "OrderDraft",
    "OrderFilter",
    "OrderLine",
    "OrderNotReady",
    "OrderPage",
    "OrderSettings",
    "PaidInFull",
    "PlannedLine",
    "RefundLine",
    "RefundPlan",
    "RefundTooMuch",
    "RefundWish",
    "Restock",
    "ShipmentRefused",
    "Shipped",
    "Status",
    "TimelineEntry",
    "Transition",
    "as_placed",
    "ask_effects",
    "ask_effects_of_placing",
    "cancel_order",
    "cancelling_paid",
    "change_order",
    "claims_of",
    "complete_arrived",
    "complete_order",
    "due_to_expire",
    "everything_left",
    "expire_order",
    "explanation_of",
    "find_order",
    "hold_order",
    "insert_orders",
    "list_orders",
    "load_order",
    "load_orders",
    "not_ready",
    "note",
    "note_many",
    "orders_of",
    "paid_in_full",
    "pay_order",
    "pay_orders",
    "paying",
    "placed_before",
    "plan_refund",
    "products_of",
    "refunding",
    "ship_order",
    "shipments_of",
    "timeline_of",
    "told",
    "useless_holds",
]
