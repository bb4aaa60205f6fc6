"""Where orders are kept."""

from jishi.db import BigInt, Table, Text, Timestamptz


class OrderTable(Table, tablename="orders_orders"):
    """An order; what was decided at placing never changes."""

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
    """The quote with its whole story, as JSON."""
    placing_key = Text()
    placing_digest = Text()
    placed_at = Timestamptz()
    expires_at = Timestamptz()
    paid_at = Timestamptz(null=True)
    shipped_at = Timestamptz(null=True)
    completed_at = Timestamptz(null=True)


class LineTable(Table, tablename="orders_lines"):
    """A line of an order."""

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
    """Who did what when."""

    id = Text(primary_key=True)
    order_id = Text()
    step = Text()
    actor = Text()
    detail = Text()
    entered_at = Timestamptz()


class ShipmentTable(Table, tablename="orders_shipments"):
    """Goods that left the house together."""

    id = Text(primary_key=True)
    order_id = Text()
    key = Text()
    digest = Text()
    carrier = Text()
    tracking = Text()
    lines = Text()
    """SKU codes and pieces, as JSON."""
    shipped_at = Timestamptz()


class EffectTable(Table, tablename="orders_effects"):
    """What a plugin had written along with a transition, once."""

    id = Text(primary_key=True)
    order_id = Text()
    transition = Text()
    plugin = Text()
    version = Text()
    key = Text()
    effect = Text()
    applied_at = Timestamptz()
