"""One order, several means: a part from a purse, the rest elsewhere, and back the way it came."""

import asyncio
from datetime import timedelta

import pytest

from jishi.events import Runner
from jishi.ledger import balances, stock_account
from jishi.orders import RefundWish, find_order
from jishi.payments import (
    Pay,
    attempts_of,
    begin_again,
    cancel_order,
    expire_unpaid,
    pay_parts,
    payments_of,
    refund_order,
    settle,
    start_payment,
)
from jishi.payments.list_payments import order_payments
from jishi.payments.problems import (
    NothingCovered,
    NothingToPay,
    PaymentRefused,
    PaymentUnknown,
)
from jishi.payments.requests import First
from jishi.problems import Invalid
from jishi.shop import Shop
from jishi.testing.gateway import PaperGateway
from jishi.testing.orders import draft_of, fill_stock, place_draft

ONCE = pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
"""For tests whose statements others have run on both databases."""

BOTH = Pay(gateway="paper", method="scan", first=First(gateway="purse", method="balance"))


async def order_of(shop: Shop, total: int = 100, member: str | None = "anna"):
    await fill_stock(shop, "tea", 1)
    lines = [("tea", 1, total)]
    return await place_draft(shop, draft_of(shop, lines, owner=member or "guest-1", member=member))


async def from_purse(shop: Shop, order, payer=None):
    return await start_payment(shop, order.id, "purse", "balance", payer or {}, "member")


async def from_bank(shop: Shop, order):
    return await start_payment(shop, order.id, "paper", "scan", {}, "member")


async def bank_pays(shop: Shop, gateway: PaperGateway, number: str) -> str:
    gateway.pay(number)
    return (await settle(shop, gateway.report(number), gateway="paper")).outcome


async def captured(shop: Shop, order) -> list[tuple[str, int, int]]:
    found = await attempts_of(shop.database, order.id)
    return [(one.gateway, one.captured, one.refunded) for one in found]


async def test_a_purse_pays_its_part_at_once_and_the_bank_the_rest(shop, gateway, purse):
    purse.money["anna"] = 60
    order = await order_of(shop)
    part = await from_purse(shop, order)
    assert (part.status, part.captured, purse.money["anna"]) == ("paid", 60, 0)
    assert (await find_order(shop.database, order.id)).open_amount == 40
    rest = await from_bank(shop, order)
    assert rest.amount == 40
    assert await bank_pays(shop, gateway, rest.number) == "paid"
    paid = await find_order(shop.database, order.id)
    assert (paid.status, paid.paid) == ("paid", 100)


async def test_one_wish_starts_both(shop, gateway, purse):
    purse.money["anna"] = 60
    order = await order_of(shop)
    started = await pay_parts(shop, order.id, BOTH, {"address": "203.0.113.9"}, "member")
    assert (started.gateway, started.amount, started.status) == ("paper", 40, "waiting")
    assert (started.first.gateway, started.first.amount, started.first.status) == (
        "purse",
        60,
        "paid",
    )
    again = await pay_parts(shop, order.id, BOTH, {"address": "203.0.113.9"}, "member")
    assert (again.id, purse.money["anna"]) == (started.id, 0)


@ONCE
async def test_a_purse_that_covers_everything_leaves_nothing_to_ask_for(shop, gateway, purse):
    purse.money["anna"] = 500
    order = await order_of(shop)
    started = await pay_parts(shop, order.id, BOTH, {}, "member")
    assert (started.gateway, started.amount, started.status) == ("purse", 100, "paid")
    assert (await find_order(shop.database, order.id)).status == "paid"
    assert gateway.requests == {}
    with pytest.raises(NothingToPay):
        await pay_parts(shop, order.id, BOTH, {}, "member")


@ONCE
async def test_an_empty_purse_is_passed_over_and_alone_it_says_so(shop, gateway, purse):
    order = await order_of(shop)
    with pytest.raises(NothingCovered):
        await from_purse(shop, order)
    started = await pay_parts(shop, order.id, BOTH, {}, "member")
    assert (started.gateway, started.amount) == ("paper", 100)


@ONCE
@pytest.mark.parametrize(("call", "problem"), [("covers", PaymentRefused), ("create", None)])
async def test_a_purse_that_refuses_asks_nobody_for_more(shop, gateway, purse, call, problem):
    purse.money["anna"] = 60
    purse.mood[call] = "refuses"
    order = await order_of(shop)
    with pytest.raises(problem or PaymentRefused) as refused:
        await pay_parts(shop, order.id, BOTH, {}, "member")
    assert refused.value.extra["gateway_code"] == "NO"
    assert (gateway.requests, purse.money["anna"]) == ({}, 60)


@ONCE
async def test_whose_purse_it_is_the_order_says_and_no_client(shop, purse):
    purse.money |= {"anna": 60, "bert": 1000}
    order = await order_of(shop)
    part = await from_purse(shop, order, {"member": "bert", "openid": "o"})
    assert (part.captured, purse.money) == (60, {"anna": 0, "bert": 1000})
    guest = await order_of(shop, member=None)
    with pytest.raises(Invalid):
        await from_purse(shop, guest, {"member": "bert"})


@ONCE
async def test_the_ways_say_what_a_purse_covers(shop, purse):
    purse.money["anna"] = 60
    shown = await payments_of(shop, await order_of(shop))
    assert [(way.gateway, way.covers) for way in shown.ways if way.gateway == "purse"] == [
        ("purse", 60)
    ]
    guest = await payments_of(shop, await order_of(shop, member=None))
    assert [way.gateway for way in guest.ways] == ["paper"]
    purse.mood["covers"] = "deaf"
    deaf = await payments_of(shop, await order_of(shop))
    assert [way.gateway for way in deaf.ways] == ["paper"]


async def test_twenty_clicks_take_one_part(shop, purse):
    purse.money["anna"] = 1000
    order = await order_of(shop)
    done = await asyncio.gather(
        *(from_purse(shop, order) for _ in range(20)), return_exceptions=True
    )
    assert all(not isinstance(one, Exception) or isinstance(one, NothingToPay) for one in done)
    assert purse.money["anna"] == 900
    assert await captured(shop, order) == [("purse", 100, 0)]


@ONCE
async def test_a_placing_that_is_repeated_takes_no_second_part(shop, purse):
    purse.money["anna"] = 60
    order = await order_of(shop)
    pay = Pay(gateway="purse", method="balance")
    first = await begin_again(shop, order, pay, {}, "member")
    purse.money["anna"] += 1000
    second = await begin_again(shop, order, pay, {}, "member")
    assert (first.id, purse.money["anna"]) == (second.id, 1000)


@ONCE
async def test_a_refused_part_is_told_with_its_order(shop, purse):
    purse.money["anna"] = 60
    purse.mood["create"] = "refuses"
    order = await order_of(shop)
    told = await begin_again(shop, order, Pay(gateway="purse", method="balance"), {}, "member")
    assert (told.status, told.refusal) == ("refused", "NO")


@pytest.mark.parametrize("end", ["expire", "cancel"])
async def test_an_order_that_ends_gives_the_part_back_once(
    shop: Shop, runner: Runner, purse, end: str
):
    purse.money["anna"] = 60
    order = await order_of(shop)
    await from_purse(shop, order)
    if end == "expire":
        shop.clock.advance(timedelta(minutes=16))
        await asyncio.gather(*(expire_unpaid(shop, order.id) for _ in range(3)))
    else:
        await asyncio.gather(*(cancel_order(shop, order.id, "member") for _ in range(3)))
    for _ in range(3):
        await runner.drain()
        shop.clock.advance(timedelta(minutes=5))
    assert purse.money["anna"] == 60
    assert await captured(shop, order) == [("purse", 60, 60)]
    account = stock_account("tea")
    assert (await balances(shop.database, [account]))[account].held == 0


async def test_the_bank_paid_the_whole_while_the_purse_paid_its_part(
    shop: Shop, gateway: PaperGateway, purse, runner: Runner
):
    purse.money["anna"] = 60
    order = await order_of(shop)
    whole = await from_bank(shop, order)
    gateway.pay(whole.number)
    await from_purse(shop, order)
    report = gateway.report(whole.number)
    assert (await settle(shop, report, gateway="paper")).outcome == "returned"
    await runner.drain()
    assert gateway.given_back(whole.number) == 100
    found = await find_order(shop.database, order.id)
    assert (found.status, found.paid) == ("placed", 60)
    rest = await from_bank(shop, order)
    assert await bank_pays(shop, gateway, rest.number) == "paid"
    assert (await find_order(shop.database, order.id)).status == "paid"


async def test_the_purse_paid_what_the_bank_had_paid_already(
    shop: Shop, gateway: PaperGateway, purse, runner: Runner
):
    purse.money["anna"] = 60
    order = await order_of(shop)
    whole = await from_bank(shop, order)
    purse.mood["create"] = "silent"
    with pytest.raises(PaymentUnknown):
        await from_purse(shop, order)
    assert await bank_pays(shop, gateway, whole.number) == "paid"
    purse.mood.clear()
    shop.clock.advance(timedelta(seconds=31))
    await runner.drain()
    assert purse.money["anna"] == 60
    found = await find_order(shop.database, order.id)
    assert (found.status, found.paid, found.refunded) == ("paid", 100, 0)


@ONCE
async def test_what_asks_for_more_than_is_open_is_closed(shop, gateway, purse, runner):
    purse.money["anna"] = 60
    order = await order_of(shop)
    whole = await from_bank(shop, order)
    await from_purse(shop, order)
    await runner.drain()
    assert gateway.statuses[whole.number] == "closed"


async def test_a_part_whose_answer_was_lost_is_found(shop, purse, runner: Runner):
    purse.money["anna"] = 60
    purse.mood["create"] = "silent"
    order = await order_of(shop)
    with pytest.raises(PaymentUnknown):
        await from_purse(shop, order)
    assert purse.money["anna"] == 0
    purse.mood.clear()
    shop.clock.advance(timedelta(seconds=6))
    await runner.drain()
    assert (await find_order(shop.database, order.id)).paid == 60
    assert await captured(shop, order) == [("purse", 60, 0)]


@pytest.mark.parametrize("end", ["expire", "cancel"])
async def test_a_part_whose_answer_was_lost_goes_back_when_the_order_ends(
    shop: Shop, purse, runner: Runner, end: str
):
    purse.money["anna"] = 60
    purse.mood["create"] = "silent"
    order = await order_of(shop)
    with pytest.raises(PaymentUnknown):
        await from_purse(shop, order)
    purse.mood.clear()
    if end == "cancel":
        await cancel_order(shop, order.id, "member")
    else:
        shop.clock.advance(timedelta(minutes=16))
        await expire_unpaid(shop, order.id)
    await runner.drain()
    assert purse.money["anna"] == 60
    assert await captured(shop, order) == [("purse", 60, 60)]


@ONCE
async def test_a_part_that_was_never_taken_is_closed_for_good(shop, purse, runner: Runner):
    purse.money["anna"] = 60
    purse.mood["create"] = "deaf"
    order = await order_of(shop)
    with pytest.raises(PaymentUnknown):
        await from_purse(shop, order)
    purse.mood.clear()
    (attempt,) = await attempts_of(shop.database, order.id)
    await cancel_order(shop, order.id, "member")
    assert purse.statuses[attempt.number] == "closed"
    shop.clock.advance(timedelta(minutes=6))
    await runner.drain()
    assert purse.money["anna"] == 60


async def test_money_goes_back_the_last_paid_first_and_each_where_it_came_from(
    shop: Shop, gateway: PaperGateway, purse, runner: Runner
):
    purse.money["anna"] = 60
    order = await order_of(shop)
    await from_purse(shop, order)
    rest = await from_bank(shop, order)
    await bank_pays(shop, gateway, rest.number)
    for step, (amount, to_bank, to_purse) in enumerate([(30, 30, 0), (50, 40, 40), (20, 40, 60)]):
        await refund_order(
            shop,
            order.id,
            RefundWish(amount=amount),
            restock="no",
            reason="",
            key=str(step),
            actor="staff:1",
        )
        await runner.drain()
        assert (gateway.given_back(rest.number), purse.money["anna"]) == (to_bank, to_purse)
    payments = await order_payments(shop.database, order.id)
    assert {one.status for one in payments.refunds} == {"refunded"}
