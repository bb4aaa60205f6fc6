"""Carts and their lines."""

from jishi.checkout.tables import CartLineTable, CartTable
from jishi.db import check, create_index, create_table, references, unique

OPERATIONS = (
    create_table(
        CartTable,
        constraints=[check("status IN ('open', 'placed', 'merged')"), check("version >= 0")],
    ),
    create_table(
        CartLineTable,
        constraints=[
            unique("cart_id", "sku"),
            references("cart_id", "checkout_carts", "id"),
            check("quantity >= 1"),
        ],
    ),
    create_index("checkout_carts_owner", "checkout_carts", "owner", "status"),
)
