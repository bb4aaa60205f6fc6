"""The simulator answers the merchant's calls as WeChat does, also the wrong ones."""

from datetime import timedelta

import msgspec
import pytest

from jishi_wechat_pay.signature import Signer

MCHID = "1900000109"
ORDER = {
    "appid": "wxd678efh567hg6787",
    "mchid": MCHID,
    "description": "Image形象店-深圳腾大-QQ公仔",
    "out_trade_no": "ATTEMPT0001",
    "notify_url": "https://shop.example/notify/wechat_pay",
    "amount": {"total": 199, "currency": "CNY"},
}
REFUND = {
    "out_trade_no": "ATTEMPT0001",
    "out_refund_no": "REFUND0001",
    "notify_url": "https://shop.example/notify/wechat_pay",
    "amount": {"refund": 99, "total": 199, "currency": "CNY"},
}
NATIVE = "/v3/pay/transactions/native"
REFUNDS = "/v3/refund/domestic/refunds"


class Merchant:
    """Calls the simulator with a signature, right or wrong."""

    def __init__(self, wechat) -> None:
        self.wechat = wechat
        keys = wechat.world.keys
        self.signer = Signer(
            mchid=MCHID, serial_no=keys.merchant.serial_no, private_key=keys.merchant_key
        )

    async def call(self, method, target, message=None, *, headers=None, signer=None, late=0):
        body = msgspec.json.encode(message) if message is not None else b""
        at = self.wechat.clock.now() - timedelta(seconds=late)
        authorization = (signer or self.signer).authorization(method, target, body, at=at)
        all_headers = {"Authorization": authorization} | (headers or {})
        answer = await self.wechat.http.request(
            method, f"http://wechat{target}", content=body, headers=all_headers
        )
        return answer.status_code, answer.json() if answer.content else None

    async def place(self, kind="native", **changes):
        return await self.call("POST", f"/v3/pay/transactions/{kind}", ORDER | changes)

    async def pay(self):
        await self.place(notify_url="http://localhost/notify/wechat_pay")
        await self.wechat.pay("ATTEMPT0001")

    async def refund(self, **changes):
        return await self.call("POST", REFUNDS, REFUND | changes)

    async def code(self, coroutine) -> tuple[int, str]:
        status, answer = await coroutine
        return status, (answer or {}).get("code", "")


@pytest.fixture
def merchant(wechat) -> Merchant:
    return Merchant(wechat)


FORMAT = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"
STALE = "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer x", "WECHATPAY2-SHA256-RSA2048", 'WECHATPAY2-SHA256-RSA2048 mchid="1"', "é"],
)
@pytest.mark.parametrize(
    ("target", "message"),
    [(REFUNDS, FORMAT), ("/v3/certificates", FORMAT), (NATIVE, "签名信息错误，验签失败")],
)
async def test_a_malformed_signature_is_401(merchant, header, target, message):
    method = "GET" if target == "/v3/certificates" else "POST"
    headers = {"Authorization": header.encode()} if header else {}
    answer = await merchant.wechat.http.request(method, f"http://wechat{target}", headers=headers)
    assert (answer.status_code, answer.json()) == (
        401,
        {"code": "SIGN_ERROR", "message": message},
    )


@pytest.mark.parametrize("late", [301, -301, 86400])
async def test_the_time_is_looked_at_before_the_signature(merchant, keys, late):
    stranger = Signer(mchid=MCHID, serial_no="00", private_key=keys.platform_key)
    status, answer = await merchant.call("POST", NATIVE, ORDER, signer=stranger, late=late)
    assert (status, answer["message"]) == (401, STALE)


async def test_a_signature_with_another_key_is_401(merchant, keys):
    signer = msgspec.structs.replace(merchant.signer, private_key=keys.platform_key)
    assert await merchant.call("POST", NATIVE, ORDER, signer=signer) == (
        401,
        {"code": "SIGN_ERROR", "message": "签名错误"},
    )


@pytest.mark.parametrize("change", [{"mchid": "1900000110"}, {"serial_no": "ABCD"}])
async def test_a_stranger_is_401(merchant, change):
    signer = msgspec.structs.replace(merchant.signer, **change)
    status, answer = await merchant.call("POST", NATIVE, ORDER, signer=signer)
    assert (status, answer["code"]) == (401, "SIGN_ERROR")


async def test_a_missing_user_agent_is_400(merchant):
    status, answer = await merchant.call("POST", NATIVE, ORDER, headers={"User-Agent": ""})
    assert (status, answer["detail"]["field"]) == (400, "User-Agent")


async def test_an_unknown_answer_serial_is_400(merchant):
    headers = {"Wechatpay-Serial": "PUB_KEY_ID_0000"}
    status, answer = await merchant.call("POST", NATIVE, ORDER, headers=headers)
    assert (status, answer["detail"]["field"]) == (400, "Wechatpay-Serial")


async def test_unknown_addresses_have_no_body(merchant):
    assert await merchant.call("GET", "/v3/nothing") == (404, None)
    assert await merchant.call("GET", NATIVE) == (405, None)


async def test_each_kind_of_order_answers_in_its_own_way(merchant):
    payer = {"payer": {"openid": "oPayer"}}
    scene = {"scene_info": {"payer_client_ip": "1.2.3.4", "h5_info": {"type": "Wap"}}}
    asked = {"native": {}, "jsapi": payer, "h5": scene, "app": {}}
    answers = {
        kind: (await merchant.place(kind, out_trade_no=f"KIND-{kind}", **more))[1]
        for kind, more in asked.items()
    }
    assert answers["native"]["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")
    assert answers["h5"]["h5_url"].startswith("http://wechat/pay/")
    assert len(answers["jsapi"]["prepay_id"]) == len(answers["app"]["prepay_id"]) == 36


WRONG_ORDERS = {
    "no amount": ({"amount": None}, "/amount"),
    "nothing to pay": ({"amount": {"total": 0}}, "/amount/total"),
    "less than nothing": ({"amount": {"total": -1}}, "/amount/total"),
    "half a fen": ({"amount": {"total": 0.5}}, "/amount/total"),
    "dollars": ({"amount": {"total": 1, "currency": "USD"}}, "/amount/currency"),
    "a short number": ({"out_trade_no": "A1"}, "/out_trade_no"),
    "a long number": ({"out_trade_no": "A" * 33}, "/out_trade_no"),
    "a number with a slash": ({"out_trade_no": "AAAA/AAAA"}, "/out_trade_no"),
    "no description": ({"description": ""}, "/description"),
    "a long description": ({"description": "很" * 128}, "/description"),
    "a notify_url with a query": ({"notify_url": "https://x.example/?a=b"}, "/notify_url"),
    "an open notify_url": ({"notify_url": "http://shop.example/n"}, "/notify_url"),
    "another merchant": ({"mchid": "1900000110"}, "/mchid"),
    "an end in the past": ({"time_expire": "2020-01-01T00:00:00+08:00"}, "/time_expire"),
    "an end without zone": ({"time_expire": "2026-03-01T13:00:00"}, "/time_expire"),
    "an end next year": ({"time_expire": "2027-01-01T00:00:00+08:00"}, "/time_expire"),
}


@pytest.mark.parametrize("name", WRONG_ORDERS)
async def test_a_wrong_order_is_400_with_the_field(merchant, name):
    changes, field = WRONG_ORDERS[name]
    status, answer = await merchant.place(**changes)
    assert (status, answer["code"]) == (400, "PARAM_ERROR")
    assert answer["detail"]["field"] == field


async def test_a_missing_field_is_named(merchant):
    order = {name: value for name, value in ORDER.items() if name != "notify_url"}
    _, answer = await merchant.call("POST", NATIVE, order)
    assert answer["detail"]["field"] == "/notify_url"


@pytest.mark.parametrize(
    ("kind", "field"), [("jsapi", "/payer/openid"), ("h5", "/scene_info/h5_info")]
)
async def test_what_a_kind_needs_is_asked_for(merchant, kind, field):
    _, answer = await merchant.place(kind)
    assert answer["detail"]["field"] == field


async def test_a_foreign_app_does_not_match(merchant):
    assert await merchant.code(merchant.place(appid="wx0000")) == (400, "APPID_MCHID_NOT_MATCH")


async def test_the_same_order_again_gets_the_same_answer(merchant):
    assert await merchant.place() == await merchant.place()


async def test_the_same_number_for_another_order_is_used(merchant):
    await merchant.place()
    other = merchant.place(amount={"total": 200, "currency": "CNY"})
    assert await merchant.code(other) == (403, "OUT_TRADE_NO_USED")


async def test_a_closed_order_cannot_be_placed_again(merchant):
    await merchant.place()
    close = "/v3/pay/transactions/out-trade-no/ATTEMPT0001/close"
    assert await merchant.call("POST", close, {"mchid": MCHID}) == (204, None)
    assert await merchant.code(merchant.place()) == (400, "ORDER_CLOSED")
    assert await merchant.call("POST", close, {"mchid": MCHID}) == (204, None)


async def test_a_paid_order_is_neither_closed_nor_placed_again(merchant):
    await merchant.pay()
    close = "/v3/pay/transactions/out-trade-no/ATTEMPT0001/close"
    closing = merchant.call("POST", close, {"mchid": MCHID})
    assert await merchant.code(closing) == (400, "ORDER_PAID")
    assert await merchant.code(merchant.place()) == (400, "INVALID_REQUEST")


async def test_orders_are_found_by_both_numbers(merchant):
    await merchant.pay()
    base = "/v3/pay/transactions"
    _, ours = await merchant.call("GET", f"{base}/out-trade-no/ATTEMPT0001?mchid={MCHID}")
    _, theirs = await merchant.call("GET", f"{base}/id/{ours['transaction_id']}?mchid={MCHID}")
    assert ours == theirs
    assert (ours["trade_state"], ours["amount"]["payer_total"]) == ("SUCCESS", 199)


@pytest.mark.parametrize("path", ["out-trade-no/NOTHING", "id/4200"])
async def test_an_order_that_is_not_there_is_404(merchant, path):
    query = merchant.call("GET", f"/v3/pay/transactions/{path}?mchid={MCHID}")
    assert await merchant.code(query) == (404, "ORDER_NOT_EXIST")


async def test_a_number_with_stars_and_bars_is_served(merchant):
    await merchant.place(out_trade_no="A|B*C-D_E")
    for written in ("A|B*C-D_E", "A%7CB*C-D_E"):
        target = f"/v3/pay/transactions/out-trade-no/{written}?mchid={MCHID}"
        url = f"http://wechat{target}"
        sent = merchant.wechat.http.build_request("GET", url).url.raw_path.decode()
        status, _ = await merchant.call("GET", sent)
        assert status == 200


async def test_an_order_closes_itself_when_its_time_is_up(merchant):
    end = merchant.wechat.clock.now() + timedelta(minutes=15)
    await merchant.place(time_expire=end.isoformat())
    merchant.wechat.clock.advance(timedelta(minutes=15))
    target = f"/v3/pay/transactions/out-trade-no/ATTEMPT0001?mchid={MCHID}"
    _, answer = await merchant.call("GET", target)
    assert answer["trade_state"] == "CLOSED"


async def test_a_refund_is_processed_then_done(merchant):
    await merchant.pay()
    _, answer = await merchant.refund()
    assert (answer["status"], answer["amount"]["refund"]) == ("PROCESSING", 99)
    await merchant.wechat.settled()
    _, answer = await merchant.call("GET", f"{REFUNDS}/REFUND0001")
    assert answer["status"] == "SUCCESS"
    query = f"/v3/pay/transactions/out-trade-no/ATTEMPT0001?mchid={MCHID}"
    assert (await merchant.call("GET", query))[1]["trade_state"] == "REFUND"


async def test_the_same_refund_again_is_the_same_refund(merchant):
    await merchant.pay()
    _, first = await merchant.refund()
    _, second = await merchant.refund()
    assert first["refund_id"] == second["refund_id"]


WRONG_REFUNDS = {
    "more than was paid": ({"amount": REFUND["amount"] | {"refund": 200}}, "INVALID_REQUEST"),
    "of another total": ({"amount": REFUND["amount"] | {"total": 200}}, "INVALID_REQUEST"),
    "nothing": ({"amount": REFUND["amount"] | {"refund": 0}}, "PARAM_ERROR"),
    "without currency": ({"amount": {"refund": 1, "total": 199}}, "PARAM_ERROR"),
    "of no order": ({"out_trade_no": None}, "PARAM_ERROR"),
    "of an unknown order": ({"out_trade_no": "NOTHING"}, "RESOURCE_NOT_EXISTS"),
    "with a long number": ({"out_refund_no": "R" * 65}, "PARAM_ERROR"),
    "with a long reason": ({"reason": "因" * 81}, "PARAM_ERROR"),
}


@pytest.mark.parametrize("name", WRONG_REFUNDS)
async def test_a_wrong_refund_is_refused(merchant, name):
    await merchant.pay()
    changes, code = WRONG_REFUNDS[name]
    assert (await merchant.code(merchant.refund(**changes)))[1] == code
    assert merchant.wechat.world.refunds == {}


async def test_refunds_together_never_exceed_the_payment(merchant):
    await merchant.pay()
    codes = [
        await merchant.code(merchant.refund(out_refund_no=f"R{number}")) for number in range(3)
    ]
    assert codes == [(200, ""), (200, ""), (400, "INVALID_REQUEST")]


async def test_the_number_of_a_refund_is_not_reused_for_another(merchant):
    await merchant.pay()
    await merchant.refund()
    again = merchant.refund(amount=REFUND["amount"] | {"refund": 1})
    assert await merchant.code(again) == (400, "INVALID_REQUEST")


async def test_an_unpaid_order_cannot_be_refunded(merchant):
    await merchant.place()
    assert await merchant.code(merchant.refund()) == (400, "INVALID_REQUEST")


async def test_a_fifty_first_refund_is_refused(merchant):
    await merchant.pay()
    one = REFUND["amount"] | {"refund": 1}
    codes = [
        (await merchant.code(merchant.refund(out_refund_no=f"R{number}", amount=one)))[0]
        for number in range(51)
    ]
    assert codes == [200] * 50 + [400]


async def test_a_merchant_short_of_money_cannot_refund(merchant):
    await merchant.pay()
    await merchant.wechat.control("PUT", "/terms", balance=98)
    assert await merchant.code(merchant.refund()) == (403, "NOT_ENOUGH")


async def test_refunds_of_one_order_may_have_to_wait(merchant):
    await merchant.pay()
    await merchant.wechat.control("PUT", "/terms", refund_spacing=60)
    await merchant.refund()
    soon = merchant.refund(out_refund_no="REFUND0002")
    assert await merchant.code(soon) == (429, "FREQUENCY_LIMITED")


async def test_an_unknown_refund_is_404(merchant):
    query = merchant.call("GET", f"{REFUNDS}/NOTHING")
    assert await merchant.code(query) == (404, "RESOURCE_NOT_EXISTS")


async def test_a_merchant_with_a_public_key_has_no_certificates(merchant):
    asking = merchant.call("GET", "/v3/certificates")
    assert await merchant.code(asking) == (404, "RESOURCE_NOT_EXISTS")


async def test_calls_fail_as_often_as_they_are_told_to(merchant):
    fail = {"fail": 2, "status": 429, "code": "FREQUENCY_LIMITED", "message": "频率超限"}
    await merchant.wechat.control("PUT", "/faults", answers=fail)
    codes = [await merchant.code(merchant.place()) for _ in range(3)]
    assert codes == [(429, "FREQUENCY_LIMITED"), (429, "FREQUENCY_LIMITED"), (200, "")]


async def test_faults_can_be_kept_to_some_calls(merchant):
    await merchant.wechat.control("PUT", "/faults", answers={"fail": -1, "only": REFUNDS})
    assert (await merchant.place())[0] == 200
    assert (await merchant.refund())[0] == 500


async def test_an_unknown_fault_is_refused(merchant):
    answer = await merchant.wechat.http.put("http://wechat/_control/faults", json={"answer": {}})
    assert answer.status_code == 400


async def test_the_simulator_remembers_the_calls(merchant):
    await merchant.place()
    [call] = await merchant.wechat.control("GET", "/calls")
    assert (call["call"], call["status"]) == (f"POST {NATIVE}", 200)
