"""The doctor looks deep: what each part of the shop says of the same thing has to agree."""

import asyncio
from datetime import timedelta

import pytest

from jishi.builtin import BUILTIN
from jishi.clock import FakeClock, SystemClock
from jishi.events import Job, enqueue
from jishi.testing.shop import Paper


@pytest.fixture
def clock_is_real(shop):
    """The doctor takes the machine's time; so does the shop."""
    shop.clock.advance(SystemClock().now() - shop.clock.now())


@pytest.fixture
def same_gateway(paper, monkeypatch):
    """The doctor asks the very gateway that the shop's customers pay at."""

    class SamePaper(Paper):
        def __init__(self, settings=None):
            super().__init__(settings)
            self.gateway = paper

    monkeypatch.setitem(BUILTIN, "paper", SamePaper)


@pytest.fixture
def look(ready_build, clock_is_real, same_gateway):
    """Give what the doctor finds."""

    async def look(*more: str) -> dict[str, list[dict]]:
        told = await asyncio.to_thread(ready_build.told, "doctor", "--deep", *more)
        found: dict[str, list[dict]] = {"code": told["code"]}
        for each in told["findings"]:
            found.setdefault(each["subject"], []).append(each)
            assert each["state"] == "ok" or each["next_step"], each
        return found

    return look


@pytest.fixture
async def order(seller, shopper, clock_is_real):
    """Give an order whose payment was started."""
    await seller.product("tea", stock=10)
    order = (await shopper.place({"tea": 1})).json()
    way = {"gateway": "paper", "method": "scan"}
    started = await shopper.send("POST", f"/store/orders/{order['id']}/payments", json=way)
    assert started.status_code == 201, started.text
    return order


async def pay(paper, client, attempt: str) -> None:
    sheet = paper.pay(attempt)
    answer = await client.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    assert answer.status_code == 200, answer.text


def problems(found: list[dict]) -> list[str]:
    return [each["said"] for each in found if each["state"] == "problem"]


async def test_a_healthy_shop_is_well(look, order, paper, client):
    (attempt,) = paper.requests
    await pay(paper, client, attempt)
    found = await look()
    assert found["code"] == 0, found
    assert {"ledger", "orders", "payments", "gateways", "outbox", "jobs"} <= found.keys()
    assert found["gateways"][0]["said"].endswith("1 in all")


async def test_paid_here_but_not_there(look, order, paper, client):
    (attempt,) = paper.requests
    await pay(paper, client, attempt)
    paper.statuses[attempt] = "waiting"
    found = await look()
    assert found["code"] == 1
    (said,) = problems(found["gateways"])
    assert "paid here, waiting there" in said
    assert order["id"] in said


async def test_paid_there_but_not_here(look, order, paper, shop):
    (attempt,) = paper.requests
    paper.clock = FakeClock(shop.clock.now() - timedelta(minutes=10))
    paper.pay(attempt)
    found = await look()
    (said,) = problems(found["gateways"])
    assert "paid there, waiting here" in said


async def test_a_gateway_that_is_away_is_told_and_not_waited_for(look, order, paper):
    paper.mood["query"] = "deaf"
    found = await look()
    assert found["code"] == 0
    assert found["gateways"][0]["state"] == "advice"
    assert "not compared: 1" in found["gateways"][0]["said"]


async def test_a_paid_order_without_its_goods(look, order, paper, client, shop):
    (attempt,) = paper.requests
    await pay(paper, client, attempt)
    async with shop.database.transaction() as tx:
        await tx.execute("UPDATE ledger_holds SET amount = 2 WHERE account LIKE 'stock:%'")
    found = await look()
    assert any(order["id"] in said for said in problems(found["orders"]))


async def test_work_that_nobody_does_is_told_with_its_age(look, shop, clock_is_real):
    now = shop.clock.now()

    async def leave(tx):
        job = Job(kind="nobody", payload={}, key="1", run_at=now - timedelta(minutes=20))
        await enqueue(tx, shop, [job])

    await shop.database.atomically(leave)
    found = await look()
    assert found["code"] == 1
    (said,) = problems(found["jobs"])
    assert "minutes" in said


async def test_a_dead_letter_is_told_with_its_cause(look, shop, clock_is_real):
    async with shop.database.transaction() as tx:
        await enqueue(tx, shop, [Job(kind="nobody", payload={}, key="1")])
        await tx.execute(
            "UPDATE events_jobs SET state = 'dead', error = 'broken', tries = 9, ended_at = $1",
            shop.clock.now(),
        )
    found = await look()
    (said,) = problems(found["dead letters"])
    assert "broken" in said


async def test_an_order_that_outlived_its_time(look, order, shop):
    async with shop.database.transaction() as tx:
        await tx.execute(
            "UPDATE orders_orders SET expires_at = $1", shop.clock.now() - timedelta(hours=1)
        )
    found = await look()
    (said,) = problems(found["open orders"])
    assert order["id"] in said
