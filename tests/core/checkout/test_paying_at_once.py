"""One request places an order and begins its payment: both are written down, or neither."""

import asyncio
from datetime import timedelta

import pytest

from jishi.checkout import place_and_pay
from jishi.orders import expire_order
from jishi.payments import Pay, attempts_of, cancel_order
from jishi.payments.query_payment import close_attempt

SCAN = {"gateway": "paper", "method": "scan"}


async def attempts(shop, order):
    return [(one.status, one.amount) for one in await attempts_of(shop.database, order["id"])]


async def test_an_order_is_placed_and_its_payment_begun(shop, seller, shopper, paper):
    await seller.product("tea", price=990, stock=3)
    answer = await shopper.place({"tea": 2}, payment=SCAN)
    assert answer.status_code == 201, answer.text
    order = answer.json()
    assert (order["status"], order["payment"]["status"]) == ("placed", "waiting")
    assert order["payment"]["amount"] == order["total"]
    assert order["payment"]["parameters"]["code_url"].startswith("paper://pay/")
    assert await attempts(shop, order) == [("waiting", order["total"])]
    shown = await shopper.send("GET", f"/store/orders/{order['id']}/timeline")
    assert [each["step"] for each in shown.json()] == ["place", "payment_started"]


async def test_the_payment_pays_the_order(shop, seller, shopper, paper):
    await seller.product("tea", price=990, stock=3)
    order = (await shopper.place({"tea": 1}, payment=SCAN)).json()
    (attempt,) = await attempts_of(shop.database, order["id"])
    notice = paper.pay(attempt.number)
    heard = await shopper.send(
        "POST", "/notify/paper", content=notice.body, headers=dict(notice.headers)
    )
    assert heard.status_code == 200, heard.text
    shown = await shopper.send("GET", f"/store/orders/{order['id']}")
    assert shown.json()["status"] == "paid"


async def test_repeats_give_the_same_order_and_the_same_payment(shop, seller, shopper, paper):
    await seller.product("tea", price=990, stock=30)
    answers = await asyncio.gather(
        *(shopper.place({"tea": 1}, "k1", payment=SCAN) for _ in range(8))
    )
    assert sorted(one.status_code for one in answers) == [200] * 7 + [201]
    assert len({one.json()["id"] for one in answers}) == 1
    assert len({one.json()["payment"]["id"] for one in answers}) == 1
    assert await attempts(shop, answers[0].json()) == [("waiting", answers[0].json()["total"])]
    assert len(paper.requests) == 1


async def test_the_gateway_is_asked_after_the_commit_and_its_no_leaves_the_order(
    shop, seller, shopper, paper
):
    await seller.product("tea", price=990, stock=3)
    for mood, status in (("refuses", "refused"), ("silent", "unknown")):
        paper.mood["create"] = mood
        answer = await shopper.place({"tea": 1}, payment=SCAN)
        assert answer.status_code == 201, answer.text
        assert answer.json()["payment"]["status"] == status
        assert [each[0] for each in await attempts(shop, answer.json())] == [status]
    paper.mood.clear()
    again = await shopper.send("POST", f"/store/orders/{answer.json()['id']}/payments", json=SCAN)
    assert (again.status_code, again.json()["status"]) == (201, "waiting")


async def test_a_way_that_there_is_not_places_nothing(shop, seller, shopper, paper):
    await seller.product("tea", price=990, stock=3)
    for payment, status in (
        ({"gateway": "elsewhere", "method": "scan"}, 404),
        ({"gateway": "paper", "method": "shells"}, 404),
        ({"gateway": "paper", "method": "app"}, 422),
    ):
        answer = await shopper.place({"tea": 1}, payment=payment)
        assert answer.status_code == status, answer.text
    rows = await shop.database.fetch("SELECT count(*) FROM orders_orders")
    assert (rows[0][0], paper.calls) == (0, [])


async def test_without_a_payment_none_is_begun(shop, seller, shopper, paper):
    await seller.product("tea", price=990, stock=3)
    answer = await shopper.place({"tea": 1})
    assert (answer.status_code, "payment" in answer.json()) == (201, False)
    assert await attempts(shop, answer.json()) == []


async def test_an_order_out_of_stock_begins_no_payment(shop, seller, shopper, paper):
    await seller.product("tea", price=990, stock=1)
    answer = await shopper.place({"tea": 2}, payment=SCAN)
    assert (answer.status_code, paper.calls) == (409, [])
    rows = await shop.database.fetch("SELECT count(*) FROM payments_attempts")
    assert rows[0][0] == 0


@pytest.mark.parametrize("ended", ["cancelled", "expired"])
async def test_a_payment_that_opens_too_late_is_closed_at_its_gateway(mall, paper, runner, ended):
    """The order ends while the gateway thinks about it; nobody can pay it afterwards."""
    shop, shopper, tea = mall.shop, mall.guest(), await mall.sells("TEA")
    thinking, go_on = asyncio.Event(), asyncio.Event()
    create = paper.create

    async def slowly(request):
        started = await create(request)
        thinking.set()
        await go_on.wait()
        return started

    paper.create = slowly
    wanted = mall.now((tea, 1), payment=Pay(gateway="paper", method="scan"))
    placing = asyncio.create_task(place_and_pay(shop, mall.counter, shopper, wanted, "k1"))
    await thinking.wait()
    (order,) = await shop.database.fetch_as(str, "SELECT id FROM orders_orders")
    if ended == "cancelled":
        await cancel_order(shop, order, "guest")
    else:
        shop.clock.advance(timedelta(minutes=16))
        await expire_order(shop, order)
    (attempt,) = await attempts_of(shop.database, order)
    await close_attempt(shop, attempt)
    go_on.set()
    await placing
    await runner.drain()
    (attempt,) = await attempts_of(shop.database, order)
    assert (list(paper.statuses.values()), attempt.status) == (["closed"], "closed")
