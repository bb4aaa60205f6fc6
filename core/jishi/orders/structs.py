"""What flows through orders: drafts, orders, their lines, transitions and objections."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from jishi.effects import Effect
from jishi.fulfilment.structs import Address, DeliveryOption, Shipment
from jishi.pricing.structs import Quote

Asked = tuple[str, tuple[Effect, ...]]
"""Who asked for effects (``name@version``) and which."""

Status = Literal["placed", "paid", "fulfilling", "completed", "cancelled", "expired"]
"""The life of an order: placed → paid → fulfilling → completed, or cancelled, or expired."""

Transition = Literal["place", "pay", "ship", "complete", "cancel", "expire", "refund"]
"""What can happen to an order."""


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """Why an order may not be placed.

    Attributes:
        code: Stable, for programs (``purchase_limit``).
        message: What happened and what would be possible, for the shopper.
        sku: The SKU in question, where there is one.
    """

    code: str
    message: str
    sku: str | None = None


class OrderDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is about to be placed; everything in it was decided by the core.

    Attributes:
        id: The order's id.
        number: The public number.
        owner: Guest or member id.
        member: The member's id, None for a guest.
        channel: The sales channel.
        store: The store, where there is one.
        quote: The price with its whole story.
        delivery: The chosen way.
        address: The destination; None for a pickup.
        contact: A telephone number for this order; may be empty.
        note: What the shopper wrote; may be empty.
        placed_at: UTC.
        expires_at: When the stock is given back if nobody has paid, UTC.
        location: The stock location that the goods leave from.
        extras: What the shopper's client says to plugins, by ``<plugin>.<name>``: never a fact.
    """

    id: str
    number: str
    owner: str
    member: str | None
    channel: str
    store: str | None
    quote: Quote
    delivery: DeliveryOption
    address: Address | None
    contact: str
    note: str
    placed_at: datetime
    expires_at: datetime
    location: str = "main"
    extras: Mapping[str, str] = {}


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order.

    Attributes:
        id: The line's id.
        sku: The SKU's code.
        product: The product's id.
        title: As the shopper bought it.
        quantity: Pieces.
        unit_price: List price of one piece, in fen.
        total: What the line cost after all adjustments, in fen.
        shipped: Pieces that left the house.
        refunded: Pieces whose money went back.
        refunded_amount: Money that went back for this line, in fen.
        withdrawn: Refunded pieces that will never be shipped.
    """

    id: str
    sku: str
    product: str
    title: str
    quantity: int
    unit_price: int
    total: int
    shipped: int = 0
    refunded: int = 0
    refunded_amount: int = 0
    withdrawn: int = 0

    @property
    def to_ship(self) -> int:
        """Pieces that still have to leave the house."""
        return self.quantity - self.shipped - self.withdrawn


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order.

    Attributes:
        id: The order's id.
        number: The public number.
        status: Where it stands.
        version: Grows with each change.
        owner: Guest or member id.
        member: The member's id, None for a guest.
        channel: The sales channel.
        store: The store, where there is one.
        currency: ISO 4217.
        total: What is to be paid, in fen.
        paid: What was captured, in fen.
        refunded: What went back or is on its way back, in fen.
        delivery_fee: In fen, inside ``total``.
        lines: What was bought.
        delivery: The chosen way.
        address: The destination; None for a pickup.
        contact: A telephone number; may be empty.
        note: What the shopper wrote.
        placed_at: UTC.
        expires_at: When an unpaid order gives its stock back, UTC.
        paid_at: UTC, None before.
        completed_at: UTC, None before.
        delivery_refunded: What of the delivery fee went back, in fen.
        location: The stock location that the goods leave from.
        shipped_at: When the last goods left the house, UTC; None before.
    """

    id: str
    number: str
    status: Status
    version: int
    owner: str
    member: str | None
    channel: str
    store: str | None
    currency: str
    total: int
    paid: int
    refunded: int
    delivery_fee: int
    lines: tuple[OrderLine, ...]
    delivery: DeliveryOption
    address: Address | None
    contact: str
    note: str
    placed_at: datetime
    expires_at: datetime
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    delivery_refunded: int = 0
    location: str = "main"
    shipped_at: datetime | None = None

    @property
    def open_amount(self) -> int:
        """What is still to be paid, in fen."""
        return self.total - self.paid


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order on its way into the books, inside the counter's transaction.

    Attributes:
        draft: The priced order.
        order: The order that it becomes, where it is known already.
        key: The shopper's idempotency key; unique per owner.
        digest: Of the request, so that the same key with another wish is noticed.
        effects: What plugins want written along: ``name@version`` and its effects.
    """

    draft: OrderDraft
    key: str
    digest: str
    effects: tuple[Asked, ...] = ()
    order: Order | None = None


class OrderDetails(msgspec.Struct, frozen=True, kw_only=True):
    """An order with everything that staff may know.

    Attributes:
        order: The order.
        explanation: How its price came about.
        shipments: What left the house, oldest first.
        timeline: Who did what when, oldest first.
    """

    order: Order
    explanation: Quote
    shipments: tuple[Shipment, ...]
    timeline: tuple["TimelineEntry", ...]


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders staff want to see; None and empty mean all.

    Attributes:
        status: Where they stand.
        channel: Through which channel they came.
        placed_from: Placed at this moment or later, UTC.
        placed_to: Placed before this moment, UTC.
        q: A number, a contact, an owner, or a SKU.
    """

    status: Status | None = None
    channel: str | None = None
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    q: str = ""


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some orders, the youngest first, and where to go on; ``next`` is None at the end."""

    items: tuple[Order, ...]
    next: str | None


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did which step when.

    Attributes:
        step: The transition, or another noteworthy step (``payment_started``).
        actor: ``guest``, ``member``, ``staff:<id>``, ``gateway:<name>``, ``schedule`` or
            ``plugin@version``.
        detail: One sentence; may be empty.
        at: UTC.
    """

    step: str
    actor: str
    detail: str
    at: datetime
