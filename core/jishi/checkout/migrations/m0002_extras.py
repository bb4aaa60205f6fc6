"""What the shopper's client says to plugins stays with the cart."""

from jishi.db import Table, Text, add_column


class Carts(Table, tablename="checkout_carts"):
    """What is new in this version."""

    id = Text(primary_key=True)
    extras = Text(default="{}")


OPERATIONS = (add_column(Carts, "extras", existing="{}"),)
