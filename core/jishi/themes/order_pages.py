"""A shopper's own orders: the list, one of them, and what can be done with it."""

from litestar import get, post
from litestar.params import FromPath

from jishi.callers import must_own
from jishi.catalogue import sellables
from jishi.orders import (
    Order,
    complete_order,
    explanation_of,
    find_order,
    orders_of,
    shipments_of,
    timeline_of,
)
from jishi.payments import cancel_order
from jishi.themes.visit import AnyRequest, Page, Visit

_LIST = 10


async def own_order(visit: Visit, order_id: str) -> Order:
    """The visitor's own order; somebody else's is not there.

    Raises:
        Unauthenticated: Nobody is known.
        NotFound: There is none, or it belongs to somebody else.
    """
    _ = visit.caller.owner
    order = await find_order(visit.shop.database, order_id)
    must_own(order.owner, visit.caller)
    return order


@get("/orders", include_in_schema=False)
async def orders(request: AnyRequest) -> Page:
    """The visitor's orders, the youngest first."""
    visit = Visit(request)
    if visit.caller.kind not in ("guest", "member"):
        return await visit.show("orders.html", page=None, images={})
    cursor = visit.query.get("cursor", "")[:64] or None
    page = await orders_of(visit.shop.database, visit.caller.owner, cursor, _LIST)
    return await visit.show("orders.html", page=page, images=await _images(visit, *page.items))


@get("/orders/{order_id:str}", include_in_schema=False)
async def order(request: AnyRequest, order_id: FromPath[str]) -> Page:
    """One order: where it stands, what is in it, what happened."""
    visit = Visit(request)
    found = await own_order(visit, order_id)
    database = visit.shop.database
    return await visit.show(
        "order.html",
        order=found,
        quote=await explanation_of(database, found.id),
        shipments=await shipments_of(database, found.id),
        timeline=await timeline_of(database, found.id),
        images=await _images(visit, found),
    )


@post("/orders/{order_id:str}/cancel", include_in_schema=False)
async def cancel(request: AnyRequest, order_id: FromPath[str]) -> Page:
    """Cancel an order that is not paid."""
    visit = Visit(request)
    found = await own_order(visit, order_id)
    await cancel_order(visit.shop, found.id, visit.caller.kind)
    return visit.go(f"/orders/{found.id}")


@post("/orders/{order_id:str}/receive", include_in_schema=False)
async def receive(request: AnyRequest, order_id: FromPath[str]) -> Page:
    """Say that everything arrived."""
    visit = Visit(request)
    found = await own_order(visit, order_id)
    await complete_order(visit.shop, found.id, visit.caller.kind)
    return visit.go(f"/orders/{found.id}")


async def _images(visit: Visit, *found: Order) -> dict[str, tuple[str, str]]:
    """Picture and product page of every SKU that is still known."""
    codes = sorted({line.sku for one in found for line in one.lines})
    known = await sellables(visit.shop.database, codes, visit.caller.channel)
    return {sku: (one.image, one.handle) for sku, one in known.items()}


ROUTES = (orders, order, cancel, receive)
