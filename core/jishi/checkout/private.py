"""What a cart says about a person, as it is stored: sealed where the build has keys."""

from jishi.sealing import Together

PRIVATE = Together(table="checkout_carts", column="address", found_by="contact", others=("note",))
"""Where the goods would go, whom to call, what the shopper wrote."""
