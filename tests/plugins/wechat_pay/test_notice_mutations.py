"""A notice is accepted whole or not at all: every part of it altered, removed or out of date."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from jishi.payments import NoticeRefused, PaymentReport
from jishi_wechat_pay.problems import NotTrusted
from jishi_wechat_pay.resource import seal_resource
from jishi_wechat_pay.simulator.answers import certificate_seal, probing, public_key_seal, stamp

PAYMENT = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1900000109",
    "out_trade_no": "ATTEMPT0001",
    "transaction_id": "4200000001202603010000000001",
    "trade_type": "NATIVE",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "success_time": "2026-03-01T12:00:00+08:00",
    "payer": {"openid": "oPayer"},
    "amount": {"total": 199, "payer_total": 199, "currency": "CNY", "payer_currency": "CNY"},
}
REFUND = {
    "mchid": "1900000109",
    "out_trade_no": "ATTEMPT0001",
    "transaction_id": "4200000001202603010000000001",
    "out_refund_no": "REFUND0001",
    "refund_id": "50300000012026030100000000001",
    "refund_status": "SUCCESS",
    "amount": {"total": 199, "refund": 99, "payer_total": 199, "payer_refund": 99},
}


class Post:
    """Writes notices as WeChat does, and as WeChat never would."""

    def __init__(self, wechat, gateway) -> None:
        self.world = wechat.world
        self.gateway = gateway

    def envelope(self, news=PAYMENT, event="TRANSACTION.SUCCESS", **changes):
        kind = event.partition(".")[0].lower()
        plain = news if isinstance(news, bytes) else msgspec.json.encode(news)
        resource = seal_resource(
            plain,
            self.world.keys.api_v3_key,
            nonce="0123456789ab",
            associated_data=kind,
            original_type=kind,
        )
        envelope = {
            "id": "EV-1",
            "create_time": "2026-03-01T12:00:00+08:00",
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": "支付成功",
            "resource": msgspec.to_builtins(resource),
        }
        return envelope | changes

    def seal(self, body: bytes, **kwargs):
        return stamp(self.world, body, public_key_seal(self.world), **kwargs)

    async def read(self, headers, body):
        small = {name.lower(): value for name, value in headers.items()}
        return await self.gateway.read_notice(small, body, self.world.clock.now())

    async def status_of(self, headers, body) -> int:
        with pytest.raises(NoticeRefused) as refused:
            await self.read(headers, body)
        return refused.value.status


@pytest.fixture
def notices(wechat, gateway) -> Post:
    return Post(wechat, gateway)


async def test_the_unchanged_notice_is_accepted(notices):
    body = msgspec.json.encode(notices.envelope())
    notice = await notices.read(notices.seal(body), body)
    assert notice.id == "EV-1"
    assert notice.report == PaymentReport(
        attempt="ATTEMPT0001",
        status="paid",
        transaction="4200000001202603010000000001",
        amount=199,
        currency="CNY",
        merchant="1900000109",
        app="wxd678efh567hg6787",
        paid_at=notices.world.clock.now(),
    )


@pytest.mark.parametrize(
    "name", ["Timestamp", "Nonce", "Signature", "Serial"], ids=lambda name: f"without {name}"
)
@pytest.mark.parametrize("change", ["removed", "emptied", "altered"])
@pytest.mark.bar("B11")
async def test_each_signature_header_counts(notices, name, change):
    body = msgspec.json.encode(notices.envelope())
    headers = notices.seal(body)
    header = f"Wechatpay-{name}"
    if change == "removed":
        del headers[header]
    elif change == "emptied":
        headers[header] = ""
    else:
        last = headers[header][-1]
        headers[header] = headers[header][:-1] + ("1" if last != "1" else "2")
    assert await notices.status_of(headers, body) == 401


HEADER_MUTATIONS: dict[str, Callable[[dict], dict]] = {
    "no headers at all": lambda headers: {},
    "another scheme": lambda headers: headers | {"Wechatpay-Signature-Type": "RSA"},
    "a probe": probing,
    "a probe that hides a good signature": lambda headers: (
        headers | {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"]}
    ),
    "a serial of a certificate we never got": lambda headers: (
        headers | {"Wechatpay-Serial": "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC"}
    ),
    "a serial with a newline": lambda headers: headers | {"Wechatpay-Serial": "PUB_KEY_ID_\n1"},
}


@pytest.mark.parametrize("name", HEADER_MUTATIONS)
async def test_headers_that_prove_nothing_are_refused(notices, name):
    body = msgspec.json.encode(notices.envelope())
    headers = HEADER_MUTATIONS[name](notices.seal(body))
    assert await notices.status_of(headers, body) == 401


@pytest.mark.parametrize("seconds", [-3600, -600, -300, 300, 600])
@pytest.mark.bar("B11")
async def test_a_stale_notice_is_refused(notices, seconds):
    body = msgspec.json.encode(notices.envelope())
    headers = notices.seal(body, offset=timedelta(seconds=seconds))
    assert await notices.status_of(headers, body) == 401


async def test_a_notice_of_somebody_elses_key_is_refused(notices):
    body = msgspec.json.encode(notices.envelope())
    headers = stamp(notices.world, body, certificate_seal(notices.world))
    headers["Wechatpay-Serial"] = notices.world.keys.merchant.public_key_id
    assert await notices.status_of(headers, body) == 401


BODY_MUTATIONS: dict[str, Callable[[bytes], bytes]] = {
    "one space more": lambda body: body + b" ",
    "another event": lambda body: body.replace(b"TRANSACTION.SUCCESS", b"REFUND.SUCCESS"),
    "another id": lambda body: body.replace(b"EV-1", b"EV-2"),
    "empty": lambda body: b"",
    "cut in the middle": lambda body: body[: len(body) // 2],
    "re-serialised": lambda body: msgspec.json.format(body),
}


@pytest.mark.parametrize("name", BODY_MUTATIONS)
@pytest.mark.bar("B11")
async def test_a_body_changed_after_signing_is_refused(notices, name):
    body = msgspec.json.encode(notices.envelope())
    assert await notices.status_of(notices.seal(body), BODY_MUTATIONS[name](body)) == 401


async def test_an_enormous_body_is_refused_unread(notices):
    body = b'{"id":"' + b"x" * 11_000_000 + b'"}'
    assert await notices.status_of(notices.seal(body), body) == 401


XML = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<xml><return_code>SUCCESS</return_code><total_fee>&e;</total_fee></xml>"""


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b"\xff\xfe", XML, b'{"x":' + b"[" * 60_000],
    ids=["empty", "null", "a list", "an empty object", "not UTF-8", "XML", "deep"],
)
async def test_a_signed_body_that_is_no_notice_is_refused(notices, body):
    assert await notices.status_of(notices.seal(body), body) == 400


@pytest.mark.parametrize(
    "member", ["id", "create_time", "resource_type", "event_type", "resource"]
)
async def test_each_member_of_the_envelope_is_needed(notices, member):
    envelope = notices.envelope()
    del envelope[member]
    body = msgspec.json.encode(envelope)
    assert await notices.status_of(notices.seal(body), body) == 400


RESOURCE_MUTATIONS = {
    "no ciphertext": lambda r: {k: v for k, v in r.items() if k != "ciphertext"},
    "no nonce": lambda r: {k: v for k, v in r.items() if k != "nonce"},
    "no associated data": lambda r: {k: v for k, v in r.items() if k != "associated_data"},
    "an empty nonce": lambda r: r | {"nonce": ""},
    "another nonce": lambda r: r | {"nonce": "ba9876543210"},
    "other associated data": lambda r: r | {"associated_data": "refund"},
    "another algorithm": lambda r: r | {"algorithm": "AEAD_SM4_GCM"},
    "changed ciphertext": lambda r: r | {"ciphertext": "AAAA" + r["ciphertext"][4:]},
    "no base64": lambda r: r | {"ciphertext": "?" + r["ciphertext"]},
    "empty ciphertext": lambda r: r | {"ciphertext": ""},
}


@pytest.mark.parametrize("name", RESOURCE_MUTATIONS)
async def test_a_resource_that_cannot_be_opened_is_refused(notices, name):
    envelope = notices.envelope()
    envelope["resource"] = RESOURCE_MUTATIONS[name](envelope["resource"])
    body = msgspec.json.encode(envelope)
    assert await notices.status_of(notices.seal(body), body) == 400


async def test_a_resource_sealed_with_another_key_is_refused(notices):
    sealed = seal_resource(
        msgspec.json.encode(PAYMENT),
        b"x" * 32,
        nonce="0123456789ab",
        associated_data="transaction",
        original_type="transaction",
    )
    envelope = notices.envelope(resource=msgspec.to_builtins(sealed))
    body = msgspec.json.encode(envelope)
    assert await notices.status_of(notices.seal(body), body) == 400


def without(name: str) -> dict:
    return {key: value for key, value in PAYMENT.items() if key != name}


CONTENT_MUTATIONS = {
    "another merchant": PAYMENT | {"mchid": "1900000110"},
    "no merchant": without("mchid"),
    "another app": PAYMENT | {"appid": "wx0000000000000000"},
    "no app": without("appid"),
    "no order": without("out_trade_no"),
    "no transaction": without("transaction_id"),
    "an empty transaction": PAYMENT | {"transaction_id": ""},
    "no state": without("trade_state"),
    "not paid": PAYMENT | {"trade_state": "NOTPAY"},
    "a state nobody knows": PAYMENT | {"trade_state": "PAID"},
    "no amount": without("amount"),
    "no total": PAYMENT | {"amount": {"currency": "CNY"}},
    "no currency": PAYMENT | {"amount": {"total": 199}},
    "an amount as text": PAYMENT | {"amount": {"total": "199", "currency": "CNY"}},
    "an amount with a point": PAYMENT | {"amount": {"total": 199.5, "currency": "CNY"}},
    "nothing": b"",
    "a list": b"[]",
}


@pytest.mark.parametrize("name", CONTENT_MUTATIONS)
async def test_a_payment_that_is_not_ours_or_not_whole_is_refused(notices, name):
    body = msgspec.json.encode(notices.envelope(CONTENT_MUTATIONS[name]))
    assert await notices.status_of(notices.seal(body), body) == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", {"total": 1, "currency": "CNY"}), ("out_trade_no", "SOMEBODYELSES")],
)
async def test_amount_and_order_are_reported_as_they_came(notices, field, value):
    body = msgspec.json.encode(notices.envelope(PAYMENT | {field: value}))
    report = (await notices.read(notices.seal(body), body)).report
    assert (report.amount, report.attempt) != (199, "ATTEMPT0001")


@pytest.mark.parametrize("event", ["TRANSACTION.CLOSED", "PAYSCORE.OPEN", "", "x" * 999])
async def test_an_event_for_somebody_else_is_refused(notices, event):
    body = msgspec.json.encode(notices.envelope(PAYMENT, event))
    assert await notices.status_of(notices.seal(body), body) == 400


@pytest.mark.parametrize(
    "news",
    [
        REFUND | {"mchid": "1900000110"},
        REFUND | {"refund_status": "PROCESSING"},
        REFUND | {"amount": {"total": 199}},
        {key: value for key, value in REFUND.items() if key != "out_refund_no"},
    ],
    ids=["another merchant", "another status", "no amount", "no number"],
)
async def test_a_refund_that_is_not_ours_or_not_whole_is_refused(notices, news):
    body = msgspec.json.encode(notices.envelope(news, "REFUND.SUCCESS"))
    assert await notices.status_of(notices.seal(body), body) == 400


async def test_a_refund_notice_is_read(notices):
    body = msgspec.json.encode(notices.envelope(REFUND, "REFUND.SUCCESS"))
    report = (await notices.read(notices.seal(body), body)).report
    assert (report.refund, report.status, report.amount) == ("REFUND0001", "refunded", 99)


async def test_the_same_message_may_be_repeated_to_the_byte(notices):
    body = msgspec.json.encode(notices.envelope())
    headers = notices.seal(body)
    assert await notices.read(headers, body) == await notices.read(headers, body)


async def test_a_nonce_is_not_accepted_for_another_message(notices, monkeypatch):
    monkeypatch.setattr("secrets.token_hex", lambda size: "0" * 2 * size)
    body = msgspec.json.encode(notices.envelope())
    await notices.read(notices.seal(body), body)
    other = msgspec.json.encode(notices.envelope(id="EV-2"))
    assert await notices.status_of(notices.seal(other), other) == 401


async def test_the_same_notice_signed_again_is_accepted_again(notices):
    body = msgspec.json.encode(notices.envelope())
    first = await notices.read(notices.seal(body), body)
    second = await notices.read(notices.seal(body), body)
    assert first == second


async def test_nonces_are_forgotten_when_their_time_is_over(notices, account, clock):
    body = msgspec.json.encode(notices.envelope())
    replays = account.notices._replays
    for _ in range(5):
        await account.notices.read(notices.seal(body), body, clock.now())
    clock.advance(timedelta(seconds=600))
    await account.notices.read(notices.seal(body), body, clock.now())
    assert len(replays._seen) == len(replays._expiries) == 1


async def test_a_message_that_was_refused_may_come_again(notices, account, clock):
    body = msgspec.json.encode(notices.envelope())
    headers = notices.seal(body)
    with pytest.raises(NotTrusted):
        await account.notices.read(headers, body + b" ", clock.now())
    assert (await account.notices.read(headers, body, clock.now())).id == "EV-1"
