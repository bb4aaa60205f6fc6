"""Change a cart: every acknowledged change is in it, whoever else changes it at the same time."""

from collections.abc import Callable

import msgspec

from jishi.catalogue import sellables
from jishi.checkout.problems import CartFull, LineTooLarge, NotSold
from jishi.checkout.structs import Cart, CartLine, Details, WantedLine
from jishi.checkout.write_carts import Wanted, change
from jishi.identifiers import new_id
from jishi.problems import NotFound
from jishi.shop import Shop

_replace = msgspec.structs.replace


async def add_line(
    shop: Shop, owner: str, channel: str, cart_id: str, wanted: WantedLine, version: int | None
) -> Cart:
    """Put pieces of a SKU into a cart; a SKU that is in it already grows.

    Raises:
        NotSold: The SKU does not exist or is not on sale in this channel.
        LineTooLarge: More pieces than a line may have.
        CartFull: More lines than a cart may have.
    """
    await _must_be_sold(shop, wanted.sku, channel)
    most = shop.config.checkout

    def put_in(cart: Cart) -> Cart:
        known = next((line for line in cart.lines if line.sku == wanted.sku), None)
        quantity = wanted.quantity + (known.quantity if known else 0)
        _within(quantity, most.line_quantity, wanted.sku)
        if known:
            return _lines(cart, lambda line: quantity if line is known else line.quantity)
        if len(cart.lines) >= most.lines:
            raise CartFull(
                f"A cart has at most {most.lines} lines.",
                next_step="Place this order first, or remove a line.",
            )
        return _replace(cart, lines=(*cart.lines, CartLine(new_id(), wanted.sku, quantity)))

    return await change(shop, Wanted(cart_id, owner, version, put_in))


async def set_quantity(
    shop: Shop, owner: str, cart_id: str, line_id: str, quantity: int, version: int | None
) -> Cart:
    """Set how many pieces a line has.

    Raises:
        NotFound: The cart has no such line.
        LineTooLarge: More pieces than a line may have.
    """
    _within(quantity, shop.config.checkout.line_quantity, None)

    def resize(cart: Cart) -> Cart:
        if all(line.id != line_id for line in cart.lines):
            raise NotFound("The cart has no such line.")
        return _lines(cart, lambda line: quantity if line.id == line_id else line.quantity)

    return await change(shop, Wanted(cart_id, owner, version, resize))


async def remove_line(
    shop: Shop, owner: str, cart_id: str, line_id: str, version: int | None
) -> Cart:
    """Take a line out of a cart; taking it out twice is no error.

    Raises:
        NotFound: There is no such cart.
    """

    def take_out(cart: Cart) -> Cart:
        return _replace(cart, lines=tuple(line for line in cart.lines if line.id != line_id))

    return await change(shop, Wanted(cart_id, owner, version, take_out))


async def set_details(shop: Shop, owner: str, cart_id: str, details: Details) -> Cart:
    """Say where and how to deliver, and what else there is to say.

    Raises:
        NotFound: There is no such cart.
        CartChanged: The cart is newer than the sender saw.
    """
    said = {
        name: value
        for name in ("address", "delivery", "codes", "contact", "note", "extras")
        if (value := getattr(details, name)) is not msgspec.UNSET
    }
    if "codes" in said:
        said["codes"] = tuple(sorted(set(said["codes"])))
    wanted = Wanted(cart_id, owner, details.version, lambda cart: _replace(cart, **said))
    return await change(shop, wanted)


def _lines(cart: Cart, quantity: Callable[[CartLine], int]) -> Cart:
    """The cart with other quantities."""
    lines = tuple(CartLine(line.id, line.sku, quantity(line)) for line in cart.lines)
    return _replace(cart, lines=lines)


async def _must_be_sold(shop: Shop, sku: str, channel: str) -> None:
    found = (await sellables(shop.database, [sku], channel)).get(sku)
    if found is None or found.status != "on_sale":
        raise NotSold(f"The SKU {sku!r} is not for sale here.", field="sku", sku=sku)


def _within(quantity: int, limit: int, sku: str | None) -> None:
    if quantity > limit:
        raise LineTooLarge(
            f"A line has at most {limit} pieces, not {quantity}.",
            field="quantity",
            limit=limit,
            **({"sku": sku} if sku else {}),
        )
