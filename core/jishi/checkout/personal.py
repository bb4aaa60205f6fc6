"""What carts know about people; they go with their owner."""

from jishi.personal import Belongs, Personal, PersonalTable, Sealed

PERSONAL = (
    PersonalTable(
        table="checkout_carts",
        title=("Carts", "购物车"),
        belongs=(Belongs(column="owner"),),
        personal={
            "owner": Personal(says="whose cart it is"),
            "address": Personal(says="receiver, telephone, address", blank=None),
            "contact": Personal(says="telephone number"),
            "note": Personal(says="what the shopper wrote"),
            "extras": Personal(says="what the shopper's app said to plugins", blank="{}"),
        },
        plain=(
            "id", "channel", "store", "status", "version", "delivery", "codes", "order_id",
            "created_at", "updated_at",
        ),
        sealed=(Sealed(column="address", found_by="contact", others=("note",)),),
    ),
    PersonalTable(
        table="checkout_lines",
        title=("What lies in carts", "购物车商品"),
        belongs=(Belongs(column="cart_id", to="checkout_carts"),),
        plain=("id", "cart_id", "sku", "quantity"),
    ),
)  # fmt: skip
"""Every table of the room."""
