"""Where carts are kept."""

from jishi.db import BigInt, Table, Text, Timestamptz


class CartTable(Table, tablename="checkout_carts"):
    """A cart."""

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
    extras = Text(default="{}")
    order_id = Text(null=True, default=None)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class CartLineTable(Table, tablename="checkout_lines"):
    """A line of a cart; each SKU stands once in a cart."""

    id = Text(primary_key=True)
    cart_id = Text()
    sku = Text()
    quantity = BigInt()
