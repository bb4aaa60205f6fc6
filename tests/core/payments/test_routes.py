"""Payments over HTTP: shoppers their own, staff by scope, gateways by proof."""

import asyncio

import httpx
import pytest
from litestar import Litestar, Response

from jishi.callers import Caller
from jishi.orders import find_order
from jishi.orders.routes import ROUTES as ORDER_ROUTES
from jishi.payments.list_payments import list_alerts
from jishi.payments.routes import ROUTES
from jishi.problems import Problem
from jishi.shop import Shop
from jishi.testing.gateway import PaperGateway
from jishi.testing.orders import place

SHOPPER = {"x-kind": "guest", "x-id": "guest-1"}
STRANGER = {"x-kind": "guest", "x-id": "guest-2"}
STAFF = {"x-kind": "staff", "x-id": "7"}


class Visitor:
    """Says who is asking, as the shop's front does."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        kind = headers.get("x-kind", "anonymous")
        scopes = frozenset({headers.get("x-scope", "*")}) if kind == "staff" else frozenset()
        scope["jishi.caller"] = Caller(kind=kind, id=headers.get("x-id"), scopes=scopes)
        await self.app(scope, receive, send)


def answer(request, problem: Problem):
    return Response(problem.document(), status_code=problem.status)


@pytest.fixture
async def client(shop: Shop):
    app = Litestar(
        route_handlers=[*ORDER_ROUTES, *ROUTES],
        middleware=[Visitor],
        exception_handlers={Problem: answer},
    )
    app.state.shop = shop
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


async def start(client, order):
    body = {"gateway": "paper", "method": "scan"}
    found = await client.post(f"/store/orders/{order.id}/payments", json=body, headers=SHOPPER)
    assert found.status_code == 201, found.text
    return found.json()


async def test_a_notice_pays_the_order(shop: Shop, gateway: PaperGateway, client):
    order = await place(shop, [("tea", 2, 600)])
    started = await start(client, order)
    assert "code_url" in started["parameters"]
    (number,) = gateway.requests
    sheet = gateway.pay(number)
    answers = await asyncio.gather(
        *(
            client.post("/notify/paper", content=sheet.body, headers=sheet.headers)
            for _ in range(20)
        )
    )
    assert {one.status_code for one in answers} == {200}
    found = await client.get(f"/store/orders/{order.id}", headers=SHOPPER)
    assert (found.json()["status"], found.json()["paid"]) == ("paid", 600)


async def test_forged_notices_change_nothing(shop: Shop, gateway: PaperGateway, client):
    order = await place(shop, [("tea", 2, 600)])
    await start(client, order)
    (number,) = gateway.requests
    sheet = gateway.pay(number)
    forged = [
        (sheet.headers | {"paper-signature": "x"}, sheet.body, 401),
        ({}, sheet.body, 401),
        (sheet.headers, sheet.body.replace(b"600", b"601"), 401),
        (sheet.headers, b"", 401),
        (sheet.headers, b" " * 65_537, 413),
    ]
    for headers, body, status in forged:
        found = await client.post("/notify/paper", content=body, headers=headers)
        assert found.status_code == status
    assert (await client.post("/notify/other", content=sheet.body)).status_code == 404
    assert await find_order(shop.database, order.id) == order


async def test_a_true_notice_that_does_not_fit_is_refused_with_an_alert(
    shop: Shop, gateway: PaperGateway, client
):
    order = await place(shop, [("tea", 2, 600)])
    await start(client, order)
    (number,) = gateway.requests
    gateway.pay(number)
    gateway.merchant = "M-2"
    sheet = gateway.notice(gateway.report(number))
    found = await client.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    assert found.status_code == 422
    assert await find_order(shop.database, order.id) == order
    assert len((await list_alerts(shop.database)).items) == 1


async def test_without_a_database_the_gateway_is_told_to_come_again(
    shop: Shop, gateway: PaperGateway, client
):
    order = await place(shop, [("tea", 2, 600)])
    await start(client, order)
    (number,) = gateway.requests
    sheet = gateway.pay(number)
    await shop.database.stop()
    found = await client.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    assert found.status_code >= 500
    await shop.database.start()
    found = await client.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    assert found.status_code == 200
    assert (await find_order(shop.database, order.id)).status == "paid"


async def test_somebody_elses_order_is_not_there(shop: Shop, gateway: PaperGateway, client):
    order = await place(shop, [("tea", 1, 100)])
    attempt = await start(client, order)
    base = f"/store/orders/{order.id}"
    body = {"gateway": "paper", "method": "scan"}
    found = [
        await client.get(base, headers=STRANGER),
        await client.get(f"{base}/timeline", headers=STRANGER),
        await client.get(f"{base}/payments", headers=STRANGER),
        await client.post(f"{base}/payments", json=body, headers=STRANGER),
        await client.post(f"{base}/payments/{attempt['id']}/check", headers=STRANGER),
        await client.post(f"{base}/cancel", json={}, headers=STRANGER),
        await client.post(f"{base}/receive", headers=STRANGER),
    ]
    assert [one.status_code for one in found] == [404] * 7
    assert (await client.get(base)).status_code == 401
    assert (await client.get("/store/orders", headers=STRANGER)).json()["items"] == []


async def test_an_amount_in_the_body_is_refused(shop: Shop, client):
    order = await place(shop, [("tea", 1, 100)])
    body = {"gateway": "paper", "method": "scan", "amount": 1}
    found = await client.post(f"/store/orders/{order.id}/payments", json=body, headers=SHOPPER)
    assert found.status_code == 400


async def test_staff_ship_and_refund_with_a_key(shop: Shop, gateway: PaperGateway, client):
    order = await place(shop, [("tea", 2, 600)])
    await start(client, order)
    (number,) = gateway.requests
    sheet = gateway.pay(number)
    await client.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    base = f"/admin/orders/{order.id}"
    assert (await client.post(f"{base}/ship", json={}, headers=STAFF)).status_code == 422
    keyed = STAFF | {"idempotency-key": "a"}
    body = {"carrier": "SF", "tracking": "1"}
    assert (await client.post(f"{base}/ship", json=body, headers=keyed)).status_code == 201
    again = await client.post(f"{base}/ship", json=body, headers=keyed)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")
    refund = {"lines": [{"line": order.lines[0].id, "quantity": 1}], "reason": "sorry"}
    refused = await client.post(
        f"{base}/refund", json=refund, headers=keyed | {"x-scope": "orders:read"}
    )
    assert refused.status_code == 403
    done = await client.post(f"{base}/refund", json=refund, headers=keyed)
    assert (done.status_code, done.json()["order"]["refunded"]) == (201, 300)
    again = await client.post(f"{base}/refund", json=refund, headers=keyed)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")
    other = await client.post(f"{base}/refund", json=refund | {"restock": "yes"}, headers=keyed)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    details = (await client.get(base, headers=STAFF)).json()
    assert [one["step"] for one in details["timeline"]][-2:] == ["ship", "refund"]
    assert details["explanation"]["total"] == 600
    assert len(details["shipments"]) == 1


async def test_orders_are_found_by_what_staff_know(shop: Shop, client):
    orders = [await place(shop, [(f"tea-{n}", 1, 100)]) for n in range(5)]
    first = (await client.get("/admin/orders?limit=3", headers=STAFF)).json()
    rest = (
        await client.get(f"/admin/orders?limit=3&cursor={first['next']}", headers=STAFF)
    ).json()
    found = [one["id"] for one in first["items"] + rest["items"]]
    assert found == [order.id for order in reversed(orders)]
    assert rest["next"] is None
    for query, count in (
        (f"q={orders[2].number}", 1),
        ("q=tea-3", 1),
        ("q=nothing", 0),
        ("status=placed", 5),
        ("status=paid", 0),
        ("channel=web", 5),
        ("placed_to=2020-01-01T00:00:00Z", 0),
        ("placed_from=2020-01-01T00:00:00Z", 5),
    ):
        page = (await client.get(f"/admin/orders?{query}", headers=STAFF)).json()
        assert len(page["items"]) == count, query
