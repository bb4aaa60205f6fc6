"""From wanting to having ordered: carts, quotes, the counter."""

from jishi.checkout.carts import current_cart, find_cart, open_cart
from jishi.checkout.change_cart import add_line, remove_line, set_details, set_quantity
from jishi.checkout.counter import Counter
from jishi.checkout.draft_order import Priced, draft_order, price_wish
from jishi.checkout.merge_carts import merge_carts
from jishi.checkout.place_order import place_and_pay, place_order, wish_of_cart, wish_of_lines
from jishi.checkout.routes import ROUTES
from jishi.checkout.structs import (
    Cart,
    CartLine,
    Details,
    OrderPlaced,
    Placed,
    PlaceOrder,
    Placing,
    WantedLine,
    Wish,
)
from jishi.checkout.tables import CartLineTable, CartTable

__all__ = [
    "ROUTES",
    "Cart",
    "CartLine",
    "CartLineTable",
    "CartTable",
    "Counter",
    "Details",
    "OrderPlaced",
    "PlaceOrder",
    "Placed",
    "Placing",
    "Priced",
    "WantedLine",
    "Wish",
    "add_line",
    "current_cart",
    "draft_order",
    "find_cart",
    "merge_carts",
    "open_cart",
    "place_and_pay",
    "place_order",
    "price_wish",
    "remove_line",
    "set_details",
    "set_quantity",
    "wish_of_cart",
    "wish_of_lines",
]
