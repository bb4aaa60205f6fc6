"""From a wish to a priced draft: everything that decides is read from the shop, never sent."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

import msgspec

from jishi.callers import Caller
from jishi.catalogue import Sellable, sellables
from jishi.checkout.extras import check_extras
from jishi.checkout.problems import (
    AddressMissing,
    CartEmpty,
    LineTooLarge,
    NotSold,
)
from jishi.checkout.structs import Wish
from jishi.fulfilment import (
    Consignment,
    DeliveryNotOffered,
    DeliveryOption,
    Parcel,
    delivery_options,
)
from jishi.identifiers import new_id, new_order_number
from jishi.orders.structs import Asked, OrderDraft
from jishi.plugins import Where
from jishi.pricing import Basket, Item, Quote, make_bill
from jishi.shop import Shop


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """A wish with its price.

    Attributes:
        quote: The price with its whole story.
        effects: What the offers that won use up when it is placed, by ``name@version``.
        options: The ways of delivery for these goods at this address.
        delivery: The chosen one; None when nothing delivers there or nothing was chosen yet.
        limits: For each limited SKU: code and how many one customer may buy in all.
    """

    quote: Quote
    effects: tuple[Asked, ...] = ()
    options: tuple[DeliveryOption, ...]
    delivery: DeliveryOption | None
    limits: tuple[tuple[str, int], ...]


async def price_wish(shop: Shop, caller: Caller, wish: Wish) -> Priced:
    """Price a wish for a caller.

    Raises:
        CartEmpty: There are no lines.
        NotSold: A SKU is not on sale in this channel.
        LineTooLarge: More pieces than one order may have.
    """
    if not wish.lines:
        raise CartEmpty("There is nothing in it.", next_step="Add a line first.")
    sold = await sellables(shop.database, [sku for sku, _ in wish.lines], caller.channel)
    where = Where(channel=caller.channel, store=caller.store)
    if wish.extras:
        check_extras(shop, where, wish.extras)
    items = tuple(_item(sku, quantity, sold) for sku, quantity in wish.lines)
    _check_sizes(shop, wish.lines, sold)
    basket = Basket(
        items=items,
        at=shop.clock.now(),
        currency=shop.config.shop.currency,
        channel=caller.channel,
        store=caller.store,
        member=caller.id if caller.kind == "member" else None,
        codes=wish.codes,
        extras=MappingProxyType(dict(wish.extras)),
        region=wish.address.region if wish.address else "",
        city=wish.address.city if wish.address else "",
    )
    options = await delivery_options(shop, _consignment(basket, wish))
    chosen = _choice(options, wish.delivery)
    if chosen is not None and chosen.fee:
        basket = msgspec.structs.replace(basket, delivery_fee=chosen.fee)
    limits = tuple(
        (sku, limit) for sku, _ in wish.lines if (limit := sold[sku].max_per_member) is not None
    )
    bill = await make_bill(shop, basket)
    return Priced(
        quote=bill.quote, effects=bill.effects, options=options, delivery=chosen, limits=limits
    )


async def draft_order(shop: Shop, caller: Caller, wish: Wish) -> tuple[OrderDraft, Priced]:
    """A priced draft that could be placed.

    Raises:
        DeliveryNotOffered: Nothing delivers these goods to this address.
        AddressMissing: The chosen delivery needs one.
    """
    priced = await price_wish(shop, caller, wish)
    if priced.delivery is None:
        offered = ", ".join(option.code for option in priced.options) or "nothing"
        raise DeliveryNotOffered(
            f"{wish.delivery or 'No way of delivery'!r} cannot be had for these goods at this "
            f"address; offered: {offered}.",
            field="delivery",
            next_step="Choose another way of delivery or another address.",
            offered=[option.code for option in priced.options],
        )
    if priced.delivery.needs_address == "yes" and wish.address is None:
        raise AddressMissing(
            f"{priced.delivery.title} needs an address.",
            field="address",
            next_step="Send an address with the order or put it on the cart.",
        )
    now = shop.clock.now()
    draft = OrderDraft(
        id=new_id(),
        number=new_order_number(),
        owner=caller.owner,
        member=caller.id if caller.kind == "member" else None,
        channel=caller.channel,
        store=caller.store,
        quote=priced.quote,
        delivery=priced.delivery,
        address=wish.address if priced.delivery.needs_address == "yes" else None,
        contact=wish.contact,
        note=wish.note,
        placed_at=now,
        expires_at=now + timedelta(minutes=shop.config.checkout.hold_minutes),
        extras=wish.extras,
    )
    return draft, priced


def _item(sku: str, quantity: int, sold: Mapping[str, Sellable]) -> Item:
    found = sold.get(sku)
    if found is None or found.status != "on_sale":
        raise NotSold(
            f"The SKU {sku!r} is not for sale here.",
            next_step="Take it out of the cart.",
            sku=sku,
        )
    return Item(
        key=sku,
        sku=sku,
        product=found.product,
        title=found.title,
        quantity=quantity,
        unit_price=found.price,
        weight_g=found.weight_g,
        category=tuple(found.category),
        brand=found.brand,
        tax_rate=found.tax_rate,
    )


def _check_sizes(
    shop: Shop, lines: Sequence[tuple[str, int]], sold: Mapping[str, Sellable]
) -> None:
    for sku, quantity in lines:
        most = shop.config.checkout.line_quantity
        if (limit := sold[sku].max_per_order) is not None:
            most = min(most, limit)
        if quantity > most:
            raise LineTooLarge(
                f"One order takes at most {most} pieces of {sold[sku].title}, not {quantity}.",
                field="quantity",
                sku=sku,
                limit=most,
            )


def _consignment(basket: Basket, wish: Wish) -> Consignment:
    return Consignment(
        parcels=tuple(
            Parcel(sku=item.sku, quantity=item.quantity, weight_g=item.weight_g)
            for item in basket.items
        ),
        weight_g=sum(item.weight_g * item.quantity for item in basket.items),
        value=sum(item.unit_price * item.quantity for item in basket.items),
        currency=basket.currency,
        channel=basket.channel,
        store=basket.store,
        address=wish.address,
        at=basket.at,
    )


def _choice(options: Sequence[DeliveryOption], code: str) -> DeliveryOption | None:
    """The option with the code; without a code the cheapest, and of equals the first."""
    if code:
        return next((option for option in options if option.code == code), None)
    return min(options, key=lambda option: option.fee, default=None)
