"""Place an order: read the wish, price it, hear every objection, queue it at the counter."""

import hashlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
import structlog

from jishi.callers import Caller
from jishi.checkout.carts import find_cart
from jishi.checkout.counter import Counter
from jishi.checkout.draft_order import draft_order
from jishi.checkout.limits import follow_limits
from jishi.checkout.problems import CartChanged, CartClosed, OrderRefused, PriceChanged
from jishi.checkout.structs import Cart, OrderPlaced, PlaceOrder, Placing, Wish
from jishi.db import DatabaseError
from jishi.hookspecs.checkout import review_checkout
from jishi.idempotency import KeyReused
from jishi.orders import as_placed, ask_effects, ask_effects_of_placing, load_order, placed_before
from jishi.orders.structs import Objection, Order, OrderDraft
from jishi.payments import Attempt, attempt_with_order, begin, begin_again
from jishi.plugins import Where
from jishi.problems import Invalid, OutOfService, Problem
from jishi.shop import Shop

log = structlog.get_logger("jishi.checkout")

_json = msgspec.json.Encoder().encode


async def place_order(
    shop: Shop, counter: Counter, caller: Caller, request: PlaceOrder, key: str
) -> tuple[Order, Literal["no", "yes"]]:
    """Place an order once, however often it is asked for with the same key.

    Args:
        shop: The shop.
        counter: Where orders queue.
        caller: The shopper.
        request: What is to be bought; nothing in it decides a price.
        key: The shopper's Idempotency-Key.

    Returns:
        The order, and whether it was there before.

    Raises:
        Problem: Why the order cannot be placed; nothing was written.
    """
    done = await _place(shop, counter, caller, request, key)
    return done.order, done.replayed


async def place_and_pay(
    shop: Shop, counter: Counter, caller: Caller, request: PlaceOrder, key: str
) -> tuple[OrderPlaced, Literal["no", "yes"]]:
    """Place an order and open the payment that the request asks for.

    The payment is written down in the transaction that places the order. Its gateway is asked
    after the commit; whatever it answers, the order stands.

    Args:
        shop: The shop.
        counter: Where orders queue.
        caller: The shopper.
        request: What is to be bought, and how it will be paid.
        key: The shopper's Idempotency-Key.

    Raises:
        Problem: Why the order cannot be placed; nothing was written.
    """
    done = await _place(shop, counter, caller, request, key)
    order, payment = done.order, None
    if done.attempt is not None:
        payment = await begin(shop, done.attempt, order)
    elif request.payment is not None and order.total:
        payer = request.payment.payer(caller.address)
        payment = await begin_again(shop, order, request.payment, payer, caller.kind)
    fields = {name: getattr(order, name) for name in order.__struct_fields__}
    return OrderPlaced(**fields, payment=payment or msgspec.UNSET), done.replayed


class _Done(NamedTuple):
    """An order that is placed, and the payment that was written down with it."""

    order: Order
    replayed: Literal["no", "yes"]
    attempt: Attempt | None = None


async def _place(
    shop: Shop, counter: Counter, caller: Caller, request: PlaceOrder, key: str
) -> _Done:
    digest = hashlib.sha256(_json(request)).hexdigest()
    try:
        placing = await _placing(shop, caller, request, key, digest)
        placed = await counter.place(placing)
    except DatabaseError:
        raise
    except Problem:
        # What cannot be placed any more may be what this very request placed before.
        known = await placed_before(shop.database, [(caller.owner, key)])
        order_id, first_digest = known.get((caller.owner, key), ("", digest))
        if first_digest != digest:
            raise KeyReused(key) from None
        if order_id:
            return _Done(await _loaded(shop, order_id), "yes")
        raise
    if placed.replayed == "no":
        return _Done(placing.order, "no", placing.attempt)
    return _Done(await _loaded(shop, placed.order), "yes")


async def _placing(
    shop: Shop, caller: Caller, request: PlaceOrder, key: str, digest: str
) -> Placing:
    """The priced order as it goes to the counter."""
    wish = await _wish(shop, caller, request)
    draft, priced = await draft_order(shop, caller, wish)
    if request.expected_total is not None and request.expected_total != draft.quote.total:
        raise PriceChanged(
            f"The total is {draft.quote.total} fen, not {request.expected_total}.",
            field="expected_total",
            next_step="Show the shopper the new price and place the order again.",
            quote=msgspec.to_builtins(draft.quote),
        )
    order = as_placed(draft)
    brought = (*priced.effects, *ask_effects_of_placing(shop, draft))
    attempt = _attempt(shop, caller, request, order)
    await _review(shop, draft)
    if priced.limits:
        await follow_limits(shop, draft.owner, priced.limits)
    return Placing(
        draft=draft,
        order=order,
        key=key,
        digest=digest,
        cart=wish.cart,
        cart_version=wish.cart_version,
        limits=priced.limits,
        effects=ask_effects(shop, order, "place", brought),
        attempt=attempt,
    )


def _attempt(shop: Shop, caller: Caller, request: PlaceOrder, order: Order) -> Attempt | None:
    """The payment that is written down with the order; None when none is, or not yet."""
    pay = request.payment
    if pay is None:
        return None
    return attempt_with_order(shop, order, pay, pay.payer(caller.address))


async def _wish(shop: Shop, caller: Caller, request: PlaceOrder) -> Wish:
    """What the shopper wants: the cart with what the request says differently, or buy-now."""
    if (request.cart is None) == (not request.lines):
        raise Invalid(
            "An order needs a cart or lines, and not both.",
            field="cart",
            next_step="Send `cart`, or `lines` to buy at once.",
        )
    if request.cart is None:
        return wish_of_lines(request)
    cart = await find_cart(shop.database, caller.owner, request.cart)
    if cart.status != "open":
        raise CartClosed(
            f"The cart is {cart.status}.",
            next_step="Look at its order." if cart.order_id else "Open another cart.",
            order=cart.order_id,
        )
    if request.cart_version not in (None, cart.version):
        raise CartChanged(
            f"The cart is at version {cart.version}, not {request.cart_version}.",
            field="cart_version",
            next_step="Show the shopper the cart again, then place the order.",
            version=cart.version,
        )
    return wish_of_cart(cart, request)


def wish_of_lines(request: PlaceOrder) -> Wish:
    """The wish of a buy-now request; the same SKU twice becomes one line."""
    wanted: dict[str, int] = {}
    for line in request.lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    return Wish(
        lines=tuple(wanted.items()),
        address=request.address,
        delivery=request.delivery or "",
        codes=request.codes or (),
        contact=request.contact or "",
        note=request.note or "",
        extras=request.extras or {},
    )


def wish_of_cart(cart: Cart, request: PlaceOrder | None = None) -> Wish:
    """The wish of a cart, with what a request says differently."""
    said = request or PlaceOrder()
    return Wish(
        lines=tuple((line.sku, line.quantity) for line in cart.lines),
        address=cart.address if said.address is None else said.address,
        delivery=cart.delivery if said.delivery is None else said.delivery,
        codes=cart.codes if said.codes is None else said.codes,
        contact=cart.contact if said.contact is None else said.contact,
        note=cart.note if said.note is None else said.note,
        extras=cart.extras if said.extras is None else said.extras,
        cart=cart.id,
        cart_version=cart.version,
    )


async def _loaded(shop: Shop, order_id: str) -> Order:
    order = await load_order(shop.database, order_id)
    if order is None:
        raise OutOfService("The order cannot be read right now.", next_step="Ask again.")
    return order


async def _review(shop: Shop, draft: OrderDraft) -> None:
    """Hear every objection of every plugin before anything is written."""
    where = Where(channel=draft.channel, store=draft.store)
    answers = await shop.hooks.consult(review_checkout, where, draft=draft)
    objections: Sequence[tuple[str, Objection]] = [
        (answer.plugin, objection) for answer in answers for objection in answer.value
    ]
    if objections:
        said = [f"{plugin}: {objection.message}" for plugin, objection in objections]
        log.info("order_refused", order=draft.id, objections=said)
        raise OrderRefused(
            " ".join(objection.message for _, objection in objections),
            next_step="Change the order as described.",
            objections=[msgspec.to_builtins(objection) for _, objection in objections],
        )
