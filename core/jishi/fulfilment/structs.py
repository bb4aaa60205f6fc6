"""What flows through fulfilment: a consignment, the ways to deliver it, shipments."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

Kind = Literal["courier", "pickup", "local"]
"""How goods reach the customer: by a carrier, at a counter, by the shop's own rider."""

_Short = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A postal address as China writes it.

    Attributes:
        name: Who receives the goods.
        phone: The receiver's telephone number, 5–20 digits with an optional ``+``.
        region: Province, autonomous region or municipality (``浙江省``).
        city: Prefecture-level city (``杭州市``).
        district: County or district; may be empty.
        street: Street, house, room.
        postcode: May be empty.
    """

    name: _Short
    phone: Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9][0-9 -]{3,18}[0-9]$")]
    region: _Short
    city: _Short
    district: Annotated[str, msgspec.Meta(max_length=64)] = ""
    street: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    postcode: Annotated[str, msgspec.Meta(max_length=12)] = ""


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a consignment: what, how many, how heavy one piece is in grams."""

    sku: str
    quantity: int
    weight_g: int


class Consignment(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be delivered where.

    Attributes:
        parcels: The goods.
        weight_g: Of everything, in grams.
        value: What the goods cost at list prices, before any discount, in fen.
        currency: ISO 4217.
        channel: The sales channel.
        store: The store, where there is one.
        address: The destination; None before the shopper gave one.
        at: The moment that counts, UTC.
    """

    parcels: tuple[Parcel, ...]
    weight_g: int
    value: int
    currency: str
    channel: str
    store: str | None
    address: Address | None
    at: datetime


class DeliveryOption(msgspec.Struct, frozen=True, kw_only=True):
    """One way to deliver a consignment.

    Attributes:
        code: Names the option across plugins: ``<plugin>`` or ``<plugin>:<choice>``.
        kind: Courier, pickup or local delivery.
        title: What the shopper reads.
        fee: In fen.
        note: A second line for the shopper (opening hours, promised date); may be empty.
        needs_address: Whether a postal address must be given.
    """

    code: str
    kind: Kind
    title: str
    fee: int
    note: str = ""
    needs_address: Literal["yes", "no"] = "yes"


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that left the house together.

    Attributes:
        id: The shipment's id.
        order: The order's id.
        carrier: The carrier's name or code; empty for a pickup.
        tracking: The carrier's number; empty where there is none.
        lines: SKU code and pieces.
        shipped_at: UTC.
    """

    id: str
    order: str
    carrier: str
    tracking: str
    lines: tuple[tuple[str, int], ...]
    shipped_at: datetime
