"""Sales, what was bought in them, and their queues."""

from jishi.db import (
    BigInt,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    primary_key,
    unique,
)


class Sales(Table, tablename="flash_sale_sales"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    title = Text()
    state = Text()
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    items = Text()
    queue = Text()
    per_second = BigInt()
    at_once = BigInt()
    location = Text()
    turns = BigInt(default=0)
    next_turn_at = Timestamptz()
    created_by = Text()
    scheduled_by = Text(default="")
    scheduled_at = Timestamptz(null=True, default=None)
    stopped_by = Text(default="")
    stopped_at = Timestamptz(null=True, default=None)
    stopped_because = Text(default="")


class Purchases(Table, tablename="flash_sale_purchases"):
    """What the table was in this version."""

    id = None
    order_id = Text(primary_key=True)
    sale = Text()
    sku = Text()
    member = Text()
    quantity = BigInt()
    price = BigInt()
    state = Text()
    placed_at = Timestamptz()


class Turns(Table, tablename="flash_sale_turns"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    sale = Text()
    member = Text()
    number = BigInt()
    opens_at = Timestamptz()


OPERATIONS = (
    create_table(
        Sales,
        constraints=[
            check("state IN ('draft', 'scheduled', 'stopped', 'over')", "flash_sale_sales_state"),
            check("ends_at > starts_at", "flash_sale_sales_times"),
        ],
    ),
    create_table(
        Purchases,
        constraints=[
            primary_key("order_id", "sku"),
            check("state IN ('ordered', 'returned', 'shelved')", "flash_sale_purchases_state"),
        ],
    ),
    create_table(Turns, constraints=[unique("sale", "number")]),
    create_index("flash_sale_purchases_sale", "flash_sale_purchases", "sale", "sku"),
    create_index("flash_sale_sales_state", "flash_sale_sales", "state", "starts_at"),
)
