"""What flows through pricing: a basket goes in, an explained quote comes out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

import msgspec

from jishi.effects import Effect

Lane = Literal[
    "list",
    "activity",
    "member",
    "promotion",
    "coupon",
    "points",
    "delivery",
    "tax",
    "rounding",
]
"""The lanes of a price, in the order in which they are driven."""

LANES: tuple[Lane, ...] = get_args(Lane)


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line to be priced.

    Attributes:
        key: Names the line inside its basket.
        sku: The SKU's code.
        product: The product's id.
        title: The product's title with its options, as the shopper sees it.
        quantity: Pieces, at least 1.
        unit_price: From the price list of the channel, in fen.
        weight_g: Of one piece, in grams.
        category: The path of category ids, from the root down.
        brand: The brand's name or an empty string.
        tax_rate: Value added tax in basis points (1300 = 13 %).
    """

    key: str
    sku: str
    product: str
    title: str
    quantity: int
    unit_price: int
    weight_g: int = 0
    category: tuple[str, ...] = ()
    brand: str = ""
    tax_rate: int = 0


class Basket(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be priced, for whom, where and when.

    Attributes:
        items: The lines, sorted by ``key``.
        currency: ISO 4217.
        channel: The sales channel.
        store: The store, where there is one.
        member: The member's id, None for a guest.
        codes: Coupon codes that the shopper entered.
        delivery_fee: What the chosen delivery option costs, in fen.
        at: The moment that counts for time windows, UTC.
        loaded: What each plugin's ``load_pricing`` brought, by the plugin's name.
        extras: What the shopper's client says to plugins, by ``<plugin>.<name>``: wishes, which
            the plugin checks and never trusts.
        groups: The groups that plugins see the member in, ``<plugin>.<name>`` (`loyalty.gold`).
        region: Province of the address, empty before it is known.
        city: City of the address, empty before it is known.
    """

    items: tuple[Item, ...]
    at: datetime
    currency: str = "CNY"
    channel: str = "web"
    store: str | None = None
    member: str | None = None
    codes: tuple[str, ...] = ()
    delivery_fee: int = 0
    loaded: Mapping[str, object] = {}
    extras: Mapping[str, str] = {}
    groups: frozenset[str] = frozenset()
    region: str = ""
    city: str = ""


class Nets(msgspec.Struct, frozen=True, kw_only=True):
    """What things cost after the lanes before.

    Attributes:
        lines: One amount per item of the basket, in fen, never negative.
        delivery: The delivery's cost in fen, never negative.
    """

    lines: tuple[int, ...]
    delivery: int = 0


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin would change in a lane.

    Attributes:
        rule: Names the rule inside the plugin, for explanations and reports.
        reason: A sentence for the shopper, in the shop's language.
        amounts: One signed amount per item in fen, negative is cheaper; empty means all zero.
        delivery: The signed amount on the delivery, in fen.
        included: Amounts are already inside the price (taxes of CNY prices): shown, not added.
        priority: Where offers of a lane stack, the higher is applied first.
        together: Offers of one plugin with the same word win or lose together, and may touch the
            same lines; each is written down by itself. For rules that stack inside a plugin.
        effects: What it uses up and leaves behind if it wins and the order is placed: a claim on
            a coupon, a record of who used it. A quote writes nothing, nor does an offer that
            changes no amount.
    """

    rule: str
    reason: str
    amounts: tuple[int, ...] = ()
    delivery: int = 0
    included: Literal["no", "yes"] = "no"
    priority: int = 0
    together: str = ""
    effects: tuple[Effect, ...] = ()


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that won, as it is kept with the order.

    Attributes:
        lane: Where it was applied.
        plugin: ``name@version`` of whoever offered it (``core`` for the list price).
        rule: The rule inside the plugin.
        reason: The sentence for the shopper.
        amounts: Per line, in the order of the quote's lines, in fen.
        delivery: On the delivery, in fen.
        included: Whether the amounts are inside the price already.
    """

    lane: Lane
    plugin: str
    rule: str
    reason: str
    amounts: tuple[int, ...]
    delivery: int = 0
    included: Literal["no", "yes"] = "no"


class QuoteLine(msgspec.Struct, frozen=True, kw_only=True):
    """One priced line.

    Attributes:
        key: Names the line inside its basket.
        sku: The SKU's code.
        product: The product's id.
        title: As the shopper sees it.
        quantity: Pieces.
        unit_price: List price of one piece, in fen.
        subtotal: ``unit_price`` times ``quantity``, in fen.
        total: After all adjustments, in fen; never negative.
        tax_included: The value added tax inside ``total``, in fen.
    """

    key: str
    sku: str
    product: str
    title: str
    quantity: int
    unit_price: int
    subtotal: int
    total: int
    tax_included: int = 0


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A price with its whole story.

    The lines' totals and the delivery sum to ``total`` exactly.

    Attributes:
        currency: ISO 4217.
        lines: In the basket's order.
        subtotal: List prices before adjustments, in fen.
        delivery: What the delivery costs after adjustments, in fen.
        total: What is to be paid, in fen; never negative.
        tax_included: The value added tax inside ``total``, in fen.
        adjustments: Everything that changed the price, in the order of the lanes.
    """

    currency: str
    lines: tuple[QuoteLine, ...]
    subtotal: int
    delivery: int
    total: int
    tax_included: int
    adjustments: tuple[Adjustment, ...]


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """A quote, and what placing it would write.

    Attributes:
        quote: The price with its whole story.
        effects: Who asks for what: ``name@version`` and the effects of its offers that won.
    """

    quote: Quote
    effects: tuple[tuple[str, tuple[Effect, ...]], ...] = ()
