"""WeChat's pushes reach the shop: believed, acted on once, and never more than WeChat confirms."""

from urllib.parse import urlencode

import pytest

from jishi.orders import find_order, ship_order
from jishi_wechat_miniprogram.frozen_money import frozen_money

APPID = "wxba5fad812f8e6fb9"
PATH = f"/wechat_miniprogram/notify/{APPID}"
GET_ORDER = "/wxa/sec/order/get_order"
SETTLED = "trade_manage_order_settlement"
BOTH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])


@pytest.fixture
def bring(client, wechat, shop):
    """Have WeChat write a push at the shop's time, and bring it."""

    async def bring(event: str, members: dict, times: int = 1, **changes: str):
        letter = await wechat.control(
            "POST",
            "/pushes",
            appid=APPID,
            event=event,
            members=members,
            timestamp=int(shop.clock.now().timestamp()),
        )
        query = urlencode(letter["query"] | changes)
        headers = {"content-type": "text/plain"}  # nobody says what WeChat writes there
        for _ in range(times):
            answer = await client.post(f"{PATH}?{query}", content=letter["body"], headers=headers)
        return answer

    return bring


@pytest.fixture
async def shipped(person, seller, shop, runner):
    await seller.product("tea")
    lei = person("lei")
    await lei.log_in()
    order, transaction = await lei.pays({"tea": 1})
    await ship_order(shop, order, "test", "k1", carrier="圆通", tracking="YT1")
    await runner.drain()
    return order, transaction


@BOTH
async def test_received_goods_complete_the_order_once(bring, shipped, shop, wechat, runner):
    order, transaction = shipped
    await wechat.control("POST", f"/payments/{transaction}/receive")
    answer = await bring(SETTLED, {"transaction_id": transaction}, times=3)
    assert (answer.status_code, answer.text) == (200, "success")
    await runner.drain()
    assert (await find_order(shop.database, order)).status == "completed"
    assert len(await wechat.calls(GET_ORDER)) == 1
    rows = await shop.database.fetch("SELECT event FROM wechat_miniprogram_pushes")
    assert rows == [(SETTLED,)]


async def test_a_payout_is_noted(bring, shipped, shop, wechat, runner):
    _, transaction = shipped
    await wechat.control("POST", f"/payments/{transaction}/settle")
    await bring(SETTLED, {"transaction_id": transaction})
    await runner.drain()
    rows = await shop.database.fetch("SELECT state, settled_at FROM wechat_miniprogram_uploads")
    assert rows == [("settled", shop.clock.now())]


async def test_a_push_is_only_a_hint(bring, shipped, shop, wechat, runner):
    order, transaction = shipped
    await bring(SETTLED, {"transaction_id": transaction, "confirm_receive_method": 2})
    await runner.drain()
    assert (await find_order(shop.database, order)).status == "fulfilling"


async def test_a_push_about_somebody_elses_payment_changes_nothing(bring, wechat, runner):
    answer = await bring(SETTLED, {"transaction_id": "T-strange"})
    await runner.drain()
    assert answer.status_code == 200
    assert await wechat.calls(GET_ORDER) == []


async def test_a_reminder_is_noted(bring, person, seller, shop, account, runner):
    await seller.product("tea")
    lei = person("lei")
    await lei.log_in()
    _, transaction = await lei.pays({"tea": 1})
    await bring("trade_manage_remind_shipping", {"transaction_id": transaction})
    await runner.drain()
    [(reminded,)] = await shop.database.fetch("SELECT reminded_at FROM wechat_miniprogram_uploads")
    assert reminded == shop.clock.now()
    (payment,) = (await frozen_money(account)).payments
    assert (payment.why, payment.reminded_at) == ("not_shipped", reminded)


async def test_a_forged_push_is_refused(bring, shop):
    for forged in ({"msg_signature": "0" * 40}, {"nonce": "other"}, {"timestamp": "1"}):
        answer = await bring(SETTLED, {"transaction_id": "T1"}, **forged)
        assert answer.status_code == 401
    assert await shop.database.fetch("SELECT id FROM wechat_miniprogram_pushes") == []


async def test_a_push_for_one_app_is_refused_at_anothers_address(client, shop):
    answer = await client.get("/wechat_miniprogram/notify/wx00000000000other?timestamp=1")
    assert answer.status_code == 404


async def test_the_address_is_wechats_to_ask_for(client, shop, wechat):
    from jishi_wechat_miniprogram.push_seal import signature

    stamp = str(int(shop.clock.now().timestamp()))
    query = {"timestamp": stamp, "nonce": "n", "echostr": "4375120948345356249"}
    right = urlencode(query | {"signature": signature("AAAAA", stamp, "n")})
    answer = await client.get(f"{PATH}?{right}")
    assert (answer.status_code, answer.text) == (200, "4375120948345356249")
    wrong = urlencode(query | {"signature": signature("BBBBB", stamp, "n")})
    assert (await client.get(f"{PATH}?{wrong}")).status_code == 401


class TestConsents:
    """Where WeChat's word counts, and not the client's."""

    @pytest.fixture
    def more_settings(self):
        return {"consents": "push"}

    async def test_yes_and_no_are_counted_as_wechat_tells_them(self, bring, person, wechat):
        lei = person("lei")
        await lei.log_in()
        await lei.agree("template-team")

        async def left() -> int:
            shown = (await lei.send("GET", "/wechat_miniprogram/consents")).json()["items"]
            return {one["template"]: one["remaining"] for one in shown}["template-team"]

        assert await left() == 0  # the client's word
        openid = await wechat.openid("lei")
        said = {"TemplateId": "template-team", "SubscribeStatusString": "accept"}
        members = {"FromUserName": openid, "List": [said]}
        await bring("subscribe_msg_popup_event", members, times=3)
        assert await left() == 1
        taken = said | {"SubscribeStatusString": "reject"}
        await bring("subscribe_msg_change_event", {"FromUserName": openid, "List": taken})
        assert await left() == 0

    async def test_strangers_are_nobody(self, bring, wechat, shop):
        said = {"TemplateId": "template-team", "SubscribeStatusString": "accept"}
        members = {"FromUserName": "o-stranger", "List": [said]}
        assert (await bring("subscribe_msg_popup_event", members)).status_code == 200
        assert await shop.database.fetch("SELECT id FROM wechat_miniprogram_consents") == []
