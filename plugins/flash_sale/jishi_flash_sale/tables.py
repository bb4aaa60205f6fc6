"""What flash sales keep."""

from jishi.db import BigInt, Table, Text, Timestamptz


class SaleTable(Table, tablename="flash_sale_sales"):
    """A sale; what it sells never changes once it is scheduled."""

    id = Text(primary_key=True)
    title = Text()
    state = Text()
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    items = Text()
    """The `ItemPlan`s, as JSON."""
    queue = Text()
    per_second = BigInt()
    at_once = BigInt()
    location = Text()
    turns = BigInt(default=0)
    """Numbers that were given in the queue."""
    next_turn_at = Timestamptz()
    """When the next turn would open if all of them followed each other evenly."""
    created_by = Text()
    scheduled_by = Text(default="")
    scheduled_at = Timestamptz(null=True, default=None)
    stopped_by = Text(default="")
    stopped_at = Timestamptz(null=True, default=None)
    stopped_because = Text(default="")


class PurchaseTable(Table, tablename="flash_sale_purchases"):
    """Pieces of a sale in an order."""

    id = None  # else there would be a serial one beside the key
    order_id = Text(primary_key=True)
    sale = Text()
    sku = Text()
    member = Text()
    quantity = BigInt()
    price = BigInt()
    state = Text()
    """``ordered``; after an order without goods ``returned`` to the quota, or ``shelved``."""
    placed_at = Timestamptz()


class TurnTable(Table, tablename="flash_sale_turns"):
    """A member's place in a queue."""

    id = Text(primary_key=True)
    """The sale's id and the member's."""
    sale = Text()
    member = Text()
    number = BigInt()
    opens_at = Timestamptz()
