"""Change a cart: every acknowledged change is in it, whoever else changes it at the same time."""

from datetime import datetime

import msgspec
from piccolo.columns import Column

from jishi.catalogue import sellables
from jishi.checkout import sql
from jishi.checkout.carts import find_cart
from jishi.checkout.problems import CartChanged, CartClosed, CartFull, LineTooLarge, NotSold
from jishi.checkout.structs import Cart, Details, WantedLine
from jishi.checkout.tables import CartTable
from jishi.db import Transaction
from jishi.identifiers import new_id
from jishi.problems import NotFound
from jishi.shop import Shop


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
    limits = shop.config.checkout
    async with shop.database.transaction() as tx:
        await _touch(tx, owner, cart_id, version, shop.clock.now())
        rows = await tx.fetch(sql.ADD_LINE, new_id(), cart_id, wanted.sku, wanted.quantity)
        _within(int(str(rows[0][0])), limits.line_quantity, wanted.sku)
        count = (await tx.fetch(sql.COUNT_LINES, cart_id))[0][0]
        if int(str(count)) > limits.lines:
            raise CartFull(
                f"A cart has at most {limits.lines} lines.",
                next_step="Place this order first, or remove a line.",
            )
        return await find_cart(tx, owner, cart_id)


async def set_quantity(
    shop: Shop, owner: str, cart_id: str, line_id: str, quantity: int, version: int | None
) -> Cart:
    """Set how many pieces a line has.

    Raises:
        NotFound: The cart has no such line.
        LineTooLarge: More pieces than a line may have.
    """
    _within(quantity, shop.config.checkout.line_quantity, None)
    async with shop.database.transaction() as tx:
        await _touch(tx, owner, cart_id, version, shop.clock.now())
        if not await tx.execute(sql.SET_LINE, cart_id, line_id, quantity):
            raise NotFound("The cart has no such line.")
        return await find_cart(tx, owner, cart_id)


async def remove_line(
    shop: Shop, owner: str, cart_id: str, line_id: str, version: int | None
) -> Cart:
    """Take a line out of a cart; taking it out twice is no error.

    Raises:
        NotFound: There is no such cart.
    """
    async with shop.database.transaction() as tx:
        await _touch(tx, owner, cart_id, version, shop.clock.now())
        await tx.execute(sql.DROP_LINE, cart_id, line_id)
        return await find_cart(tx, owner, cart_id)


async def set_details(shop: Shop, owner: str, cart_id: str, details: Details) -> Cart:
    """Say where and how to deliver, and what else there is to say.

    Raises:
        NotFound: There is no such cart.
        CartChanged: The cart is newer than the sender saw.
    """
    values = _columns(details)
    async with shop.database.transaction() as tx:
        await _touch(tx, owner, cart_id, details.version, shop.clock.now())
        if values:
            await tx.run(CartTable.update(values).where(CartTable.id == cart_id))
        return await find_cart(tx, owner, cart_id)


def _columns(details: Details) -> dict[Column | str, str]:
    """Only what was sent."""
    sent: dict[Column | str, str] = {}
    if details.address is not msgspec.UNSET:
        sent["address"] = msgspec.json.encode(details.address).decode()
    if details.codes is not msgspec.UNSET:
        sent["codes"] = msgspec.json.encode(sorted(set(details.codes))).decode()
    if details.delivery is not msgspec.UNSET:
        sent["delivery"] = details.delivery
    if details.contact is not msgspec.UNSET:
        sent["contact"] = details.contact
    if details.note is not msgspec.UNSET:
        sent["note"] = details.note
    return sent


async def _touch(
    tx: Transaction, owner: str, cart_id: str, version: int | None, now: datetime
) -> None:
    """Take the cart's row first, so that changes of one cart follow each other."""
    if version is None:
        touched = await tx.fetch(sql.TOUCH, cart_id, owner, now)
    else:
        touched = await tx.fetch(sql.TOUCH_EXPECTED, cart_id, owner, now, version)
    if touched:
        return
    cart = await find_cart(tx, owner, cart_id)
    if cart.status != "open":
        raise CartClosed(
            f"The cart is {cart.status}.", next_step="Open another cart.", order=cart.order_id
        )
    raise CartChanged(
        f"The cart is at version {cart.version}, not {version}.",
        next_step="Read the cart again and repeat the change.",
        version=cart.version,
    )


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
