"""Carts and their lines."""

from jishi.db import (
    BigInt,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    references,
    unique,
)


class Carts(Table, tablename="checkout_carts"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    owner = Text()
    channel = Text()
    store = Text(null=True, default=None)
    status = Text(default="open")
    version = BigInt(default=0)
    address = Text(null=True, default=None)
    delivery = Text(default="")
    codes = Text(default="[]")
    contact = Text(default="")
    note = Text(default="")
    order_id = Text(null=True, default=None)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class Lines(Table, tablename="checkout_lines"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    cart_id = Text()
    sku = Text()
    quantity = BigInt()


OPERATIONS = (
    create_table(
        Carts,
        constraints=[
            check("status IN ('open', 'placed', 'merged')", "checkout_carts_status"),
            check("version >= 0", "checkout_carts_version"),
        ],
    ),
    create_table(
        Lines,
        constraints=[
            unique("cart_id", "sku"),
            references("cart_id", "checkout_carts", "id"),
            check("quantity >= 1", "checkout_lines_quantity"),
        ],
    ),
    create_index("checkout_carts_owner", "checkout_carts", "owner", "status"),
    create_index("checkout_carts_updated_at", "checkout_carts", "updated_at"),
)
