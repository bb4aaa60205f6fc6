"""Carts and their lines."""

from jishi.checkout.tables import CartLineTable, CartTable
from jishi.db import check, create_index, create_table, references, unique

OPERATIONS = (
    create_table(
        CartTable,
        constraints=[
            check("status IN ('open', 'placed', 'merged')", "checkout_carts_status"),
            check("version >= 0", "checkout_carts_version"),
        ],
    ),
    create_table(
        CartLineTable,
        constraints=[
            unique("cart_id", "sku"),
            references("cart_id", "checkout_carts", "id"),
            check("quantity >= 1", "checkout_lines_quantity"),
        ],
    ),
    create_index("checkout_carts_owner", "checkout_carts", "owner", "status"),
)
