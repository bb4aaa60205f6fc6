"""How orders are reached: shoppers see their own, staff see all."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from jishi.callers import must_own, require_shopper, require_staff
from jishi.events import note_look
from jishi.idempotency import REPLAYED, IdempotencyKey, key_of
from jishi.orders.complete_order import complete_order
from jishi.orders.list_orders import list_orders, orders_of
from jishi.orders.load_order import explanation_of, find_order, shipments_of, timeline_of
from jishi.orders.ship_order import ship_order
from jishi.orders.structs import (
    Order,
    OrderDetails,
    OrderFilter,
    OrderPage,
    Status,
    TimelineEntry,
)
from jishi.problems import Invalid
from jishi.shop import shop_of

AnyRequest = Request[Any, Any, Any]
PageSize = Annotated[int, QueryParameter(ge=1, le=100, description="Orders on a page.")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=64, description="`next` of the page before.")
]
_Words = Annotated[str, msgspec.Meta(max_length=64)]


class ShipLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pieces of one line that leave the house."""

    line: _Words
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Ship(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a shipment; without lines everything that is left goes."""

    carrier: _Words = ""
    tracking: _Words = ""
    lines: Annotated[tuple[ShipLine, ...], msgspec.Meta(max_length=100)] = ()


async def own_order(request: AnyRequest, order_id: str) -> Order:
    """The shopper's own order; somebody else's is not there.

    Raises:
        NotFound: There is none, or it belongs to somebody else.
    """
    caller = require_shopper(request)
    order = await find_order(shop_of(request).database, order_id)
    must_own(order.owner, caller)
    return order


@get("/store/orders", operation_id="orders_list_own", tags=["orders"])
async def list_own(request: AnyRequest, cursor: Cursor = None, limit: PageSize = 20) -> OrderPage:
    """The shopper's orders, the youngest first."""
    owner = require_shopper(request).owner
    return await orders_of(shop_of(request).database, owner, cursor, limit)


@get("/store/orders/{order_id:str}", operation_id="orders_get_own", tags=["orders"])
async def get_own(request: AnyRequest, order_id: FromPath[str]) -> Order:
    """One of the shopper's orders."""
    return await own_order(request, order_id)


@get("/store/orders/{order_id:str}/timeline", operation_id="orders_timeline", tags=["orders"])
async def timeline(request: AnyRequest, order_id: FromPath[str]) -> tuple[TimelineEntry, ...]:
    """What happened to the order so far; staff are not named."""
    order = await own_order(request, order_id)
    entries = await timeline_of(shop_of(request).database, order.id)
    return tuple(
        msgspec.structs.replace(one, actor="staff") if one.actor.startswith("staff:") else one
        for one in entries
    )


@post(
    "/store/orders/{order_id:str}/receive",
    status_code=200,
    operation_id="orders_receive",
    tags=["orders"],
)
async def receive(request: AnyRequest, order_id: FromPath[str]) -> Order:
    """Say that everything arrived."""
    order = await own_order(request, order_id)
    return await complete_order(shop_of(request), order.id, require_shopper(request).kind)


@get("/admin/orders", operation_id="orders_list", tags=["orders"])
async def list_all(
    request: AnyRequest,
    status: FromQuery[Status | None] = None,
    channel: FromQuery[str | None] = None,
    placed_from: FromQuery[datetime | None] = None,
    placed_to: FromQuery[datetime | None] = None,
    q: Annotated[str, QueryParameter(max_length=64)] = "",
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> OrderPage:
    """Orders of everybody, the youngest first."""
    caller = require_staff(request, "orders:read")
    for name, moment in (("placed_from", placed_from), ("placed_to", placed_to)):
        if moment is None:
            continue
        if moment.tzinfo is None or "T" not in request.query_params[name].upper():
            raise Invalid(
                f"{name} needs a day, a time and a zone.",
                field=name,
                next_step="Write …T08:00:00Z.",
            )
    wanted = OrderFilter(
        status=status, channel=channel, placed_from=placed_from, placed_to=placed_to, q=q
    )
    page = await list_orders(shop_of(request).database, wanted, cursor, limit)
    await note_look(shop_of(request), caller, "order", [one.id for one in page.items])
    return page


@get("/admin/orders/{order_id:str}", operation_id="orders_get", tags=["orders"])
async def get_details(request: AnyRequest, order_id: FromPath[str]) -> OrderDetails:
    """An order with how its price came about, its shipments and its timeline."""
    caller = require_staff(request, "orders:read")
    database = shop_of(request).database
    details = OrderDetails(
        order=await find_order(database, order_id),
        explanation=await explanation_of(database, order_id),
        shipments=await shipments_of(database, order_id),
        timeline=await timeline_of(database, order_id),
    )
    await note_look(shop_of(request), caller, "order", [details.order.id])
    return details


@post(
    "/admin/orders/{order_id:str}/ship",
    status_code=201,
    operation_id="orders_ship",
    tags=["orders"],
)
async def ship(
    request: AnyRequest,
    order_id: FromPath[str],
    data: JSONBody[Ship],
    idempotency_key: IdempotencyKey = None,
) -> Response[Order]:
    """Ship some or all goods of a paid order."""
    caller = require_staff(request, "orders:ship")
    shipped = await ship_order(
        shop_of(request),
        order_id,
        f"staff:{caller.id}",
        key_of(idempotency_key),
        carrier=data.carrier,
        tracking=data.tracking,
        lines=[(one.line, one.quantity) for one in data.lines],
    )
    if shipped.replayed == "yes":
        return Response(shipped.order, status_code=200, headers=REPLAYED)
    return Response(shipped.order, status_code=201)


@post(
    "/admin/orders/{order_id:str}/complete",
    status_code=200,
    operation_id="orders_complete",
    tags=["orders"],
)
async def complete(request: AnyRequest, order_id: FromPath[str]) -> Order:
    """Note that the customer has everything."""
    caller = require_staff(request, "orders:ship")
    return await complete_order(shop_of(request), order_id, f"staff:{caller.id}")


ROUTES = (list_own, get_own, timeline, receive, list_all, get_details, ship, complete)
