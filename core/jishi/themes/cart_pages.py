"""The cart's page and its forms."""

from collections.abc import Mapping

import msgspec
from litestar import get, post
from litestar.params import FromPath

from jishi.callers import Caller
from jishi.catalogue import Sellable, sellables
from jishi.checkout import (
    Cart,
    CartLine,
    Priced,
    WantedLine,
    add_line,
    current_cart,
    open_cart,
    price_wish,
    remove_line,
    set_quantity,
    wish_of_cart,
)
from jishi.ledger import balances, stock_account
from jishi.problems import Problem
from jishi.shop import Shop
from jishi.themes.forms import read_as, read_form, whole_number
from jishi.themes.visit import AnyRequest, Page, Visit


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the cart as the page shows it.

    Attributes:
        line: The line.
        sold: What is known of its SKU; None when it is gone.
        available: Pieces to be had now.
        total: After all discounts, in fen; None when the cart has no price.
    """

    line: CartLine
    sold: Sellable | None
    available: int
    total: int | None


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A cart with its price, or with the reason why it has none."""

    rows: tuple[Row, ...]
    priced: Priced | None
    problem: Problem | None


@get("/cart", include_in_schema=False)
async def cart(request: AnyRequest) -> Page:
    """What is in the cart and what it costs."""
    visit = Visit(request)
    found = None
    if visit.caller.kind in ("guest", "member"):
        found = await current_cart(visit.shop, visit.caller)
    filled = await _filled(visit.shop, visit.caller, found) if found and found.lines else None
    return await visit.show("cart.html", cart=found, filled=filled)


@post("/cart/lines", include_in_schema=False)
async def add(request: AnyRequest) -> Page:
    """Put something into the cart."""
    visit = Visit(request)
    form = await read_form(request)
    wanted = read_as(WantedLine, {name: form.get(name, "") for name in ("sku", "quantity")})
    caller = visit.shopper()
    found = await current_cart(visit.shop, caller) or await open_cart(visit.shop, caller)
    await add_line(visit.shop, caller.owner, caller.channel, found.id, wanted, None)
    return visit.go("/cart")


@post("/cart/lines/{line_id:str}", include_in_schema=False)
async def change(request: AnyRequest, line_id: FromPath[str]) -> Page:
    """Set a line's pieces; with ``step`` some more or fewer; none takes it out."""
    visit = Visit(request)
    form = await read_form(request)
    caller = visit.shopper()
    found = await current_cart(visit.shop, caller)
    if found is None:
        return visit.go("/cart")
    quantity = whole_number(form, "quantity") + whole_number(form, "step")
    if quantity <= 0 or form.get("do") == "remove":
        await remove_line(visit.shop, caller.owner, found.id, line_id, None)
    else:
        await set_quantity(visit.shop, caller.owner, found.id, line_id, quantity, None)
    return visit.go("/cart")


async def _filled(shop: Shop, caller: Caller, found: Cart) -> Filled:
    codes = [line.sku for line in found.lines]
    sold = await sellables(shop.database, codes, caller.channel)
    priced, problem = None, None
    try:
        priced = await price_wish(shop, caller, wish_of_cart(found))
    except Problem as error:
        problem = error
    return Filled(rows=await _rows(shop, found, sold, priced), priced=priced, problem=problem)


async def _rows(
    shop: Shop, found: Cart, sold: Mapping[str, Sellable], priced: Priced | None
) -> tuple[Row, ...]:
    accounts = {line.sku: stock_account(line.sku) for line in found.lines}
    stock = await balances(shop.database, list(accounts.values()))
    totals = {line.sku: line.total for line in priced.quote.lines} if priced else {}
    return tuple(
        Row(
            line=line,
            sold=_on_sale(sold.get(line.sku)),
            available=max(0, stock[accounts[line.sku]].available),
            total=totals.get(line.sku),
        )
        for line in found.lines
    )


def _on_sale(found: Sellable | None) -> Sellable | None:
    return found if found and found.status == "on_sale" else None


ROUTES = (cart, add, change)
