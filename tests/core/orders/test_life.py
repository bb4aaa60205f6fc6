"""An order's life: each step once, in the right state, whole or not at all."""

import asyncio
from datetime import timedelta

import pytest

from jishi.events import Handlers, Runner
from jishi.idempotency import KeyReused
from jishi.ledger import balances, check, stock_account
from jishi.orders import (
    NotThatMany,
    OrderNotReady,
    cancel_order,
    complete_order,
    expire_order,
    explanation_of,
    load_order,
    pay_order,
    placed_before,
    ship_order,
    shipments_of,
    timeline_of,
)
from jishi.orders.jobs import register
from jishi.shop import Shop
from jishi.testing.orders import draft_of, fill_stock, place, place_draft


async def stock(shop: Shop, sku: str) -> tuple[int, int]:
    account = stock_account(sku)
    found = (await balances(shop.database, [account]))[account]
    return found.balance, found.held


async def events(shop: Shop) -> list[str]:
    rows = await shop.database.fetch("SELECT name FROM events_outbox ORDER BY id")
    return [str(row[0]) for row in rows]


async def test_a_placed_order_is_read_back_as_it_was_placed(shop: Shop):
    draft = draft_of(shop, [("tea", 2, 600), ("cup", 1, 101)], delivery=50)
    await fill_stock(shop, "tea", 5)
    await fill_stock(shop, "cup", 5)
    order = await place_draft(shop, draft)
    assert await load_order(shop.database, order.id) == order
    assert await explanation_of(shop.database, order.id) == draft.quote
    assert order.total == 751
    assert await stock(shop, "tea") == (5, 2)


async def test_the_placing_key_finds_the_first_order(shop: Shop):
    order = await place(shop, [("tea", 1, 100)])
    keys = [("guest-1", order.id), ("guest-1", "other"), ("guest-2", order.id)]
    assert await placed_before(shop.database, keys) == {keys[0]: (order.id, "")}


async def test_paying_takes_the_goods_out_of_the_stock(shop: Shop):
    order = await place(shop, [("tea", 2, 600)])
    paid = await pay_order(shop, order.id, 600, "gateway:paper")
    assert (paid.status, paid.paid, paid.paid_at) == ("paid", 600, shop.clock.now())
    assert await stock(shop, "tea") == (0, 0)
    assert (await balances(shop.database, ["unpaid:guest-1"]))["unpaid:guest-1"].held == 0
    assert await events(shop) == ["order.placed", "order.paid"]
    assert await load_order(shop.database, order.id) == paid


async def test_paying_twice_is_refused_and_changes_nothing(shop: Shop):
    order = await place(shop, [("tea", 2, 600)])
    paid = await pay_order(shop, order.id, 600, "gateway:paper")
    with pytest.raises(OrderNotReady):
        await pay_order(shop, order.id, 600, "gateway:paper")
    assert await load_order(shop.database, order.id) == paid


async def test_a_part_payment_leaves_the_order_open(shop: Shop):
    order = await place(shop, [("tea", 2, 600)])
    part = await pay_order(shop, order.id, 200, "gateway:paper")
    assert (part.status, part.open_amount) == ("placed", 400)
    assert await stock(shop, "tea") == (2, 2)
    whole = await pay_order(shop, order.id, 400, "gateway:paper")
    assert whole.status == "paid"
    assert (await events(shop)).count("order.paid") == 1


async def test_cancelling_gives_the_goods_back_once(shop: Shop):
    order = await place(shop, [("tea", 2, 600)])
    first = await cancel_order(shop, order.id, "guest", "changed my mind")
    again = await cancel_order(shop, order.id, "guest")
    assert first == again
    assert first.status == "cancelled"
    assert await stock(shop, "tea") == (2, 0)
    assert (await events(shop)).count("order.cancelled") == 1


async def test_an_order_expires_only_after_its_time(shop: Shop):
    order = await place(shop, [("tea", 1, 100)])
    assert (await expire_order(shop, order.id)).status == "placed"
    shop.clock.advance(timedelta(minutes=15))
    assert (await expire_order(shop, order.id)).status == "expired"
    assert await stock(shop, "tea") == (1, 0)


async def test_late_money_revives_an_order_while_its_goods_are_there(shop: Shop):
    order = await place(shop, [("tea", 1, 100)])
    shop.clock.advance(timedelta(minutes=16))
    await expire_order(shop, order.id)
    paid = await pay_order(shop, order.id, 100, "gateway:paper")
    assert paid.status == "paid"
    assert await stock(shop, "tea") == (0, 0)
    last = (await timeline_of(shop.database, order.id))[-1]
    assert "expired" in last.detail
    assert await check(shop.database) == []


async def test_goods_leave_in_parts_and_never_more_than_was_bought(shop: Shop):
    order = await place(shop, [("tea", 3, 900)])
    line = order.lines[0].id
    with pytest.raises(OrderNotReady):
        await ship_order(shop, order.id, "staff:1", "k0")
    await pay_order(shop, order.id, 900, "gateway:paper")
    first = await ship_order(
        shop, order.id, "staff:1", "k1", carrier="SF", tracking="1", lines=[(line, 2)]
    )
    assert (first.order.status, first.order.lines[0].shipped) == ("fulfilling", 2)
    with pytest.raises(NotThatMany):
        await ship_order(shop, order.id, "staff:1", "k2", lines=[(line, 2)])
    with pytest.raises(OrderNotReady):
        await complete_order(shop, order.id, "member")
    await ship_order(shop, order.id, "staff:1", "k2", tracking="2")
    shipments = await shipments_of(shop.database, order.id)
    assert [one.lines for one in shipments] == [(("tea", 2),), (("tea", 1),)]
    assert (await complete_order(shop, order.id, "member")).status == "completed"


async def test_a_shipment_happens_once_per_key(shop: Shop):
    order = await place(shop, [("tea", 3, 900)])
    await pay_order(shop, order.id, 900, "gateway:paper")
    wanted = [(order.lines[0].id, 1)]
    done = await asyncio.gather(
        *(ship_order(shop, order.id, "staff:1", "k1", lines=wanted) for _ in range(10))
    )
    assert sorted(one.replayed for one in done) == ["no", *["yes"] * 9]
    assert {one.order.lines[0].shipped for one in done} == {1}
    with pytest.raises(KeyReused):
        await ship_order(shop, order.id, "staff:1", "k1", lines=[(order.lines[0].id, 2)])


async def test_shipped_orders_complete_by_themselves(shop: Shop):
    order = await place(shop, [("tea", 1, 100)])
    await pay_order(shop, order.id, 100, "gateway:paper")
    await ship_order(shop, order.id, "staff:1", "k1")
    handlers = Handlers()
    register(handlers)
    runner = Runner(shop, handlers)
    shop.clock.advance(timedelta(days=9))
    await runner.drain()
    assert (await load_order(shop.database, order.id)).status == "fulfilling"
    shop.clock.advance(timedelta(days=2))
    await runner.drain()
    done = await load_order(shop.database, order.id)
    assert (done.status, done.completed_at) == ("completed", shop.clock.now())


async def test_an_order_that_costs_nothing_is_paid_by_itself(shop: Shop):
    order = await place(shop, [("gift", 1, 0)])
    handlers = Handlers()
    register(handlers)
    await Runner(shop, handlers).drain()
    assert (await load_order(shop.database, order.id)).status == "paid"
    assert await stock(shop, "gift") == (0, 0)


async def test_the_timeline_says_who_did_what(shop: Shop):
    order = await place(shop, [("tea", 1, 100)])
    await pay_order(shop, order.id, 100, "gateway:paper")
    await ship_order(shop, order.id, "staff:7", "k", carrier="SF", tracking="42")
    entries = await timeline_of(shop.database, order.id)
    assert [(one.step, one.actor, one.detail) for one in entries] == [
        ("place", "guest", ""),
        ("pay", "gateway:paper", ""),
        ("ship", "staff:7", "SF 42"),
    ]


async def test_one_of_cancel_and_pay_wins(shop: Shop):
    for _ in range(5):
        order = await place(shop, [("tea", 1, 100)])
        await asyncio.gather(
            pay_order(shop, order.id, 100, "gateway:paper"),
            cancel_order(shop, order.id, "guest"),
            return_exceptions=True,
        )
        # Money that comes after the cancellation brings the order back to life.
        assert (await load_order(shop.database, order.id)).status == "paid"
    assert await check(shop.database) == []
