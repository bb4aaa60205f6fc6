"""The page where an order is paid: choose a way, scan or go there, see that it is done."""

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from jishi.orders import Order
from jishi.payments import (
    Payments,
    Started,
    check_payment,
    find_attempt,
    payments_of,
    start_payment,
)
from jishi.problems import Problem
from jishi.themes.forms import read_form
from jishi.themes.order_pages import own_order
from jishi.themes.visit import AnyRequest, Page, Visit

_KNOWN = frozenset({"address", "member"})
"""What we know of a payer who sits at a browser; ``member`` stands for whose order it is."""


@get("/orders/{order_id:str}/pay", include_in_schema=False)
async def pay(request: AnyRequest, order_id: FromPath[str]) -> Page:
    """How the order can be paid, or the payment that is waiting."""
    visit = Visit(request)
    order = await own_order(visit, order_id)
    if order.status != "placed" or order.open_amount <= 0:
        return visit.go(f"/orders/{order.id}")
    return await _show(visit, order, None)


@post("/orders/{order_id:str}/pay", include_in_schema=False)
async def start(request: AnyRequest, order_id: FromPath[str]) -> Page:
    """Start a payment, or take up the one that is waiting."""
    visit = Visit(request)
    form = await read_form(request)
    order = await own_order(visit, order_id)
    payer = {"address": visit.caller.address} if visit.caller.address else {}
    gateway, _, method = form.get("way", "")[:130].partition(":")
    try:
        await start_payment(visit.shop, order.id, gateway, method, payer, visit.caller.kind)
    except Problem as problem:
        return await _show(visit, order, problem)
    return visit.go(f"/orders/{order.id}/pay")


@post("/orders/{order_id:str}/pay/check", include_in_schema=False)
async def check(request: AnyRequest, order_id: FromPath[str]) -> Page:
    """Ask the payment service now whether the money is there."""
    visit = Visit(request)
    order = await own_order(visit, order_id)
    waiting = _waiting(await payments_of(visit.shop, order))
    problem = None
    if waiting:
        try:
            await check_payment(visit.shop, await find_attempt(visit.shop.database, waiting.id))
        except Problem as error:
            problem = error
    order = await own_order(visit, order_id)
    if problem and order.status == "placed":
        return await _show(visit, order, problem)
    return visit.go(f"/orders/{order.id}/pay")


@get("/orders/{order_id:str}/status", include_in_schema=False)
async def status(request: AnyRequest, order_id: FromPath[str]) -> Response[dict[str, str]]:
    """Where the order stands, for the page that waits."""
    visit = Visit(request)
    order = await own_order(visit, order_id)
    return Response({"status": order.status}, headers={"Cache-Control": "no-store"})


async def _show(visit: Visit, order: Order, problem: Problem | None) -> Page:
    payments = _for_browsers(await payments_of(visit.shop, order))
    left = order.expires_at - visit.shop.clock.now()
    return await visit.show(
        "pay.html",
        problem.status if problem else 200,
        order=order,
        payments=payments,
        waiting=_waiting(payments),
        seconds=max(0, int(left.total_seconds())),
        late="no" if left.total_seconds() > 0 else "yes",
        problem=problem,
    )


def _for_browsers(payments: Payments) -> Payments:
    """Without the ways that need more than a browser can tell (an openid)."""
    ways = [
        msgspec.structs.replace(
            way, methods=tuple(one for one in way.methods if _KNOWN.issuperset(one.needs))
        )
        for way in payments.ways
    ]
    return msgspec.structs.replace(payments, ways=tuple(way for way in ways if way.methods))


def _waiting(payments: Payments) -> Started | None:
    """The youngest attempt that waits for its payer."""
    found = [one for one in payments.attempts if one.status == "waiting"]
    return found[-1] if found else None


ROUTES = (pay, start, check, status)
