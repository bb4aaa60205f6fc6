"""Orders end although a gateway hangs: one job each, soon enough, and nobody is kept waiting."""

import asyncio
from datetime import timedelta

from jishi.events import Runner
from jishi.orders import find_order
from jishi.payments import attempts_of, cancel_order, end_order, expire_due, start_payment
from jishi.payments.gateways import gateways_of
from jishi.shop import Shop
from jishi.testing.gateway import PaperGateway
from jishi.testing.orders import place

TOGETHER = 3


async def start(shop: Shop, order, openid: str = ""):
    method, needs = ("app", {"openid": openid}) if openid else ("scan", {})
    return await start_payment(shop, order.id, "paper", method, needs, "guest")


async def start_several(shop: Shop, order) -> None:
    for number in range(TOGETHER):
        await start(shop, order, f"o{number}")
    live = [one for one in await attempts_of(shop.database, order.id) if one.status == "waiting"]
    assert len(live) == TOGETHER


async def expire_jobs(shop: Shop, *states: str) -> list[str]:
    rows = await shop.database.fetch(
        "SELECT payload FROM events_jobs WHERE kind = 'payments.expire_order' "
        "AND state = ANY($1) ORDER BY id",
        list(states),
    )
    return [str(row[0]) for row in rows]


def hang(gateway: PaperGateway) -> None:
    async def query(payment):
        await asyncio.Event().wait()

    gateway.query = query


def wait_for_company(gateway: PaperGateway) -> None:
    """Queries are answered once as many came as there are attempts."""
    everybody, query = asyncio.Barrier(TOGETHER), gateway.query

    async def queries_meet(payment):
        await everybody.wait()
        return await query(payment)

    gateway.query = queries_meet


async def test_an_order_waits_for_a_silent_gateway_with_one_job(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await place(shop, [("tea", 1, 100)])
    await start(shop, order)
    gateway.mood = {"query": "deaf", "close": "deaf"}
    shop.clock.advance(timedelta(minutes=15))
    waiting = []
    for _ in range(6):
        await runner.drain()
        waiting.append(len(await expire_jobs(shop, "waiting", "leased")))
        shop.clock.advance(timedelta(seconds=10))
    assert waiting == [1] * 6
    assert len(await expire_jobs(shop, "done")) == 2


async def test_orders_that_wait_keep_no_other_order_waiting(shop: Shop):
    orders = [await place(shop, [(f"tea{number}", 1, 100)]) for number in range(3)]
    shop.clock.advance(timedelta(minutes=15))
    for _ in orders:
        await expire_due(shop, limit=1)
    jobs = "".join(await expire_jobs(shop, "waiting"))
    assert [order.id in jobs for order in orders] == [True, True, True]


async def test_all_attempts_of_an_order_are_closed_at_once(shop: Shop, gateway: PaperGateway):
    order = await place(shop, [("tea", 1, 100)])
    await start_several(shop, order)
    wait_for_company(gateway)
    shop.clock.advance(timedelta(minutes=15))
    await end_order.expire_unpaid(shop, order.id)
    assert (await find_order(shop.database, order.id)).status == "expired"
    ended = await attempts_of(shop.database, order.id)
    assert {one.status for one in ended} == {"closed"}


async def test_a_gateway_that_hangs_is_unknown_when_the_patience_ends(
    shop: Shop, gateway: PaperGateway, monkeypatch
):
    monkeypatch.setattr(end_order, "_PATIENCE", 0.05)
    order = await place(shop, [("tea", 1, 100)])
    await start_several(shop, order)
    hang(gateway)
    shop.clock.advance(timedelta(minutes=15))
    async with asyncio.timeout(60):
        assert (await end_order.expire_unpaid(shop, order.id)).status == "placed"
        shop.clock.advance(timedelta(minutes=5))
        assert (await end_order.expire_unpaid(shop, order.id)).status == "expired"


async def test_a_shopper_who_cancels_waits_no_longer_for_a_gateway_that_hangs(
    shop: Shop, gateway: PaperGateway, monkeypatch
):
    monkeypatch.setattr(end_order, "_PATIENCE", 0.05)
    order = await place(shop, [("tea", 1, 100)])
    await start_several(shop, order)
    hang(gateway)
    async with asyncio.timeout(60):
        assert (await cancel_order(shop, order.id, "guest")).status == "cancelled"


async def test_an_order_expires_although_its_gateway_is_not_installed_any_more(
    shop: Shop, runner: Runner
):
    order = await place(shop, [("tea", 1, 100)])
    await start(shop, order)
    gateways_of(shop).clear()
    shop.clock.advance(timedelta(minutes=15))
    await runner.drain()
    shop.clock.advance(timedelta(minutes=5))
    await runner.drain()
    assert (await find_order(shop.database, order.id)).status == "expired"
