"""Money comes in: once, for the right order, or not at all."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from jishi.events import Runner
from jishi.ledger import balances, check, stock_account
from jishi.orders import cancel_order, expire_order, find_order, timeline_of
from jishi.payments import (
    PaymentReport,
    attempts_of,
    find_attempt,
    payments_of,
    settle,
    start_payment,
)
from jishi.payments import (
    cancel_order as stop_order,
)
from jishi.payments.list_payments import list_alerts, order_payments
from jishi.payments.problems import NoGateway, NothingToPay, PaymentRefused, PaymentUnknown
from jishi.payments.query_payment import check_payment
from jishi.plugins import HookFailed
from jishi.problems import Invalid, TooMany
from jishi.shop import Shop
from jishi.testing.gateway import PaperGateway
from jishi.testing.orders import draft_of, fill_stock, place, place_draft


async def start(shop: Shop, order, **kwargs):
    return await start_payment(shop, order.id, "paper", "scan", {}, "guest", **kwargs)


async def pay(shop: Shop, gateway: PaperGateway, attempt):
    gateway.pay(attempt.number)
    return await settle(shop, gateway.report(attempt.number), gateway="paper")


async def alerts(shop: Shop) -> list[str]:
    return [one.kind for one in (await list_alerts(shop.database)).items]


async def test_a_payment_asks_for_what_is_open(shop: Shop, gateway: PaperGateway):
    order = await place(shop, [("tea", 2, 600)], delivery=50)
    attempt = await start(shop, order)
    request = gateway.requests[attempt.number]
    assert (request.amount, request.currency, request.channel) == (650, "CNY", "web")
    assert request.notify_url == "http://127.0.0.1:8000/notify/paper"
    assert attempt.status == "waiting"
    payments = await payments_of(shop, order)
    assert payments.attempts[0].parameters == {"code_url": f"paper://pay/{attempt.number}"}
    assert [way.gateway for way in payments.ways] == ["paper"]


async def test_the_attempt_is_written_down_before_the_gateway_is_asked(
    shop: Shop, gateway: PaperGateway
):
    order = await place(shop, [("tea", 1, 100)])
    seen = []
    create = gateway.create

    async def look(request):
        seen.extend(await attempts_of(shop.database, order.id))
        return await create(request)

    gateway.create = look
    await start(shop, order)
    assert [one.status for one in seen] == ["new"]


async def test_starting_again_gives_the_same_payment(shop: Shop, gateway: PaperGateway):
    order = await place(shop, [("tea", 1, 100)])
    first = await start(shop, order)
    again = await asyncio.gather(*(start(shop, order) for _ in range(10)))
    assert {one.id for one in again} == {first.id}
    assert len(gateway.requests) == 1
    other = await start_payment(shop, order.id, "paper", "app", {"openid": "o"}, "guest")
    assert other.id != first.id


async def test_starting_at_the_same_time_opens_one_payment(shop: Shop, gateway: PaperGateway):
    order = await place(shop, [("tea", 1, 100)])
    started = await asyncio.gather(*(start(shop, order) for _ in range(10)))
    assert len({one.id for one in started}) == 1
    assert len(gateway.requests) == 1


async def test_what_cannot_be_paid_is_not_started(shop: Shop, gateway: PaperGateway):
    order = await place(shop, [("tea", 1, 100)])
    with pytest.raises(NoGateway):
        await start_payment(shop, order.id, "other", "scan", {}, "guest")
    with pytest.raises(NoGateway):
        await start_payment(shop, order.id, "paper", "other", {}, "guest")
    with pytest.raises(Invalid):
        await start_payment(shop, order.id, "paper", "app", {}, "guest")
    shop.clock.advance(timedelta(minutes=15))
    with pytest.raises(NothingToPay):
        await start(shop, order)
    assert gateway.calls == []


@pytest.mark.bar("B10")
async def test_a_hundred_reports_at_once_pay_once(shop: Shop, gateway: PaperGateway):
    order = await place(shop, [("tea", 2, 600)])
    attempt = await start(shop, order)
    gateway.pay(attempt.number)
    report = gateway.report(attempt.number)
    outcomes = await asyncio.gather(
        *(settle(shop, report, gateway="paper", source="notice") for _ in range(100))
    )
    assert sorted(one.outcome for one in outcomes) == ["paid", *["repeated"] * 99]
    paid = await find_order(shop.database, order.id)
    assert (paid.status, paid.paid, paid.refunded) == ("paid", 600, 0)
    assert (await balances(shop.database, [stock_account("tea")]))[
        stock_account("tea")
    ].balance == 0
    assert await check(shop.database) == []
    assert await alerts(shop) == []


async def test_notice_and_query_at_the_same_instant_pay_once(shop: Shop, gateway: PaperGateway):
    for _ in range(10):
        order = await place(shop, [("tea", 1, 100)])
        attempt = await start(shop, order)
        gateway.pay(attempt.number)
        report = gateway.report(attempt.number)
        await asyncio.gather(
            settle(shop, report, gateway="paper", source="notice"),
            check_payment(shop, attempt),
        )
        payments = await order_payments(shop.database, order.id)
        assert [one.captured for one in payments.attempts] == [100]
        assert payments.refunds == ()


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 599},
        {"amount": 601},
        {"amount": 0},
        {"currency": "USD"},
        {"currency": ""},
        {"merchant": "M-2"},
        {"merchant": ""},
        {"app": "A-2"},
        {"app": ""},
        {"attempt": "NEVERSTARTED"},
        {"transaction": ""},
    ],
)
async def test_a_report_that_does_not_fit_changes_nothing(
    shop: Shop, gateway: PaperGateway, change
):
    order = await place(shop, [("tea", 2, 600)])
    attempt = await start(shop, order)
    gateway.pay(attempt.number)
    wrong = msgspec.structs.replace(gateway.report(attempt.number), **change)
    assert (await settle(shop, wrong, gateway="paper")).outcome == "mismatch"
    assert await find_order(shop.database, order.id) == order
    assert (await find_attempt(shop.database, attempt.id)) == attempt
    assert await alerts(shop) == ["payment_mismatch"]


async def test_another_gateway_cannot_pay_an_attempt(shop: Shop, gateway: PaperGateway):
    order = await place(shop, [("tea", 2, 600)])
    attempt = await start(shop, order)
    gateway.pay(attempt.number)
    report = gateway.report(attempt.number)
    assert (await settle(shop, report, gateway="other")).outcome == "mismatch"
    assert await find_order(shop.database, order.id) == order


async def test_one_transaction_pays_one_order(shop: Shop, gateway: PaperGateway):
    first, second = await place(shop, [("tea", 1, 100)]), await place(shop, [("tea", 1, 100)])
    one, two = await start(shop, first), await start(shop, second)
    await pay(shop, gateway, one)
    gateway.pay(two.number)
    stolen = msgspec.structs.replace(
        gateway.report(two.number), transaction=gateway.report(one.number).transaction
    )
    assert (await settle(shop, stolen, gateway="paper")).outcome == "mismatch"
    assert (await find_order(shop.database, second.id)).status == "placed"


async def test_one_transaction_pays_one_of_two_orders_at_once(shop: Shop, gateway: PaperGateway):
    orders = [await place(shop, [("tea", 1, 100)]) for _ in range(2)]
    attempts = [await start(shop, order) for order in orders]
    for attempt in attempts:
        gateway.pay(attempt.number)
    reports = [
        msgspec.structs.replace(gateway.report(attempt.number), transaction="T")
        for attempt in attempts
    ]
    outcomes = await asyncio.gather(*(settle(shop, one, gateway="paper") for one in reports))
    assert sorted(one.outcome for one in outcomes) == ["mismatch", "paid"]


@pytest.mark.bar("B10")
async def test_a_paid_payment_never_goes_backwards(shop: Shop, gateway: PaperGateway):
    order = await place(shop, [("tea", 1, 100)])
    attempt = await start(shop, order)
    await pay(shop, gateway, attempt)
    for status in ("waiting", "closed", "refused"):
        late = PaymentReport(attempt=attempt.number, status=status)
        assert (await settle(shop, late, gateway="paper")).outcome == "noted"
    assert (await find_attempt(shop.database, attempt.id)).status == "paid"
    assert (await find_order(shop.database, order.id)).status == "paid"


async def test_part_payments_make_an_order_paid(shop: Shop, gateway: PaperGateway):
    order = await place(shop, [("tea", 2, 600)])
    await pay(shop, gateway, await start(shop, order, amount=200))
    assert (await find_order(shop.database, order.id)).open_amount == 400
    rest = await start(shop, order)
    assert rest.amount == 400
    await pay(shop, gateway, rest)
    assert (await find_order(shop.database, order.id)).status == "paid"


async def test_an_unknown_opening_is_decided_by_asking(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await place(shop, [("tea", 1, 100)])
    gateway.mood["create"] = "silent"
    with pytest.raises(PaymentUnknown):
        await start(shop, order)
    (attempt,) = await attempts_of(shop.database, order.id)
    assert attempt.status == "unknown"
    gateway.mood["create"] = "well"
    gateway.pay(attempt.number)
    shop.clock.advance(timedelta(seconds=6))
    await runner.drain()
    assert (await find_order(shop.database, order.id)).status == "paid"


async def test_a_refused_opening_leaves_the_order_open(shop: Shop, gateway: PaperGateway):
    order = await place(shop, [("tea", 1, 100)])
    gateway.mood["create"] = "refuses"
    with pytest.raises(PaymentRefused):
        await start(shop, order)
    gateway.mood["create"] = "well"
    assert (await start(shop, order)).status == "waiting"


@pytest.mark.bar("B12")
async def test_without_any_notice_the_gateway_is_asked(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await place(shop, [("tea", 1, 100)])
    attempt = await start(shop, order)
    shop.clock.advance(timedelta(seconds=6))
    await runner.drain()
    assert gateway.calls.count("query") == 1
    gateway.pay(attempt.number)
    shop.clock.advance(timedelta(seconds=25))
    await runner.drain()
    assert (await find_order(shop.database, order.id)).status == "paid"


async def test_a_gateway_that_does_not_answer_is_asked_again(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await place(shop, [("tea", 1, 100)])
    attempt = await start(shop, order)
    gateway.pay(attempt.number)
    gateway.mood["query"] = "deaf"
    shop.clock.advance(timedelta(seconds=6))
    await runner.drain()
    assert (await find_order(shop.database, order.id)).status == "placed"
    gateway.mood["query"] = "well"
    shop.clock.advance(timedelta(seconds=25))
    await runner.drain()
    assert (await find_order(shop.database, order.id)).status == "paid"


async def test_a_shopper_may_look_a_payment_up_every_few_seconds(
    shop: Shop, gateway: PaperGateway
):
    attempt = await start(shop, await place(shop, [("tea", 1, 100)]))
    assert (await check_payment(shop, attempt)).status == "waiting"
    with pytest.raises(TooMany):
        await check_payment(shop, attempt)
    shop.clock.advance(timedelta(seconds=3))
    gateway.pay(attempt.number)
    assert (await check_payment(shop, attempt)).status == "paid"


async def test_a_broken_plugin_leaves_everything_as_it_was(
    shop: Shop, gateway: PaperGateway, plugin
):
    order = await place(shop, [("tea", 1, 100)])
    attempt = await start(shop, order)
    plugin.breaks = True
    with pytest.raises(HookFailed):
        await pay(shop, gateway, attempt)
    assert await find_order(shop.database, order.id) == order
    assert await find_attempt(shop.database, attempt.id) == attempt
    plugin.breaks = False
    assert (await pay(shop, gateway, attempt)).outcome == "paid"


async def test_the_others_are_closed_when_one_payment_is_made(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await place(shop, [("tea", 1, 100)])
    first = await start(shop, order)
    second = await start_payment(shop, order.id, "paper", "app", {"openid": "o"}, "guest")
    await pay(shop, gateway, first)
    await runner.drain()
    assert (await find_attempt(shop.database, second.id)).status == "closed"
    assert gateway.statuses[second.number] == "closed"


async def test_the_second_of_two_payments_goes_back(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await place(shop, [("tea", 1, 100)])
    first = await start(shop, order)
    second = await start_payment(shop, order.id, "paper", "app", {"openid": "o"}, "guest")
    gateway.pay(second.number)
    await pay(shop, gateway, first)
    await runner.drain()
    assert gateway.given_back(second.number) == 100
    assert gateway.given_back(first.number) == 0
    assert (await find_order(shop.database, order.id)).refunded == 0


async def test_paid_wins_over_expiry_when_the_gateway_says_so(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await place(shop, [("tea", 1, 100)])
    attempt = await start(shop, order)
    gateway.pay(attempt.number)
    shop.clock.advance(timedelta(minutes=15))
    await runner.drain()
    assert (await find_order(shop.database, order.id)).status == "paid"


async def test_an_order_without_money_expires_and_its_payment_is_closed(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await place(shop, [("tea", 1, 100)])
    attempt = await start(shop, order)
    shop.clock.advance(timedelta(minutes=15))
    await runner.drain()
    assert (await find_order(shop.database, order.id)).status == "expired"
    assert gateway.statuses[attempt.number] == "closed"
    assert (await find_attempt(shop.database, attempt.id)).status == "closed"


async def test_a_silent_gateway_delays_expiry_for_a_while_only(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await place(shop, [("tea", 1, 100)])
    await start(shop, order)
    gateway.mood = {"query": "deaf", "close": "deaf"}
    shop.clock.advance(timedelta(minutes=15))
    await runner.drain()
    assert (await find_order(shop.database, order.id)).status == "placed"
    shop.clock.advance(timedelta(minutes=5))
    await runner.drain()
    assert (await find_order(shop.database, order.id)).status == "expired"


@pytest.mark.parametrize("times", [1, 20])
@pytest.mark.bar("B13")
async def test_late_money_takes_the_goods_if_they_are_there(
    shop: Shop, gateway: PaperGateway, runner: Runner, times
):
    order = await place(shop, [("tea", 1, 100)])
    attempt = await start(shop, order)
    shop.clock.advance(timedelta(minutes=15))
    await expire_order(shop, order.id)
    gateway.pay(attempt.number)
    report = gateway.report(attempt.number)
    await asyncio.gather(*(settle(shop, report, gateway="paper") for _ in range(times)))
    await runner.drain()
    assert (await find_order(shop.database, order.id)).status == "paid"
    assert gateway.refunds == {}
    assert await check(shop.database) == []


@pytest.mark.parametrize("times", [1, 20])
@pytest.mark.bar("B13")
async def test_late_money_goes_back_once_if_the_goods_are_gone(
    shop: Shop, gateway: PaperGateway, runner: Runner, times
):
    order = await place(shop, [("tea", 1, 100)])
    attempt = await start(shop, order)
    await cancel_order(shop, order.id, "guest")
    other = await place_draft(shop, draft_of(shop, [("tea", 1, 100)], owner="guest-2"))
    gateway.pay(attempt.number)
    report = gateway.report(attempt.number)
    outcomes = await asyncio.gather(*(settle(shop, report, gateway="paper") for _ in range(times)))
    assert [one.outcome for one in outcomes].count("returned") == 1
    await runner.drain()
    assert gateway.given_back(attempt.number) == 100
    assert len(gateway.refunds) == 1
    assert (await find_order(shop.database, order.id)).status == "cancelled"
    assert (await find_order(shop.database, other.id)).status == "placed"
    steps = [one.step for one in await timeline_of(shop.database, order.id)]
    assert "payment_too_late" in steps
    assert await check(shop.database) == []


async def test_a_part_payment_of_an_expired_order_goes_back(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await place(shop, [("tea", 2, 600)])
    attempt = await start(shop, order, amount=200)
    await pay(shop, gateway, attempt)
    shop.clock.advance(timedelta(minutes=15))
    await runner.drain()
    ended = await find_order(shop.database, order.id)
    assert (ended.status, ended.paid, ended.refunded) == ("expired", 200, 200)
    assert gateway.given_back(attempt.number) == 200


async def test_a_shopper_who_has_paid_cannot_cancel_any_more(shop: Shop, gateway: PaperGateway):
    order = await place(shop, [("tea", 1, 100)])
    attempt = await start(shop, order)
    gateway.pay(attempt.number)
    with pytest.raises(Exception, match="paid"):
        await stop_order(shop, order.id, "guest")
    assert (await find_order(shop.database, order.id)).status == "paid"


async def test_cancelling_closes_the_payment_first(shop: Shop, gateway: PaperGateway):
    await fill_stock(shop, "tea", 1)
    order = await place(shop, [("tea", 1, 100)])
    attempt = await start(shop, order)
    assert (await stop_order(shop, order.id, "guest")).status == "cancelled"
    assert gateway.statuses[attempt.number] == "closed"
