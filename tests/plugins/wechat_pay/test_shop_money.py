"""What a shop does with WeChat's money when notices, answers, time or the database fail it."""

import asyncio
import json
from datetime import timedelta
from functools import partial

import asyncpg
import pytest
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core

from jishi.events import Runner
from jishi.ledger import balances, check, stock_account
from jishi.orders import RefundTooMuch, RefundWish
from jishi.payments import Attempt, check_payment, expire_unpaid, refund_order
from jishi.payments.problems import PaymentRefused
from jishi.payments.start_payment import ask_to_collect
from jishi.web import handlers_of


@pytest.fixture
async def attempt(desk, seller, shopper) -> Attempt:
    await seller.product("tea", price=990, stock=1)
    return await desk.checkout(shopper, {"tea": 1})


async def on_shelf(shop) -> tuple[int, int]:
    """Pieces that are left, and pieces that are promised."""
    account = stock_account("tea")
    stock = (await balances(shop.database, [account]))[account]
    return stock.balance, stock.held


async def is_right(desk) -> None:
    """The ledger's books fit, and nothing was sold that was not there."""
    assert await check(desk.shop.database) == []
    balance, held = await on_shelf(desk.shop)
    assert 0 <= held <= balance


async def later(desk, runner: Runner, by: timedelta) -> None:
    desk.shop.clock.advance(by)
    await runner.drain()


async def gave_back(desk, attempt: Attempt) -> list[int]:
    return [one["amount"] for one in await desk.refunds_of(attempt)]


# ------------------------------------------------------------------------------ without a notice


@pytest.mark.bar("B12")
async def test_without_any_notice_the_shop_asks_and_the_order_is_paid(desk, attempt, runner):
    await desk.paid_by_customer(attempt)
    await runner.drain()
    assert (await desk.order(attempt)).status == "placed"
    await later(desk, runner, timedelta(seconds=5))
    assert (await desk.order(attempt)).status == "paid"
    assert await desk.events(attempt, "order.paid") == 1
    assert await on_shelf(desk.shop) == (0, 0)
    await is_right(desk)


async def test_a_customer_who_pays_late_in_the_hour_is_found_by_asking(desk, attempt, runner):
    for seconds in (5, 25, 30, 120, 120):
        await later(desk, runner, timedelta(seconds=seconds))
        assert (await desk.order(attempt)).status == "placed"
    await desk.paid_by_customer(attempt)
    await later(desk, runner, timedelta(seconds=300))
    assert (await desk.order(attempt)).status == "paid"


async def test_the_shopper_may_have_it_looked_up(desk, attempt, shopper):
    await desk.paid_by_customer(attempt)
    path = f"/store/orders/{attempt.order}/payments/{attempt.id}/check"
    answer = await shopper.send("POST", path)
    assert (answer.status_code, answer.json()["status"]) == (200, "paid")
    assert (await desk.order(attempt)).status == "paid"


async def test_notice_query_and_shopper_at_the_same_instant_pay_once(desk, attempt, runner):
    body = await desk.paid_by_customer(attempt)
    desk.shop.clock.advance(timedelta(seconds=5))
    await asyncio.gather(
        *(desk.bring(body) for _ in range(10)), runner.drain(), check_payment(desk.shop, attempt)
    )
    assert (await desk.order(attempt)).paid == attempt.amount
    assert await desk.events(attempt, "order.paid") == 1
    assert await gave_back(desk, attempt) == []
    await is_right(desk)


# ------------------------------------------------------------------------------ around the expiry


@pytest.mark.bar("B13")
async def test_money_a_second_before_the_end_pays(desk, attempt, runner, shopper):
    desk.shop.clock.advance(attempt.expires_at - desk.shop.clock.now() - timedelta(seconds=1))
    refused = await shopper.another().place({"tea": 1})
    assert refused.status_code == 409
    body = await desk.paid_by_customer(attempt)
    assert (await desk.bring(body)).status_code == 204
    await later(desk, runner, timedelta(seconds=30))
    assert (await desk.order(attempt)).status == "paid"
    assert await on_shelf(desk.shop) == (0, 0)
    await is_right(desk)


LATE = [timedelta(seconds=1), timedelta(hours=1)]


async def time_is_over(desk, attempt: Attempt, runner: Runner, by: timedelta) -> None:
    """The order's end came, so long ago, and its payment was closed at WeChat."""
    await later(desk, runner, attempt.expires_at - desk.shop.clock.now() + by)
    await expire_unpaid(desk.shop, attempt.order)
    await runner.drain()
    assert (await desk.order(attempt)).status == "expired"
    assert (await desk.control("GET", f"/orders/{attempt.number}"))["state"] == "CLOSED"


@pytest.mark.parametrize("late", LATE, ids=["a second", "an hour"])
@pytest.mark.bar("B13")
async def test_late_money_gets_the_goods_that_are_still_there(desk, attempt, runner, late):
    await time_is_over(desk, attempt, runner, late)
    body = await desk.paid_by_customer(attempt, timing="late")
    answers = await asyncio.gather(*(desk.bring(body) for _ in range(20)))
    assert {one.status_code for one in answers} == {204}
    await runner.drain()
    assert (await desk.order(attempt)).status == "paid"
    assert await on_shelf(desk.shop) == (0, 0)
    assert await gave_back(desk, attempt) == []
    await is_right(desk)


@pytest.mark.parametrize("late", LATE, ids=["a second", "an hour"])
@pytest.mark.bar("B13")
async def test_late_money_for_goods_that_others_bought_goes_back_once(
    desk, attempt, runner, shopper, late
):
    await time_is_over(desk, attempt, runner, late)
    other = await desk.checkout(shopper.another(), {"tea": 1})
    await desk.bring(await desk.paid_by_customer(other))
    body = await desk.paid_by_customer(attempt, timing="late")
    answers = await asyncio.gather(*(desk.bring(body) for _ in range(20)))
    assert {one.status_code for one in answers} == {204}
    await runner.drain()
    await later(desk, runner, timedelta(minutes=2))
    assert await gave_back(desk, attempt) == [attempt.amount]
    assert await gave_back(desk, other) == []
    assert [(await desk.order(one)).status for one in (attempt, other)] == ["expired", "paid"]
    stored = await desk.attempt(attempt.order)
    assert (stored.captured, stored.refunded) == (attempt.amount, attempt.amount)
    assert await on_shelf(desk.shop) == (0, 0)
    await is_right(desk)


@pytest.mark.bar("B13")
async def test_late_money_told_by_notice_and_query_at_once_goes_back_once(
    desk, attempt, runner, shopper
):
    # Nobody could close the payment: to the shop it is still open while others take the goods.
    await desk.control("PUT", "/faults", answers={"fail": -1})
    await later(desk, runner, attempt.expires_at - desk.shop.clock.now() + timedelta(minutes=10))
    assert (await desk.order(attempt)).status == "expired"
    assert (await desk.attempt(attempt.order)).status == "waiting"
    await desk.control("DELETE", "/faults")
    other = await desk.checkout(shopper.another(), {"tea": 1})
    await desk.bring(await desk.paid_by_customer(other))
    body = await desk.paid_by_customer(attempt)
    desk.shop.clock.advance(timedelta(minutes=30))
    second = Runner(desk.shop, handlers_of(desk.shop))
    await asyncio.gather(
        *(desk.bring(body) for _ in range(20)),
        check_payment(desk.shop, attempt),
        runner.drain(),
        second.drain(),
    )
    await later(desk, runner, timedelta(minutes=2))
    assert await gave_back(desk, attempt) == [attempt.amount]
    assert (await desk.order(attempt)).status == "expired"
    await is_right(desk)


# ------------------------------------------------------------------------------ lost answers


async def test_a_lost_answer_leaves_the_payment_unknown_until_the_shop_has_asked(
    desk, attempt, seller, shopper, runner
):
    await seller.stock("tea", 5)
    order = (await shopper.place({"tea": 1})).json()["id"]
    await desk.control("PUT", "/faults", answers={"only": "POST /v3/pay", "lose": 1})
    answer = await desk.start(shopper, order)
    assert (answer.status_code, answer.json()["code"]) == (503, "payment_unknown")
    unknown = await desk.attempt(order)
    assert unknown.status == "unknown"
    assert (await desk.control("GET", f"/orders/{unknown.number}"))["state"] == "NOTPAY"
    await later(desk, runner, timedelta(seconds=5))
    assert (await desk.attempt(order)).status == "waiting"
    await desk.bring(await desk.paid_by_customer(unknown))
    assert (await desk.order(unknown)).status == "paid"


async def test_asking_again_after_a_lost_answer_opens_the_same_payment(
    desk, attempt, seller, shopper
):
    await seller.stock("tea", 5)
    order = (await shopper.place({"tea": 1})).json()["id"]
    await desk.control("PUT", "/faults", answers={"only": "POST /v3/pay", "lose": 1})
    assert (await desk.start(shopper, order)).status_code == 503
    lost = await desk.attempt(order)
    again = await desk.start(shopper, order)
    assert (again.status_code, again.json()["id"]) == (201, lost.id)
    orders = [one["out_trade_no"] for one in await desk.control("GET", "/orders")]
    assert orders.count(lost.number) == 1


async def test_opening_twice_what_is_paid_by_then_does_not_end_the_payment(desk, attempt, runner):
    await desk.paid_by_customer(attempt)
    order = await desk.order(attempt)
    with pytest.raises(PaymentRefused):
        await ask_to_collect(desk.shop, attempt, order)
    await later(desk, runner, timedelta(seconds=5))
    assert (await desk.order(attempt)).status == "paid"


async def test_a_refund_whose_answer_is_lost_is_not_doubled(desk, attempt, runner, refund):
    await desk.bring(await desk.paid_by_customer(attempt))
    await desk.control("PUT", "/faults", answers={"only": "POST /v3/refund", "lose": 1})
    await refund(attempt, 400)
    [given] = await desk.refunds_of(attempt)
    for _ in range(5):
        await later(desk, runner, timedelta(minutes=1))
    assert await gave_back(desk, attempt) == [400]
    statuses = await desk.shop.database.fetch("SELECT number, status FROM payments_refunds")
    assert statuses == [(given["out_refund_no"], "refunded")]
    assert await desk.events(attempt, "order.refunded") == 1


async def test_a_refund_under_way_ends_with_its_notice(desk, attempt, runner, refund):
    await desk.bring(await desk.paid_by_customer(attempt))
    await desk.control("PUT", "/terms", notices=False, refund_delay=1e6)
    await refund(attempt, 400)
    [given] = await desk.refunds_of(attempt)
    query = "SELECT status, reference FROM payments_refunds"
    processing = [("processing", given["refund_id"])]
    assert await desk.shop.database.fetch(query) == processing
    assert await desk.events(attempt, "order.refunded") == 0
    await desk.control("POST", f"/refunds/{given['out_refund_no']}/settle")
    body = await desk.news_of(given["out_refund_no"])
    answers = await asyncio.gather(*(desk.bring(body) for _ in range(20)))
    assert {one.status_code for one in answers} == {204}
    assert await desk.shop.database.fetch(query) == [("refunded", given["refund_id"])]
    await later(desk, runner, timedelta(minutes=5))
    assert await desk.events(attempt, "order.refunded") == 1
    assert await gave_back(desk, attempt) == [400]


async def test_a_refund_that_fails_at_wechat_is_for_a_person(desk, attempt, runner, refund):
    await desk.bring(await desk.paid_by_customer(attempt))
    await desk.control("PUT", "/terms", notices=False, refund_delay=1e6)
    await refund(attempt, 400)
    [given] = await desk.refunds_of(attempt)
    number = given["out_refund_no"]
    await desk.control("POST", f"/refunds/{number}/settle", status="ABNORMAL")
    assert (await desk.bring(await desk.news_of(number))).status_code == 204
    assert await desk.shop.database.fetch("SELECT status FROM payments_refunds") == [("failed",)]
    assert await desk.alerts() == ["refund_failed"]


@pytest.mark.parametrize("change", [-1, 1])
async def test_a_refund_notice_of_another_amount_changes_nothing(desk, attempt, refund, change):
    await desk.bring(await desk.paid_by_customer(attempt))
    await desk.control("PUT", "/terms", notices=False, refund_delay=1e6)
    await refund(attempt, 400)
    [given] = await desk.refunds_of(attempt)
    await desk.control("POST", f"/refunds/{given['out_refund_no']}/settle")
    news = desk.opened(await desk.news_of(given["out_refund_no"]))
    news["amount"]["refund"] += change
    answer = await desk.bring(desk.sealed(news, "REFUND.SUCCESS"))
    assert (answer.status_code, answer.json()["code"]) == (422, "FAIL")
    statuses = await desk.shop.database.fetch("SELECT status FROM payments_refunds")
    assert statuses == [("processing",)]
    assert await desk.alerts() == ["refund_mismatch"]


async def give(shop, attempt: Attempt, amount: int, key: str) -> str:
    wish = RefundWish(amount=amount)
    try:
        await refund_order(
            shop, attempt.order, wish, restock="no", reason="", key=key, actor="staff:1"
        )
    except RefundTooMuch:
        return "too much"
    return "given"


async def test_twenty_refunds_of_more_than_half_at_once_give_back_one(desk, attempt, runner, shop):
    await desk.bring(await desk.paid_by_customer(attempt))
    part = attempt.amount * 6 // 10

    outcomes = await asyncio.gather(*(give(shop, attempt, part, f"key-{n}") for n in range(20)))
    assert sorted(outcomes) == ["given", *["too much"] * 19]
    await later(desk, runner, timedelta(minutes=1))
    assert await gave_back(desk, attempt) == [part]
    assert (await desk.order(attempt)).refunded == part
    assert await give(shop, attempt, attempt.amount - part, "rest") == "given"
    await later(desk, runner, timedelta(minutes=1))
    assert sum(await gave_back(desk, attempt)) == attempt.amount
    await is_right(desk)


@pytest.mark.control
@pytest.mark.bar("B22")
async def test_without_the_orders_lock_more_refunds_than_one_are_promised(
    desk, attempt, runner, shop, without_order_locks
):
    """The positive control: the refunds above do meet; WeChat still pays no fen too many."""
    await desk.bring(await desk.paid_by_customer(attempt))
    part = attempt.amount * 6 // 10
    tries = (give(shop, attempt, part, f"key-{number}") for number in range(20))
    assert (await asyncio.gather(*tries)).count("given") > 1
    await later(desk, runner, timedelta(minutes=1))
    assert sum(await gave_back(desk, attempt)) <= attempt.amount


# ------------------------------------------------------------------------------ no database


async def test_a_notice_while_the_database_is_away_is_settled_when_it_comes_again(
    desk, attempt, runner
):
    body = await desk.paid_by_customer(attempt)
    headers = desk.signed(body)
    await desk.shop.database.stop()
    answer = await desk.bring(body, headers)
    assert (answer.status_code, answer.json()["code"]) == (500, "FAIL")
    await desk.shop.database.start()
    assert (await desk.order(attempt)).status == "placed"
    assert (await desk.bring(body, headers)).status_code == 204
    await runner.drain()
    assert (await desk.order(attempt)).status == "paid"
    assert await desk.events(attempt, "order.paid") == 1
    await is_right(desk)


@pytest.mark.parametrize("migrated_database_url", ["postgresql"], indirect=True)
async def test_a_notice_whose_connection_is_cut_is_settled_when_it_comes_again(
    desk, attempt, runner, migrated_database_url
):
    connect = partial(asyncpg.connect, migrated_database_url)
    body = await desk.paid_by_customer(attempt)
    holder, killer = await connect(), await connect()
    try:
        # The notice gets as far as the order's lock, and its connection dies there.
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM orders_orders FOR UPDATE")
            bringing = asyncio.create_task(desk.bring(body))
            pid = await desk.until(lambda: killer.fetchval(WAITING))
            await killer.execute("SELECT pg_terminate_backend($1)", pid)
            answer = await bringing
    finally:
        await holder.close()
        await killer.close()
    assert (answer.status_code, answer.json()["code"]) == (500, "FAIL")
    assert (await desk.order(attempt)).status == "placed"
    assert (await desk.bring(body)).status_code == 204
    await runner.drain()
    assert (await desk.order(attempt)).status == "paid"
    assert await desk.events(attempt, "order.paid") == 1
    await is_right(desk)


WAITING = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def test_wechat_comes_again_by_itself_after_a_failure(desk, attempt, runner, on_its_port):
    await desk.shop.database.stop()
    await desk.control("PUT", "/terms", notices=True)
    await desk.control("POST", f"/orders/{attempt.number}/pay")
    assert (await desk.first_try(attempt.number))["status"] == 500
    await desk.shop.database.start()
    told = await desk.accepted(attempt.number)
    assert told["attempts"][-1]["status"] == 204
    await runner.drain()
    assert (await desk.order(attempt)).status == "paid"
    await is_right(desk)


# ------------------------------------------------------------------------------ somebody else


@pytest.fixture
def independent(simulator, monkeypatch) -> WeChatPay:
    """Somebody else's client for the same merchant."""
    host = property(lambda self: simulator.address, lambda self, value: None)
    monkeypatch.setattr(Core, "_gate_way", host, raising=False)
    return WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=simulator.merchant.mchid,
        private_key=(simulator.keys / "merchant_key.pem").read_text(),
        cert_serial_no=simulator.merchant.serial_no,
        appid=simulator.merchant.appids[0],
        apiv3_key=(simulator.keys / "api_v3_key.txt").read_text(),
        notify_url="http://127.0.0.1:9/notify",
        public_key=(simulator.keys / "platform_public_key.pem").read_text(),
        public_key_id=simulator.merchant.public_key_id,
        timeout=(5, 20),
    )


async def test_an_independent_client_sees_and_closes_what_the_shop_opened(
    desk, attempt, runner, independent
):
    code, answer = await asyncio.to_thread(independent.query, out_trade_no=attempt.number)
    found = json.loads(answer)
    assert (code, found["trade_state"]) == (200, "NOTPAY")
    assert found["amount"] == {"total": attempt.amount, "currency": "CNY"}
    assert (await asyncio.to_thread(independent.close, attempt.number))[0] == 204
    await later(desk, runner, timedelta(seconds=5))
    assert (await desk.attempt(attempt.order)).status == "closed"
    assert (await desk.order(attempt)).status == "placed"


async def test_an_independent_client_sees_what_the_shop_gave_back(
    desk, attempt, refund, independent
):
    await desk.bring(await desk.paid_by_customer(attempt))
    await refund(attempt, 400)
    [given] = await desk.refunds_of(attempt)
    code, answer = await asyncio.to_thread(independent.query_refund, given["out_refund_no"])
    assert (code, json.loads(answer)["amount"]["refund"]) == (200, 400)
    code, answer = await asyncio.to_thread(independent.query, out_trade_no=attempt.number)
    assert (code, json.loads(answer)["trade_state"]) == (200, "REFUND")
