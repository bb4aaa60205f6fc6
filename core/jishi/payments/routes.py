"""How payments are reached: by shoppers for their own orders, by staff, by gateways."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from jishi.callers import must_own, require_shopper, require_staff
from jishi.idempotency import REPLAYED, IdempotencyKey, key_of
from jishi.orders import Order, find_order
from jishi.payments.attempts import find_attempt, payments_of, shown
from jishi.payments.end_order import cancel_order
from jishi.payments.gateways import find_gateway
from jishi.payments.list_payments import AlertPage, OrderPayments, list_alerts, order_payments
from jishi.payments.notices import hear
from jishi.payments.pay_back import retry_refund
from jishi.payments.pay_parts import pay_parts
from jishi.payments.query_payment import check_payment
from jishi.payments.refund_order import refund_order
from jishi.payments.requests import Cancel, Pay, RefundOrder
from jishi.payments.structs import Payments, Refund, Refunded, Started
from jishi.problems import NotFound
from jishi.shop import shop_of

AnyRequest = Request[Any, Any, Any]
PageSize = Annotated[int, QueryParameter(ge=1, le=100, description="Alerts on a page.")]


async def _own(request: AnyRequest, order_id: str) -> Order:
    caller = require_shopper(request)
    order = await find_order(shop_of(request).database, order_id)
    must_own(order.owner, caller)
    return order


@get("/store/orders/{order_id:str}/payments", operation_id="payments_of_order", tags=["payments"])
async def payments_of_order(request: AnyRequest, order_id: FromPath[str]) -> Payments:
    """How the order can be paid, what is open, and what was tried."""
    return await payments_of(shop_of(request), await _own(request, order_id))


@post(
    "/store/orders/{order_id:str}/payments",
    status_code=201,
    operation_id="payments_start",
    tags=["payments"],
)
async def start(request: AnyRequest, order_id: FromPath[str], data: JSONBody[Pay]) -> Started:
    """Start a payment of what is open, or give the one that is waiting once more.

    With `first`, a purse pays what it covers before, and this one is asked for the rest.
    """
    order = await _own(request, order_id)
    caller = require_shopper(request)
    payer = data.payer(caller.address)
    return await pay_parts(shop_of(request), order.id, data, payer, caller.kind)


@post(
    "/store/orders/{order_id:str}/payments/{attempt_id:str}/check",
    status_code=200,
    operation_id="payments_check",
    tags=["payments"],
)
async def check(
    request: AnyRequest, order_id: FromPath[str], attempt_id: FromPath[str]
) -> Started:
    """Ask the gateway now how a payment stands; every few seconds at most."""
    order = await _own(request, order_id)
    attempt = await find_attempt(shop_of(request).database, attempt_id)
    if attempt.order != order.id:
        raise NotFound("There is no such payment.")
    return shown(await check_payment(shop_of(request), attempt))


@post(
    "/store/orders/{order_id:str}/cancel",
    status_code=200,
    operation_id="orders_cancel_own",
    tags=["orders"],
)
async def cancel_own(
    request: AnyRequest, order_id: FromPath[str], data: JSONBody[Cancel | None] = None
) -> Order:
    """Cancel an order that is not paid; its goods go back on sale."""
    order = await _own(request, order_id)
    reason = data.reason if data else ""
    return await cancel_order(shop_of(request), order.id, require_shopper(request).kind, reason)


@post(
    "/admin/orders/{order_id:str}/cancel",
    status_code=200,
    operation_id="orders_cancel",
    tags=["orders"],
)
async def cancel(
    request: AnyRequest, order_id: FromPath[str], data: JSONBody[Cancel | None] = None
) -> Order:
    """Cancel an order that was not shipped; what was paid goes back."""
    caller = require_staff(request, "orders:cancel")
    reason = data.reason if data else ""
    return await cancel_order(shop_of(request), order_id, f"staff:{caller.id}", reason)


@get("/admin/orders/{order_id:str}/payments", operation_id="payments_list", tags=["payments"])
async def list_of_order(request: AnyRequest, order_id: FromPath[str]) -> OrderPayments:
    """Everything that was tried, captured and given back for an order."""
    require_staff(request, "payments:read")
    order = await find_order(shop_of(request).database, order_id)
    return await order_payments(shop_of(request).database, order.id)


@post(
    "/admin/orders/{order_id:str}/refund",
    status_code=201,
    operation_id="payments_refund",
    tags=["payments"],
)
async def refund(
    request: AnyRequest,
    order_id: FromPath[str],
    data: JSONBody[RefundOrder],
    idempotency_key: IdempotencyKey = None,
) -> Response[Refunded]:
    """Give money of an order back, with or without its goods."""
    caller = require_staff(request, "orders:refund")
    key = key_of(idempotency_key)
    done = await refund_order(
        shop_of(request),
        order_id,
        data.wish,
        restock=data.restock,
        reason=data.reason,
        key=f"admin:{key}",
        actor=f"staff:{caller.id}",
    )
    if done.replayed == "yes":
        return Response(done, status_code=200, headers=REPLAYED)
    return Response(done, status_code=201)


@post(
    "/admin/refunds/{refund_id:str}/retry",
    status_code=200,
    operation_id="payments_retry_refund",
    tags=["payments"],
)
async def retry(request: AnyRequest, refund_id: FromPath[str]) -> Refund:
    """Try a failed refund again."""
    require_staff(request, "orders:refund")
    return await retry_refund(shop_of(request), refund_id)


@get("/admin/payments/alerts", operation_id="payments_alerts", tags=["payments"])
async def alerts(
    request: AnyRequest,
    cursor: Annotated[str | None, QueryParameter(max_length=64)] = None,
    limit: PageSize = 50,
) -> AlertPage:
    """Money that does not fit, for a person to look at."""
    require_staff(request, "payments:read")
    return await list_alerts(shop_of(request).database, cursor, limit)


@post(
    "/notify/{gateway:str}",
    status_code=200,
    operation_id="payments_notify",
    tags=["payments"],
    include_in_schema=False,
)
async def notify(request: AnyRequest, gateway: FromPath[str]) -> Response[bytes]:
    """Hear a gateway's notice; only what is proved to be the gateway's changes anything."""
    shop = shop_of(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    answer = await hear(shop, find_gateway(shop, gateway), headers, await request.body())
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type)


ROUTES = (
    payments_of_order,
    start,
    check,
    cancel_own,
    cancel,
    list_of_order,
    refund,
    retry,
    alerts,
    notify,
)
