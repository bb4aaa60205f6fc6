"""Orders, their lines, timeline, shipments and effects."""

from jishi.db import (
    BigInt,
    Operation,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    create_unique_index,
    references,
    unique,
)


class OrderTable(Table, tablename="orders_orders"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    number = Text()
    owner = Text()
    member = Text(null=True)
    channel = Text()
    store = Text(null=True)
    location = Text()
    status = Text()
    version = BigInt()
    currency = Text()
    total = BigInt()
    paid = BigInt()
    refunded = BigInt()
    delivery_fee = BigInt()
    delivery_refunded = BigInt()
    delivery = Text()
    address = Text(null=True)
    contact = Text()
    note = Text()
    explanation = Text()
    placing_key = Text()
    placing_digest = Text()
    placed_at = Timestamptz()
    expires_at = Timestamptz()
    paid_at = Timestamptz(null=True)
    shipped_at = Timestamptz(null=True)
    completed_at = Timestamptz(null=True)


class LineTable(Table, tablename="orders_lines"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    order_id = Text()
    position = BigInt()
    sku = Text()
    product = Text()
    title = Text()
    quantity = BigInt()
    unit_price = BigInt()
    total = BigInt()
    shipped = BigInt()
    refunded = BigInt()
    refunded_amount = BigInt()
    withdrawn = BigInt()


class TimelineTable(Table, tablename="orders_timeline"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    order_id = Text()
    step = Text()
    actor = Text()
    detail = Text()
    entered_at = Timestamptz()


class ShipmentTable(Table, tablename="orders_shipments"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    order_id = Text()
    key = Text()
    digest = Text()
    carrier = Text()
    tracking = Text()
    lines = Text()
    shipped_at = Timestamptz()


class EffectTable(Table, tablename="orders_effects"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    order_id = Text()
    transition = Text()
    plugin = Text()
    version = Text()
    key = Text()
    effect = Text()
    applied_at = Timestamptz()


OPERATIONS: tuple[Operation, ...] = (
    create_table(
        OrderTable,
        [
            check(
                "status IN ('placed', 'paid', 'fulfilling', 'completed', 'cancelled', 'expired')",
                "orders_orders_status",
            ),
            check("0 <= refunded AND refunded <= paid AND paid <= total", "orders_orders_money"),
            check(
                "0 <= delivery_refunded AND delivery_refunded <= delivery_fee",
                "orders_orders_delivery",
            ),
            check(
                "status NOT IN ('paid', 'fulfilling', 'completed') OR paid = total",
                "orders_orders_paid",
            ),
            unique("number"),
            unique("owner", "placing_key"),
        ],
    ),
    create_table(
        LineTable,
        [
            references("order_id", "orders_orders", "id"),
            check("quantity > 0 AND total >= 0", "orders_lines_positive"),
            check(
                "shipped >= 0 AND withdrawn >= 0 AND shipped + withdrawn <= quantity",
                "orders_lines_shipped",
            ),
            check("0 <= refunded AND refunded <= quantity", "orders_lines_refunded"),
            check("0 <= refunded_amount AND refunded_amount <= total", "orders_lines_money"),
            unique("order_id", "position"),
        ],
    ),
    create_table(TimelineTable, [references("order_id", "orders_orders", "id")]),
    create_table(
        ShipmentTable,
        [references("order_id", "orders_orders", "id"), unique("order_id", "key")],
    ),
    create_table(EffectTable, [references("order_id", "orders_orders", "id")]),
    create_unique_index(
        "orders_effects_once", "orders_effects", "order_id", "transition", "plugin", "key"
    ),
    create_index("orders_orders_owned", "orders_orders", "owner", "id"),
    create_index("orders_orders_by_status", "orders_orders", "status", "id"),
    create_index("orders_orders_due", "orders_orders", "expires_at", where="status = 'placed'"),
    create_index(
        "orders_orders_shipped", "orders_orders", "shipped_at", where="status = 'fulfilling'"
    ),
    create_index("orders_timeline_order", "orders_timeline", "order_id", "id"),
)
