"""What flows through checkout: carts, what is asked of them, placings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from jishi.checkout.extras import Extras
from jishi.effects import Effect
from jishi.fulfilment import Address
from jishi.orders import Order, OrderDraft
from jishi.payments import Attempt, Pay, Started

Quantity = Annotated[int, msgspec.Meta(ge=1, le=9999, description="Pieces, 1 to 9999.")]
SkuCode = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Contact = Annotated[str, msgspec.Meta(max_length=40)]
Note = Annotated[str, msgspec.Meta(max_length=500)]
Codes = Annotated[
    tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=64)], ...],
    msgspec.Meta(max_length=10),
]


class CartLine(msgspec.Struct, frozen=True):
    """One line of a cart: its id, the SKU's code, pieces."""

    id: str
    sku: str
    quantity: int


class CartRow(msgspec.Struct, frozen=True):
    """A cart as it is stored; see ``Cart``."""

    id: str
    owner: str
    channel: str
    store: str | None
    status: Literal["open", "placed", "merged"]
    version: int
    address: str | None
    delivery: str
    codes: str
    contact: str
    note: str
    extras: str
    order_id: str | None
    created_at: datetime
    updated_at: datetime


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody means to buy. A cart holds no stock.

    Attributes:
        id: The cart's id.
        owner: Guest or member id.
        channel: The sales channel.
        store: The store, where there is one.
        status: ``open``, ``placed`` (an order came of it) or ``merged`` (into a member's cart).
        version: Grows with each change; send it back to be told when somebody else changed it.
        lines: In the order in which they were added.
        address: Where to deliver; None before it is known.
        delivery: The code of the chosen delivery option; may be empty.
        codes: Coupon codes.
        contact: A telephone number for the order; may be empty.
        note: What the shopper wrote.
        extras: What the shopper's client says to plugins.
        order_id: The order that came of it.
        updated_at: UTC.
    """

    id: str
    owner: str
    channel: str
    store: str | None
    status: Literal["open", "placed", "merged"]
    version: int
    lines: tuple[CartLine, ...]
    address: Address | None
    delivery: str
    codes: tuple[str, ...]
    contact: str
    note: str
    order_id: str | None
    updated_at: datetime
    extras: dict[str, str] = {}


class WantedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A SKU and how many pieces of it somebody wants."""

    sku: SkuCode
    quantity: Quantity = 1


class Details(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said about a cart besides its lines; what is left out stays as it is.

    Attributes:
        address: Where to deliver.
        delivery: The code of a delivery option.
        codes: Coupon codes, at most 10.
        contact: A telephone number.
        note: At most 500 letters.
        extras: Wishes for plugins; all of them, those left out are gone.
        version: The cart's version that the sender saw; a newer cart answers 409.
    """

    address: Address | msgspec.UnsetType = msgspec.UNSET
    delivery: Annotated[str, msgspec.Meta(max_length=64)] | msgspec.UnsetType = msgspec.UNSET
    codes: Codes | msgspec.UnsetType = msgspec.UNSET
    contact: Contact | msgspec.UnsetType = msgspec.UNSET
    note: Note | msgspec.UnsetType = msgspec.UNSET
    extras: Extras | msgspec.UnsetType = msgspec.UNSET
    version: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become an order: the lines and everything said about them.

    Attributes:
        lines: SKU code and pieces, each SKU once.
        address: Where to deliver.
        delivery: The code of a delivery option; empty takes the only or the cheapest one.
        codes: Coupon codes.
        contact: A telephone number.
        note: What the shopper wrote.
        extras: What the shopper's client says to plugins.
        cart: The cart it comes from; None for buy-now.
        cart_version: The version of the cart that was read.
    """

    lines: tuple[tuple[str, int], ...]
    address: Address | None = None
    delivery: str = ""
    codes: tuple[str, ...] = ()
    contact: str = ""
    note: str = ""
    extras: Mapping[str, str] = {}
    cart: str | None = None
    cart_version: int = 0


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /store/orders``: a cart, or lines to be bought at once.

    Attributes:
        cart: The cart's id; or None and ``lines`` (buy-now).
        cart_version: The cart's version that the shopper saw; a newer cart answers 409.
        lines: What to buy now, without a cart.
        address: Overrides the cart's.
        delivery: Overrides the cart's; the code of a delivery option.
        codes: Overrides the cart's coupon codes.
        contact: Overrides the cart's.
        note: Overrides the cart's.
        extras: Overrides the cart's wishes for plugins.
        expected_total: The total that the shopper saw, in fen. It never sets the price: when the
            price is another by now, the answer is 409 with the new quote.
        payment: How it will be paid. The payment is written down together with the order and then
            opened at its gateway, so that one request is enough.
    """

    cart: str | None = None
    cart_version: Annotated[int, msgspec.Meta(ge=0)] | None = None
    lines: Annotated[tuple[WantedLine, ...], msgspec.Meta(max_length=100)] = ()
    address: Address | None = None
    delivery: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    codes: Codes | None = None
    contact: Contact | None = None
    note: Note | None = None
    extras: Extras | None = None
    expected_total: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None
    payment: Pay | None = None


class Placing(msgspec.Struct, frozen=True, kw_only=True):
    """One order in the queue at the counter.

    Attributes:
        draft: The priced order.
        order: The order that it becomes.
        key: The shopper's ``Idempotency-Key``; unique per owner.
        digest: Of the request's body; the same key with another digest is refused.
        cart: The cart that it closes; None for buy-now.
        cart_version: The version it was read at.
        limits: For each limited SKU: code and how many one customer may buy in all.
        effects: What plugins want to be written along: ``name@version`` and the effects.
        attempt: The payment that begins with it; None when there is none yet.
    """

    draft: OrderDraft
    order: Order
    key: str
    digest: str
    cart: str | None
    cart_version: int
    limits: tuple[tuple[str, int], ...] = ()
    effects: tuple[tuple[str, tuple[Effect, ...]], ...] = ()
    attempt: Attempt | None = None


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What the counter answers: the order's id, and whether it was there before."""

    order: str
    replayed: Literal["no", "yes"] = "no"


class OrderPlaced(Order, frozen=True, kw_only=True):
    """What ``POST /store/orders`` answers: the order, and its payment if one was asked for.

    Attributes:
        payment: The payment that was begun. ``unknown`` and ``refused`` say that its gateway did
            not answer or said no; the order stands, and
            ``POST /store/orders/{id}/payments`` tries again or another way.
    """

    payment: Started | msgspec.UnsetType = msgspec.UNSET
