"""What an order says about a person, as it is stored: sealed where the build has keys."""

from jishi.sealing import Together

PRIVATE = Together(table="orders_orders", column="address", found_by="contact", others=("note",))
"""Where the goods go, whom to call, what the shopper wrote."""
