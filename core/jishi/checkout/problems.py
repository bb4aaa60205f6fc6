"""What can go wrong at the checkout.

Invalid ── CartEmpty, LineTooLarge, CartFull, NotSold, AddressMissing, OrderRefused
Clash ──── CartChanged, CartClosed, PriceChanged, OutOfStock, LimitReached, TooManyUnpaid
"""

from jishi.problems import Clash, Invalid


class CartEmpty(Invalid):
    """There is nothing to buy."""

    code = "cart_empty"
    title = "The cart is empty"


class CartFull(Invalid):
    """The cart has as many lines as it may have."""

    code = "cart_full"
    title = "The cart is full"


class LineTooLarge(Invalid):
    """More pieces than one line or one order may have."""

    code = "quantity_too_large"
    title = "Too many pieces"


class NotSold(Invalid):
    """The SKU does not exist, or is not sold here and now."""

    code = "not_sold"
    title = "Not for sale"


class AddressMissing(Invalid):
    """The chosen delivery needs an address."""

    code = "address_missing"
    title = "The address is missing"


class OrderRefused(Invalid):
    """One or more plugins or rules object to the order."""

    code = "order_refused"
    title = "The order cannot be placed"


class CartChanged(Clash):
    """Somebody changed the cart in the meantime."""

    code = "cart_changed"
    title = "The cart has changed"


class CartClosed(Clash):
    """The cart became an order or was merged into another."""

    code = "cart_closed"
    title = "The cart is closed"


class PriceChanged(Clash):
    """The price is another than the shopper saw."""

    code = "price_changed"
    title = "The price has changed"


class OutOfStock(Clash):
    """There are not enough pieces."""

    code = "out_of_stock"
    title = "Out of stock"


class LimitReached(Clash):
    """The customer has bought as many as one customer may."""

    code = "purchase_limit"
    title = "The purchase limit is reached"


class TooManyUnpaid(Clash):
    """The customer has too many orders waiting for payment."""

    code = "too_many_unpaid"
    title = "Too many unpaid orders"


class NotEnough(Clash):
    """Something else that the order needs has run out."""

    code = "not_enough"
    title = "Not enough left"
