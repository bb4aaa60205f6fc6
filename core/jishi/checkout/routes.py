"""Carts, quotes and placing orders, for shoppers."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from jishi.callers import caller_of, require_shopper
from jishi.checkout.carts import current_cart, find_cart, open_cart
from jishi.checkout.change_cart import add_line, remove_line, set_details, set_quantity
from jishi.checkout.counter import Counter
from jishi.checkout.draft_order import Priced, price_wish
from jishi.checkout.place_order import place_and_pay, wish_of_cart, wish_of_lines
from jishi.checkout.structs import (
    Cart,
    Details,
    OrderPlaced,
    PlaceOrder,
    Quantity,
    WantedLine,
)
from jishi.fulfilment import DeliveryOption
from jishi.idempotency import REPLAYED, IdempotencyKey, key_of
from jishi.membership import new_guest
from jishi.pricing import Adjustment, QuoteLine
from jishi.problems import Invalid, NotFound
from jishi.shop import shop_of

Version = Annotated[int, msgspec.Meta(ge=0)]
AnyRequest = Request[Any, Any, Any]


class NewLine(WantedLine, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST …/lines``: a SKU, pieces, and the cart's version that the sender saw."""

    version: Version | None = None


class NewQuantity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of ``PATCH …/lines/{line}``."""

    quantity: Quantity
    version: Version | None = None


class OpenedCart(msgspec.Struct, frozen=True, kw_only=True):
    """A new cart; ``token`` is there when the shopper had none and is a guest from now on."""

    cart: Cart
    token: str | None = None


class QuoteView(msgspec.Struct, frozen=True, kw_only=True):
    """A price as the shopper sees it.

    Attributes:
        currency: ISO 4217.
        lines: Priced lines.
        subtotal: List prices, in fen.
        delivery_fee: In fen.
        total: To be paid, in fen.
        tax_included: Value added tax inside ``total``, in fen.
        delivery: The chosen way; None when nothing delivers there.
        options: All ways of delivery.
        adjustments: The story of the price; only with ``explain=1``.
    """

    currency: str
    lines: tuple[QuoteLine, ...]
    subtotal: int
    delivery_fee: int
    total: int
    tax_included: int
    delivery: DeliveryOption | None
    options: tuple[DeliveryOption, ...]
    adjustments: tuple[Adjustment, ...] | msgspec.UnsetType = msgspec.UNSET


@post("/store/carts", status_code=201, operation_id="checkout_open_cart", tags=["carts"])
async def open_cart_route(request: AnyRequest) -> OpenedCart:
    """Open a cart. Who has no token becomes a guest and gets one."""
    caller, token = caller_of(request), None
    if caller.kind not in ("guest", "member"):
        guest = new_guest(shop_of(request))
        token = guest.token
        caller = msgspec.structs.replace(caller, kind="guest", id=guest.id, scopes=frozenset())
    return OpenedCart(cart=await open_cart(shop_of(request), caller), token=token)


@get("/store/carts/current", operation_id="checkout_current_cart", tags=["carts"])
async def current_cart_route(request: AnyRequest) -> Cart:
    """The shopper's open cart in this channel."""
    cart = await current_cart(shop_of(request), require_shopper(request))
    if cart is None:
        raise NotFound("You have no open cart.", next_step="POST /store/carts opens one.")
    return cart


@get("/store/carts/{cart_id:str}", operation_id="checkout_get_cart", tags=["carts"])
async def get_cart_route(request: AnyRequest, cart_id: FromPath[str]) -> Cart:
    """One of the shopper's carts."""
    return await find_cart(shop_of(request).database, require_shopper(request).owner, cart_id)


@patch("/store/carts/{cart_id:str}", operation_id="checkout_set_details", tags=["carts"])
async def set_details_route(
    request: AnyRequest, cart_id: FromPath[str], data: JSONBody[Details]
) -> Cart:
    """Say where and how to deliver; what is left out stays."""
    return await set_details(shop_of(request), require_shopper(request).owner, cart_id, data)


@post(
    "/store/carts/{cart_id:str}/lines",
    status_code=201,
    operation_id="checkout_add_line",
    tags=["carts"],
)
async def add_line_route(
    request: AnyRequest, cart_id: FromPath[str], data: JSONBody[NewLine]
) -> Cart:
    """Put pieces of a SKU into the cart."""
    caller = require_shopper(request)
    wanted = WantedLine(sku=data.sku, quantity=data.quantity)
    return await add_line(
        shop_of(request), caller.owner, caller.channel, cart_id, wanted, data.version
    )


@patch(
    "/store/carts/{cart_id:str}/lines/{line_id:str}",
    operation_id="checkout_set_quantity",
    tags=["carts"],
)
async def set_quantity_route(
    request: AnyRequest,
    cart_id: FromPath[str],
    line_id: FromPath[str],
    data: JSONBody[NewQuantity],
) -> Cart:
    """Set how many pieces a line has."""
    owner = require_shopper(request).owner
    return await set_quantity(
        shop_of(request), owner, cart_id, line_id, data.quantity, data.version
    )


@delete(
    "/store/carts/{cart_id:str}/lines/{line_id:str}",
    status_code=200,
    operation_id="checkout_remove_line",
    tags=["carts"],
)
async def remove_line_route(
    request: AnyRequest,
    cart_id: FromPath[str],
    line_id: FromPath[str],
    version: FromQuery[int | None] = None,
) -> Cart:
    """Take a line out of the cart."""
    return await remove_line(
        shop_of(request), require_shopper(request).owner, cart_id, line_id, version
    )


@get("/store/carts/{cart_id:str}/quote", operation_id="checkout_quote_cart", tags=["carts"])
async def quote_cart_route(
    request: AnyRequest,
    cart_id: FromPath[str],
    explain: Annotated[
        int, QueryParameter(ge=0, le=1, description="1 tells the whole story.")
    ] = 0,
) -> QuoteView:
    """What the cart costs right now, and every way to deliver it."""
    shop, caller = shop_of(request), require_shopper(request)
    cart = await find_cart(shop.database, caller.owner, cart_id)
    priced = await price_wish(shop, caller, wish_of_cart(cart))
    return _view(priced, explain)


@post("/store/quotes", status_code=200, operation_id="checkout_quote_lines", tags=["carts"])
async def quote_lines_route(request: AnyRequest, data: JSONBody[PlaceOrder]) -> QuoteView:
    """What some lines would cost, without a cart (buy-now)."""
    if data.cart is not None or not data.lines:
        raise Invalid("A quote without a cart needs `lines`.", field="lines")
    priced = await price_wish(shop_of(request), require_shopper(request), wish_of_lines(data))
    return _view(priced, 1)


def _view(priced: Priced, explain: int) -> QuoteView:
    quote = priced.quote
    return QuoteView(
        currency=quote.currency,
        lines=quote.lines,
        subtotal=quote.subtotal,
        delivery_fee=quote.delivery,
        total=quote.total,
        tax_included=quote.tax_included,
        delivery=priced.delivery,
        options=priced.options,
        adjustments=quote.adjustments if explain else msgspec.UNSET,
    )


@post("/store/orders", status_code=201, operation_id="checkout_place_order", tags=["orders"])
async def place_order_route(
    request: AnyRequest, data: JSONBody[PlaceOrder], idempotency_key: IdempotencyKey = None
) -> Response[OrderPlaced]:
    """Place an order: from a cart, or at once from lines. Stock is held from here on.

    With `payment`, the payment is begun in the same step and told with the order.
    """
    caller = require_shopper(request)
    key = key_of(idempotency_key)
    counter: Counter = request.app.state.counter
    order, replayed = await place_and_pay(shop_of(request), counter, caller, data, key)
    if replayed == "yes":
        return Response(order, status_code=200, headers=REPLAYED)
    return Response(order, status_code=201)


ROUTES = (
    open_cart_route,
    current_cart_route,
    get_cart_route,
    set_details_route,
    add_line_route,
    set_quantity_route,
    remove_line_route,
    quote_cart_route,
    quote_lines_route,
    place_order_route,
)
