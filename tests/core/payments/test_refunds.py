"""Money goes back: exactly, once, and never more than came."""

import asyncio
from datetime import timedelta

import pytest

from jishi.events import Runner
from jishi.idempotency import KeyReused
from jishi.ledger import balances, check, stock_account
from jishi.orders import (
    NotThatMany,
    OrderNotReady,
    RefundLine,
    RefundTooMuch,
    RefundWish,
    find_order,
    ship_order,
    sql,
    transition,
)
from jishi.payments import (
    Refunded,
    RefundReport,
    cancel_order,
    refund_order,
    retry_refund,
    settle,
    settle_refund,
    start_payment,
)
from jishi.payments.list_payments import list_alerts, order_payments
from jishi.shop import Shop
from jishi.testing.gateway import PaperGateway
from jishi.testing.orders import place


async def paid(shop: Shop, gateway: PaperGateway, lines=(("tea", 3, 1000),), parts=(None,), **kw):
    order = await place(shop, lines, **kw)
    for amount in parts:
        attempt = await start_payment(shop, order.id, "paper", "scan", {}, "guest", amount)
        gateway.pay(attempt.number)
        await settle(shop, gateway.report(attempt.number), gateway="paper")
    return await find_order(shop.database, order.id)


async def give_back(shop: Shop, order, wish: RefundWish, key: str = "k", restock="no"):
    return await refund_order(
        shop, order.id, wish, restock=restock, reason="sorry", key=key, actor="staff:1"
    )


def pieces(order, quantity: int) -> RefundWish:
    return RefundWish(lines=(RefundLine(line=order.lines[0].id, quantity=quantity),))


async def pieces_in_stock(shop: Shop) -> int:
    account = stock_account("tea")
    return (await balances(shop.database, [account]))[account].balance


async def alerts(shop: Shop) -> list[str]:
    return [one.kind for one in (await list_alerts(shop.database)).items]


async def test_a_refund_reaches_the_gateway_and_is_told_when_it_is_done(
    shop: Shop, gateway: PaperGateway, runner: Runner, plugin
):
    order = await paid(shop, gateway)
    done = await give_back(shop, order, pieces(order, 1))
    assert (done.order.status, done.order.refunded) == ("paid", 333)
    assert gateway.refunds == {}
    await runner.drain()
    (refund,) = (await order_payments(shop.database, order.id)).refunds
    assert (refund.status, refund.amount) == ("refunded", 333)
    ((request, _),) = gateway.refunds.values()
    assert (request.amount, request.captured, request.reason) == (333, 1000, "sorry")
    assert plugin.heard == [333]


async def test_pieces_given_back_one_by_one_sum_to_the_line(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await paid(shop, gateway)
    for turn in range(3):
        await give_back(shop, order, pieces(order, 1), key=f"k{turn}", restock="yes")
    await runner.drain()
    amounts = sorted(request.amount for request, _ in gateway.refunds.values())
    assert amounts == [333, 333, 334]
    assert await pieces_in_stock(shop) == 3
    with pytest.raises(NotThatMany):
        await give_back(shop, order, pieces(order, 1), key="k3")


async def test_goods_stay_away_unless_they_are_put_back_on_sale(shop: Shop, gateway: PaperGateway):
    order = await paid(shop, gateway)
    await give_back(shop, order, pieces(order, 2))
    assert await pieces_in_stock(shop) == 0


async def sixty_percent_twenty_times(shop: Shop, order) -> list[object]:
    return await asyncio.gather(
        *(give_back(shop, order, RefundWish(amount=600), key=f"k{n}") for n in range(20)),
        return_exceptions=True,
    )


async def test_of_twenty_refunds_of_sixty_percent_one_succeeds(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await paid(shop, gateway)
    outcomes = await sixty_percent_twenty_times(shop, order)
    assert [type(one) for one in outcomes].count(RefundTooMuch) == 19
    await runner.drain()
    assert sum(request.amount for request, _ in gateway.refunds.values()) == 600


async def test_without_the_guard_more_than_one_of_the_twenty_succeeds(
    shop: Shop, gateway: PaperGateway, monkeypatch
):
    order = await paid(shop, gateway)

    async def look_away(tx, before):
        return None

    monkeypatch.setattr(transition, "lock_order", look_away)
    monkeypatch.setattr(sql, "CHANGE", sql.CHANGE.replace("version = $2", "$2::bigint > 0"))
    outcomes = await sixty_percent_twenty_times(shop, order)
    assert [type(one) for one in outcomes].count(Refunded) > 1


async def test_a_repeated_refund_is_one(shop: Shop, gateway: PaperGateway, runner: Runner):
    order = await paid(shop, gateway)
    done = await asyncio.gather(*(give_back(shop, order, pieces(order, 1)) for _ in range(10)))
    assert sorted(one.replayed for one in done) == ["no", *["yes"] * 9]
    assert len({one.refunds for one in done}) == 1
    with pytest.raises(KeyReused):
        await give_back(shop, order, pieces(order, 2))
    await runner.drain()
    assert len(gateway.refunds) == 1


async def test_an_unpaid_order_gives_nothing_back(shop: Shop):
    order = await place(shop, [("tea", 1, 100)])
    with pytest.raises(OrderNotReady):
        await give_back(shop, order, pieces(order, 1))


async def test_a_refund_is_taken_from_several_payments(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await paid(shop, gateway, parts=(300, None))
    await give_back(shop, order, RefundWish(amount=900))
    await runner.drain()
    assert sorted(request.amount for request, _ in gateway.refunds.values()) == [200, 700]
    payments = await order_payments(shop.database, order.id)
    assert [(one.captured, one.refunded) for one in payments.attempts] == [(300, 200), (700, 700)]


async def test_an_unknown_outcome_is_asked_for_and_paid_out_once(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await paid(shop, gateway)
    gateway.mood["refund"] = "silent"
    await give_back(shop, order, pieces(order, 3))
    await runner.drain()
    gateway.mood["refund"] = "well"
    shop.clock.advance(timedelta(seconds=6))
    await runner.drain()
    (refund,) = (await order_payments(shop.database, order.id)).refunds
    assert refund.status == "refunded"
    assert gateway.calls.count("refund") == 1
    assert "query_refund" in gateway.calls


async def test_a_refund_that_never_arrived_is_sent_again_under_its_number(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await paid(shop, gateway)
    gateway.mood["refund"] = "deaf"
    await give_back(shop, order, pieces(order, 3))
    await runner.drain()
    gateway.mood["refund"] = "well"
    shop.clock.advance(timedelta(seconds=6))
    await runner.drain()
    (refund,) = (await order_payments(shop.database, order.id)).refunds
    assert list(gateway.refunds) == [refund.number]


async def test_a_refund_in_work_is_done_when_the_gateway_says_so(
    shop: Shop, gateway: PaperGateway, runner: Runner, plugin
):
    order = await paid(shop, gateway)
    gateway.refunds_are = "processing"
    await give_back(shop, order, pieces(order, 3))
    await runner.drain()
    (refund,) = (await order_payments(shop.database, order.id)).refunds
    assert refund.status == "processing"
    assert plugin.heard == []
    gateway.finish_refund(refund.number)
    shop.clock.advance(timedelta(seconds=6))
    await runner.drain()
    (refund,) = (await order_payments(shop.database, order.id)).refunds
    assert refund.status == "refunded"
    for status in ("processing", "closed", "abnormal"):
        late = RefundReport(refund=refund.number, status=status, amount=1000)
        await settle_refund(shop, late, gateway="paper")
    (refund,) = (await order_payments(shop.database, order.id)).refunds
    assert refund.status == "refunded"


async def test_a_refused_refund_waits_for_a_person_who_may_try_again(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await paid(shop, gateway)
    gateway.mood["refund"] = "refuses"
    await give_back(shop, order, pieces(order, 3))
    await runner.drain()
    (refund,) = (await order_payments(shop.database, order.id)).refunds
    assert refund.status == "failed"
    assert await alerts(shop) == ["refund_failed"]
    gateway.mood["refund"] = "well"
    await retry_refund(shop, refund.id)
    await runner.drain()
    (refund,) = (await order_payments(shop.database, order.id)).refunds
    assert refund.status == "refunded"
    assert gateway.given_back(next(iter(gateway.requests))) == 1000


@pytest.mark.parametrize(
    "report",
    [
        RefundReport(refund="NEVERASKED", status="refunded", amount=1000),
        RefundReport(refund="", status="refunded", amount=999),
        RefundReport(refund="", status="refunded", amount=0),
        RefundReport(refund="", status="refunded", amount=1000, currency="USD"),
    ],
)
async def test_a_refund_notice_that_does_not_fit_changes_nothing(
    shop: Shop, gateway: PaperGateway, runner: Runner, report
):
    order = await paid(shop, gateway)
    gateway.refunds_are = "processing"
    await give_back(shop, order, pieces(order, 3))
    await runner.drain()
    (refund,) = (await order_payments(shop.database, order.id)).refunds
    number = report.refund or refund.number
    wrong = RefundReport(
        refund=number, status=report.status, amount=report.amount, currency=report.currency
    )
    settled = await settle_refund(shop, wrong, gateway="paper", source="notice")
    assert settled.outcome == "mismatch"
    assert (await order_payments(shop.database, order.id)).refunds == (refund,)
    assert await alerts(shop) == ["refund_mismatch"]


async def test_staff_stop_a_paid_order_with_all_its_money_and_goods(
    shop: Shop, gateway: PaperGateway, runner: Runner
):
    order = await paid(shop, gateway, delivery=50)
    await give_back(shop, order, pieces(order, 1), restock="yes")
    stopped = await asyncio.gather(
        *(cancel_order(shop, order.id, "staff:1", "broken") for _ in range(10))
    )
    assert {(one.status, one.refunded) for one in stopped} == {("cancelled", 1050)}
    await runner.drain()
    assert sum(request.amount for request, _ in gateway.refunds.values()) == 1050
    assert await pieces_in_stock(shop) == 3
    assert await check(shop.database) == []


async def test_what_was_shipped_is_not_stopped_any_more(shop: Shop, gateway: PaperGateway):
    order = await paid(shop, gateway)
    await ship_order(shop, order.id, "staff:1", "k", lines=[(order.lines[0].id, 1)])
    with pytest.raises(OrderNotReady):
        await cancel_order(shop, order.id, "staff:1")


async def test_pieces_given_back_before_they_left_are_not_shipped(
    shop: Shop, gateway: PaperGateway
):
    order = await paid(shop, gateway)
    await give_back(shop, order, pieces(order, 1))
    shipped = await ship_order(shop, order.id, "staff:1", "k")
    assert (shipped.order.lines[0].shipped, shipped.order.lines[0].to_ship) == (2, 0)
