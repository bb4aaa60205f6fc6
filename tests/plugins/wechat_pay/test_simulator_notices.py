"""The simulator delivers notices as WeChat does, and as badly as it is told to."""

from datetime import datetime, timedelta
from itertools import pairwise

import msgspec
import pytest

from jishi.payments import NoticeRefused
from jishi_wechat_pay.simulator import RETRY_AFTER, orders
from jishi_wechat_pay.simulator.incoming import OrderIn
from jishi_wechat_pay.simulator.till import changed

ORDER = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1900000109",
    "description": "苹果",
    "notify_url": "http://localhost/notify/wechat_pay",
    "amount": {"total": 199, "currency": "CNY"},
}


@pytest.fixture
def order(wechat):
    """Places an order at the simulator, without the detour over a signature."""

    def place(number: str) -> str:
        asked = msgspec.convert(ORDER | {"out_trade_no": number}, OrderIn)
        orders.place(wechat.world, "native", asked)
        return number

    return place


@pytest.fixture
def shop_that_verifies(wechat, gateway):
    """Lets the shop answer as our gateway judges; keeps what it believed."""
    believed = []

    async def judge(headers, body) -> int:
        try:
            believed.append(await gateway.read_notice(headers, body, wechat.clock.now()))
        except NoticeRefused as refused:
            return refused.status
        return 204

    wechat.shop.judge = judge
    return believed


async def test_a_payment_is_told_once_when_the_shop_says_yes(wechat, order, shop_that_verifies):
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    [notice] = shop_that_verifies
    assert (notice.report.attempt, notice.report.amount) == ("ATTEMPT0001", 199)


@pytest.mark.parametrize("status", [200, 204])
async def test_two_answers_mean_yes(wechat, order, status):
    wechat.shop.answers = [status]
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    assert len(wechat.shop.notices) == 1


@pytest.mark.parametrize("status", [201, 302, 400, 401, 500, 503])
async def test_every_other_answer_means_again(wechat, order, status):
    wechat.shop.answers = [status]
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    assert len(wechat.shop.notices) == 2


async def test_refused_notices_follow_the_schedule_to_its_end(wechat, order):
    wechat.shop.answers = [500] * 100
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    [notice] = await wechat.control("GET", "/notices")
    times = [msgspec.convert(a["at"], datetime) for a in notice["attempts"]]
    gaps = [(late - early).total_seconds() for early, late in pairwise(times)]
    assert gaps == list(RETRY_AFTER)
    assert notice["given_up"]
    assert sum(RETRY_AFTER) == timedelta(hours=24, minutes=4).total_seconds()


async def test_speed_divides_the_schedule(wechat, order):
    wechat.world.speed = 60
    wechat.shop.answers = [500] * 100
    begin = wechat.clock.now()
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    assert wechat.clock.now() - begin == timedelta(hours=24, minutes=4) / 60


async def test_a_notice_keeps_its_id_and_changes_its_signature(wechat, order):
    wechat.shop.answers = [500]
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    (first, first_body), (second, second_body) = wechat.shop.notices
    assert first_body == second_body
    assert first["wechatpay-nonce"] != second["wechatpay-nonce"]


async def test_duplicates_come_at_once_with_signatures_of_their_own(
    wechat, order, shop_that_verifies
):
    await wechat.control("PUT", "/faults", notices={"duplicate": 9})
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    assert len(shop_that_verifies) == 10
    assert len({notice.id for notice in shop_that_verifies}) == 1


async def test_replays_are_identical_to_the_byte_and_name_one_notice(
    wechat, order, shop_that_verifies
):
    await wechat.control("PUT", "/faults", notices={"duplicate": 99, "replay": True})
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    assert len(wechat.shop.notices) == 100
    assert len({headers["wechatpay-nonce"] for headers, _ in wechat.shop.notices}) == 1
    assert len(shop_that_verifies) == 100
    assert len({notice.id for notice in shop_that_verifies}) == 1


async def test_a_mis_signed_notice_is_refused_and_comes_again(wechat, order, shop_that_verifies):
    await wechat.control("PUT", "/faults", notices={"mis_sign": 1})
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    [notice] = await wechat.control("GET", "/notices")
    assert [attempt["status"] for attempt in notice["attempts"]] == [401, 204]
    assert len(shop_that_verifies) == 1


async def test_a_probe_is_refused_and_the_notice_after_it_accepted(
    wechat, order, shop_that_verifies
):
    await wechat.control("PUT", "/faults", notices={"probe": 1})
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    [notice] = await wechat.control("GET", "/notices")
    found = [(attempt["kind"], attempt["status"]) for attempt in notice["attempts"]]
    assert found == [("probe", 401), ("notice", 204)]


async def test_a_notice_of_another_time_is_refused_and_comes_again(
    wechat, order, shop_that_verifies
):
    await wechat.control("PUT", "/faults", notices={"wrong_time": 1, "time_offset": 600})
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    [notice] = await wechat.control("GET", "/notices")
    assert [attempt["status"] for attempt in notice["attempts"]] == [401, 204]


async def test_a_dropped_notice_comes_again(wechat, order, shop_that_verifies):
    await wechat.control("PUT", "/faults", notices={"drop": 2})
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    [notice] = await wechat.control("GET", "/notices")
    kinds = [attempt["kind"] for attempt in notice["attempts"]]
    assert kinds == ["dropped", "dropped", "notice"]


async def test_all_notices_can_be_lost(wechat, order):
    await wechat.control("PUT", "/faults", notices={"drop": -1})
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    assert wechat.shop.notices == []


async def test_notices_can_be_switched_off_and_sent_later(wechat, order, shop_that_verifies):
    await wechat.control("PUT", "/terms", notices=False)
    await wechat.pay(order("ATTEMPT0001"))
    [notice] = await wechat.control("GET", "/notices")
    assert wechat.shop.notices == []
    await wechat.control("POST", f"/notices/{notice['id']}/send")
    await wechat.settled()
    assert len(shop_that_verifies) == 1


async def test_notices_can_overtake_each_other(wechat, order, shop_that_verifies):
    await wechat.control("PUT", "/faults", notices={"reorder": 3})
    for number in ("ATTEMPT0001", "ATTEMPT0002", "ATTEMPT0003"):
        await wechat.pay(order(number))
    await wechat.settled()
    attempts = [notice.report.attempt for notice in shop_that_verifies]
    assert attempts == ["ATTEMPT0003", "ATTEMPT0002", "ATTEMPT0001"]


async def test_held_notices_go_when_the_fault_is_cleared(wechat, order, shop_that_verifies):
    await wechat.control("PUT", "/faults", notices={"reorder": 3})
    await wechat.pay(order("ATTEMPT0001"))
    await wechat.settled()
    assert shop_that_verifies == []
    await wechat.http.delete("http://wechat/_control/faults")
    await wechat.settled()
    assert len(shop_that_verifies) == 1


async def test_the_customers_notice_can_be_tampered_with(wechat, order, shop_that_verifies):
    await wechat.pay(order("ATTEMPT0001"), changes={"amount": {"total": 1}, "attach": None})
    await wechat.settled()
    assert shop_that_verifies[0].report.amount == 1


async def test_money_can_arrive_after_the_end(wechat, order, shop_that_verifies):
    number = order("ATTEMPT0001")
    wechat.clock.advance(timedelta(hours=2))
    answer = await wechat.http.post(f"http://wechat/_control/orders/{number}/pay", json={})
    assert answer.status_code == 409
    await wechat.pay(number, timing="late")
    await wechat.settled()
    assert shop_that_verifies[0].report.status == "paid"


async def test_a_customer_pays_once(wechat, order):
    await wechat.pay(order("ATTEMPT0001"))
    for timing in ("now", "late"):
        answer = await wechat.http.post(
            "http://wechat/_control/orders/ATTEMPT0001/pay", json={"timing": timing}
        )
        assert answer.status_code == 409


async def test_one_notice_in_two_is_signed_with_the_certificate_during_the_switch(wechat, order):
    wechat.world.terms.mode = "mixed"
    for number in ("ATTEMPT0001", "ATTEMPT0002"):
        await wechat.pay(order(number))
    await wechat.settled()
    serials = {headers["wechatpay-serial"] for headers, _ in wechat.shop.notices}
    keys = wechat.world.keys
    assert serials == {keys.merchant.public_key_id, keys.certificate_serial}


def test_changes_reach_into_the_depth():
    news = {"a": {"b": 1, "c": 2}, "d": 3}
    assert changed(news, {"a": {"b": None, "e": 4}, "d": {"f": 5}}) == {
        "a": {"c": 2, "e": 4},
        "d": {"f": 5},
    }
