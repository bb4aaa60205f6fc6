"""The gateway against the simulator: the shop's contract over WeChat's API."""

from datetime import timedelta

import msgspec
import pytest

from jishi.payments import (
    GatewayRefused,
    GatewayUnknown,
    PaymentRef,
    PaymentReport,
    PaymentRequest,
    RefundRequest,
)
from jishi_wechat_pay import ChannelSettings, WechatGateway
from jishi_wechat_pay.signature import is_signed

MCHID = "1900000109"
APPID = "wxd678efh567hg6787"
NOTIFY = "http://localhost/notify/wechat_pay"
ATTEMPT = PaymentRef(attempt="ATTEMPT0001", merchant=MCHID, app=APPID)


@pytest.fixture
def request_for(clock):
    def make(**changes) -> PaymentRequest:
        whole = {
            "attempt": "ATTEMPT0001",
            "method": "native",
            "amount": 199,
            "currency": "CNY",
            "description": "苹果 1 件",
            "expires_at": clock.now() + timedelta(minutes=30),
            "notify_url": NOTIFY,
        }
        return PaymentRequest(**whole | changes)

    return make


def refund_of(amount: int, number: str = "REFUND0001") -> RefundRequest:
    return RefundRequest(
        refund=number,
        payment=ATTEMPT,
        amount=amount,
        captured=199,
        currency="CNY",
        reason="少了一件",
        notify_url=NOTIFY,
    )


@pytest.fixture
async def paid(gateway, wechat, request_for):
    await gateway.create(request_for())
    await wechat.pay("ATTEMPT0001")


async def test_a_native_payment_gets_a_code_to_scan(gateway, request_for):
    started = await gateway.create(request_for())
    assert (started.merchant, started.app) == (MCHID, APPID)
    assert started.parameters["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")


async def test_a_jsapi_payment_gets_signed_parameters(gateway, request_for, keys):
    started = await gateway.create(request_for(method="jsapi", payer={"openid": "oPayer"}))
    given = started.parameters
    assert given["package"] == f"prepay_id={started.reference}"
    text = "".join(f"{given[n]}\n" for n in ("appId", "timeStamp", "nonceStr", "package"))
    assert is_signed(text.encode(), given["paySign"], keys.merchant_key.public_key())


async def test_a_mini_program_pays_through_its_own_app(settings, wechat, clock, request_for):
    own = {"mini": ChannelSettings(appid="wxminiprogram", methods=("mini_program",))}
    gateway = WechatGateway(msgspec.structs.replace(settings, channels=own), clock, wechat.http)
    assert [method.code for method in gateway.methods("mini")] == ["mini_program"]
    assert [method.code for method in gateway.methods("web")] == ["native", "jsapi", "h5"]
    request = request_for(method="mini_program", channel="mini", payer={"openid": "oPayer"})
    started = await gateway.create(request)
    assert started.app == wechat.world.orders["ATTEMPT0001"].appid == "wxminiprogram"
    assert "appId" not in started.parameters


async def test_an_h5_payment_leads_back_to_the_shop(gateway, request_for):
    request = request_for(
        method="h5",
        payer={"address": "203.0.113.9"},
        return_url="https://shop.example/orders/1?x=2",
    )
    url = (await gateway.create(request)).parameters["h5_url"]
    assert url.endswith("?redirect_url=https%3A%2F%2Fshop.example%2Forders%2F1%3Fx%3D2")


@pytest.mark.parametrize("method", ["jsapi", "h5"])
async def test_a_payer_who_is_not_known_well_enough_is_refused(gateway, request_for, method):
    with pytest.raises(GatewayRefused, match="needs the payer's"):
        await gateway.create(request_for(method=method))


@pytest.mark.parametrize("method", ["cash", "app", ""])
async def test_a_method_that_is_not_offered_is_refused(gateway, request_for, method):
    with pytest.raises(GatewayRefused, match="not a way to pay"):
        await gateway.create(request_for(method=method))


async def test_the_same_attempt_may_be_asked_again(gateway, request_for):
    assert await gateway.create(request_for()) == await gateway.create(request_for())


async def test_the_same_attempt_for_another_amount_is_refused(gateway, request_for):
    await gateway.create(request_for())
    with pytest.raises(GatewayRefused) as refused:
        await gateway.create(request_for(amount=1))
    assert refused.value.code == "OUT_TRADE_NO_USED"


async def test_a_long_description_is_cut_between_characters(gateway, wechat, request_for):
    await gateway.create(request_for(description="很" * 100))
    assert wechat.world.orders["ATTEMPT0001"].description == "很" * 42


async def test_the_payment_ends_when_the_shop_says(gateway, wechat, request_for):
    request = request_for()
    await gateway.create(request)
    assert wechat.world.orders["ATTEMPT0001"].expires_at == request.expires_at


@pytest.mark.parametrize("fault", [{"fail": 1}, {"mis_sign": 1}])
async def test_without_an_answer_to_trust_a_payment_is_unknown(
    gateway, wechat, request_for, fault
):
    await wechat.control("PUT", "/faults", answers=fault)
    with pytest.raises(GatewayUnknown):
        await gateway.create(request_for())


@pytest.mark.parametrize(("status", "code"), [(429, "FREQUENCY_LIMITED"), (202, "USERPAYING")])
async def test_come_again_later_is_unknown_too(gateway, wechat, request_for, status, code):
    fail = {"fail": 1, "status": status, "code": code}
    await wechat.control("PUT", "/faults", answers=fail)
    with pytest.raises(GatewayUnknown):
        await gateway.create(request_for())


async def test_a_waiting_payment_waits(gateway, request_for):
    await gateway.create(request_for())
    assert (await gateway.query(ATTEMPT)).status == "waiting"


async def test_a_payment_that_wechat_does_not_know_waits_too(gateway):
    assert await gateway.query(ATTEMPT) == PaymentReport(attempt="ATTEMPT0001", status="waiting")


async def test_a_paid_payment_is_reported_whole(gateway, wechat, paid):
    report = await gateway.query(ATTEMPT)
    assert report == PaymentReport(
        attempt="ATTEMPT0001",
        status="paid",
        transaction=wechat.world.orders["ATTEMPT0001"].transaction_id,
        amount=199,
        currency="CNY",
        merchant=MCHID,
        app=APPID,
        paid_at=wechat.clock.now(),
    )


async def test_a_notice_says_what_a_query_says(gateway, wechat, paid):
    await wechat.settled()
    headers, body = wechat.shop.notices[0]
    notice = await gateway.read_notice(headers, body, wechat.clock.now())
    assert notice.report == await gateway.query(ATTEMPT)


async def test_a_refunded_payment_is_still_a_paid_one(gateway, paid):
    await gateway.refund(refund_of(99))
    assert (await gateway.query(ATTEMPT)).status == "paid"


async def test_a_closed_payment_cannot_be_made(gateway, wechat, request_for):
    await gateway.create(request_for())
    await gateway.close(ATTEMPT)
    await gateway.close(ATTEMPT)
    assert (await gateway.query(ATTEMPT)).status == "closed"
    answer = await wechat.http.post("http://wechat/_control/orders/ATTEMPT0001/pay", json={})
    assert answer.status_code == 409


async def test_closing_what_was_never_placed_is_fine(gateway, wechat):
    await gateway.close(ATTEMPT)
    [call] = wechat.world.calls
    assert call.code == "ORDER_NOT_EXIST"


async def test_a_paid_payment_is_not_closed(gateway, paid):
    with pytest.raises(GatewayRefused) as refused:
        await gateway.close(ATTEMPT)
    assert refused.value.code == "ORDER_PAID"


async def test_a_refund_is_processed_and_then_done(gateway, wechat, paid):
    started = await gateway.refund(refund_of(99))
    assert (started.status, started.amount, started.currency) == ("processing", 99, "CNY")
    await wechat.settled()
    assert (await gateway.query_refund("REFUND0001", ATTEMPT)).status == "refunded"
    headers, body = wechat.shop.notices[-1]
    told = (await gateway.read_notice(headers, body, wechat.clock.now())).report
    assert (told.refund, told.status, told.amount) == ("REFUND0001", "refunded", 99)


@pytest.mark.parametrize(("outcome", "status"), [("ABNORMAL", "abnormal"), ("CLOSED", "closed")])
async def test_a_refund_that_fails_says_how(gateway, wechat, paid, outcome, status):
    await wechat.control("PUT", "/terms", refund_outcome=outcome)
    await gateway.refund(refund_of(99))
    await wechat.settled()
    assert (await gateway.query_refund("REFUND0001", ATTEMPT)).status == status


async def test_a_refund_asked_twice_is_one(gateway, wechat, paid):
    first = await gateway.refund(refund_of(99))
    second = await gateway.refund(refund_of(99))
    assert first.reference == second.reference
    assert len(wechat.world.refunds) == 1


async def test_more_than_was_paid_is_not_given_back(gateway, paid):
    with pytest.raises(GatewayRefused) as refused:
        await gateway.refund(refund_of(200))
    assert refused.value.code == "INVALID_REQUEST"


async def test_a_number_used_for_another_refund_is_refused(gateway, paid):
    await gateway.refund(refund_of(99))
    with pytest.raises(GatewayRefused):
        await gateway.refund(refund_of(98))


async def test_a_refusal_of_a_refund_that_exists_is_looked_up(gateway, wechat, paid):
    await gateway.refund(refund_of(99))
    fail = {"fail": 1, "status": 400, "code": "INVALID_REQUEST", "only": "POST"}
    await wechat.control("PUT", "/faults", answers=fail)
    assert (await gateway.refund(refund_of(99))).amount == 99


async def test_a_merchant_short_of_money_is_told_so(gateway, wechat, paid):
    await wechat.control("PUT", "/terms", balance=0)
    with pytest.raises(GatewayRefused) as refused:
        await gateway.refund(refund_of(99))
    assert refused.value.code == "NOT_ENOUGH"


async def test_a_refund_too_soon_after_another_may_be_tried_later(gateway, wechat, paid):
    await wechat.control("PUT", "/terms", refund_spacing=60)
    await gateway.refund(refund_of(1, "REFUND0001"))
    with pytest.raises(GatewayUnknown):
        await gateway.refund(refund_of(1, "REFUND0002"))


async def test_a_refund_that_wechat_never_heard_of_is_none(gateway):
    assert await gateway.query_refund("REFUND0001", ATTEMPT) is None


async def test_everything_works_with_certificates_as_well(
    certificate_settings, wechat, clock, request_for
):
    wechat.world.terms.mode = "certificates"
    gateway = WechatGateway(certificate_settings, clock, wechat.http)
    await gateway.create(request_for())
    await wechat.pay("ATTEMPT0001")
    await wechat.settled()
    headers, body = wechat.shop.notices[0]
    notice = await gateway.read_notice(headers, body, clock.now())
    assert notice.report == await gateway.query(ATTEMPT)
    fetched = [call for call in wechat.world.calls if call.call == "GET /v3/certificates"]
    assert len(fetched) == 1


def test_an_accepted_notice_is_answered_with_nothing(gateway):
    answer = gateway.answer(None)
    assert (answer.status, answer.body) == (204, b"")


def test_a_notice_to_be_delivered_again_is_answered_with_fail(gateway):
    answer = gateway.answer("数据库忙")
    assert answer.status == 500
    assert msgspec.json.decode(answer.body) == {"code": "FAIL", "message": "数据库忙"}
