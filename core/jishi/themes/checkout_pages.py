"""The checkout's page: where to, how, what it costs, and the order itself."""

from contextlib import suppress

import msgspec
from litestar import get, post

from jishi.checkout import Counter, Details, Priced, place_order, set_details
from jishi.fulfilment import REGIONS, Address
from jishi.membership import MemberAddress, add_address
from jishi.orders import placed_before
from jishi.problems import OutOfService, Problem
from jishi.themes.checkout_form import Till, open_till, price_till
from jishi.themes.forms import Form, read_form, whole_number
from jishi.themes.visit import AnyRequest, Page, Visit


@get("/checkout", include_in_schema=False)
async def checkout(request: AnyRequest) -> Page:
    """The checkout of the cart, or with ``?sku=`` of one thing that is bought at once."""
    visit = Visit(request)
    till = await open_till(visit, visit.query, "first")
    if till is None:
        return visit.go("/cart")
    priced, problem = await price_till(visit, till)
    return await _show(visit, till, priced, problem)


@post("/checkout", include_in_schema=False)
async def place(request: AnyRequest) -> Page:
    """Place the order, or with ``do=price`` only say what it costs with this address."""
    visit = Visit(request)
    form = await read_form(request)
    visit.shopper()
    asks = form.get("do") == "price"
    till = await open_till(visit, form, "first" if asks else "sent")
    if till is None:
        return await _placed_before(visit, form.get("key", ""))
    if till.wrong or asks:
        return await _again(visit, form, till, None)
    try:
        return await _place(visit, till, form)
    except OutOfService as problem:
        # It may have been placed all the same: with the same key it is placed at most once.
        return await _again(visit, form, till, problem)
    except Problem as problem:
        return await _again(visit, {**form, "key": ""}, till, problem)


async def _place(visit: Visit, till: Till, form: Form) -> Page:
    wanted = msgspec.structs.replace(
        till.request,
        expected_total=whole_number(form, "total"),
        cart_version=whole_number(form, "version") if till.cart else None,
    )
    counter: Counter = visit.request.app.state.counter
    order, _ = await place_order(visit.shop, counter, visit.caller, wanted, till.key)
    if form.get("keep") == "yes" and visit.caller.kind == "member" and till.address:
        await _keep_address(visit, till.address)
    return visit.go(f"/orders/{order.id}/pay")


async def _again(visit: Visit, form: Form, till: Till, problem: Problem | None) -> Page:
    """The form once more, with today's goods and price, and what is wrong."""
    await _remember(visit, till)
    opened = await open_till(visit, form, "sent" if till.wrong else "first")
    if opened is None:
        return visit.go("/cart")
    priced, unpriced = await price_till(visit, opened)
    return await _show(visit, opened, priced, problem or unpriced)


async def _show(visit: Visit, till: Till, priced: Priced | None, problem: Problem | None) -> Page:
    status = problem.status if problem else 422 if till.wrong else 200
    return await visit.show(
        "checkout.html", status, till=till, priced=priced, problem=problem, regions=REGIONS
    )


async def _remember(visit: Visit, till: Till) -> None:
    """Keep what the form says with the cart, so that it need not be typed again."""
    if till.cart is None or till.address is None:
        return
    with suppress(Problem):  # the cart became an order, or a text is too long: told elsewhere
        said = till.request
        details = Details(address=till.address, note=said.note or "", contact=said.contact or "")
        await set_details(visit.shop, visit.caller.owner, till.cart.id, details)


async def _placed_before(visit: Visit, key: str) -> Page:
    """Where a form goes that was sent twice: to the order that it placed."""
    owner = visit.caller.owner
    order, _ = (await placed_before(visit.shop.database, [(owner, key)])).get(
        (owner, key), ("", "")
    )
    return visit.go(f"/orders/{order}/pay" if order else "/cart")


async def _keep_address(visit: Visit, address: Address) -> None:
    """Keep the address for the next order; the order stands, whatever becomes of this."""
    with suppress(Problem):
        kept = msgspec.convert(msgspec.to_builtins(address), MemberAddress)
        await add_address(visit.shop, visit.caller.owner, kept)


ROUTES = (checkout, place)
