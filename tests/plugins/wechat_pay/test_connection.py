"""What leaves the house is what was signed, and a lost answer is never taken for a no."""

import httpx
import msgspec
import pytest

from jishi_wechat_pay.account import Account
from jishi_wechat_pay.client import refusal_in
from jishi_wechat_pay.connection import Connection, Reply
from jishi_wechat_pay.messages import CloseRequest
from jishi_wechat_pay.problems import NotThere, OutcomeUnknown, Refused, Throttled
from jishi_wechat_pay.signature import is_signed, request_message

HOSTS = ("https://one", "https://two")


class Wire:
    """Stands where the network would be: keeps requests, answers or breaks as told."""

    def __init__(self, *outcomes) -> None:
        self.requests: list[httpx.Request] = []
        self.outcomes = list(outcomes)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @property
    def hosts(self) -> list[str]:
        return [request.url.host for request in self.requests]


def line(wire, account, clock, **more) -> Connection:
    http = httpx.AsyncClient(transport=httpx.MockTransport(wire))
    return Connection(account.signer, HOSTS, http, clock, **more)


@pytest.mark.parametrize(
    "target",
    ["/v3/x", "/v3/a|b*c?mchid=1", "/v3/%7C%2A?x=%20", "/v3/中文?名=值", "/v3/a b?c=d e"],
)
async def test_the_target_is_signed_as_it_goes_over_the_wire(account, clock, keys, target):
    wire = Wire(httpx.Response(204))
    await line(wire, account, clock).send("GET", target)
    [request] = wire.requests
    fields = dict(part.split("=", 1) for part in request.headers["Authorization"].split(","))
    message = request_message(
        "GET",
        request.url.raw_path.decode(),
        fields["timestamp"].strip('"'),
        fields["nonce_str"].strip('"'),
        b"",
    )
    signature = fields["signature"].strip('"')
    assert is_signed(message, signature, keys.merchant_key.public_key())


async def test_the_headers_that_wechat_wants_are_there(account, clock):
    wire = Wire(httpx.Response(204))
    await line(wire, account, clock, answer_serial="PUB_KEY_ID_1").send("POST", "/v3/x", b"{}")
    headers = wire.requests[0].headers
    assert headers["Accept"] == headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("jishi-wechat-pay")
    assert headers["Wechatpay-Serial"] == "PUB_KEY_ID_1"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("error", [httpx.ConnectError("down"), httpx.ConnectTimeout("slow")])
async def test_a_host_out_of_reach_gives_way_to_the_next(account, clock, method, error):
    wire = Wire(error, httpx.Response(204))
    assert (await line(wire, account, clock).send(method, "/v3/x")).status == 204
    assert wire.hosts == ["one", "two"]


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut"), httpx.ReadError("cut")]
)
async def test_an_order_whose_answer_was_lost_is_not_sent_twice(account, clock, error):
    wire = Wire(error)
    with pytest.raises(OutcomeUnknown):
        await line(wire, account, clock).send("POST", "/v3/x", b"{}")
    assert wire.hosts == ["one"]


async def test_a_question_whose_answer_was_lost_is_asked_again(account, clock):
    wire = Wire(httpx.ReadTimeout("slow"), httpx.Response(204))
    assert (await line(wire, account, clock).send("GET", "/v3/x")).status == 204


async def test_when_no_host_answers_the_outcome_is_unknown(account, clock):
    wire = Wire(httpx.ConnectError("down"), httpx.ConnectError("down"))
    with pytest.raises(OutcomeUnknown, match="ConnectError"):
        await line(wire, account, clock).send("POST", "/v3/x", b"{}")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (202, OutcomeUnknown),
        (301, OutcomeUnknown),
        (400, Refused),
        (401, Refused),
        (403, Refused),
        (404, NotThere),
        (429, Throttled),
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
    ],
)
def test_each_status_says_what_happened(status, kind):
    body = msgspec.json.encode({"code": "CODE", "message": "句子"})
    assert type(refusal_in(Reply(status=status, headers={}, body=body))) is kind


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"code":1}', b"\xff"])
def test_a_refusal_without_a_readable_body_is_still_one(body):
    refusal = refusal_in(Reply(status=404, headers={}, body=body))
    assert isinstance(refusal, NotThere)
    assert refusal.code == ""


def test_a_refusal_says_where_the_fault_is():
    body = b'{"code":"PARAM_ERROR","message":"x","detail":{"field":"/amount/total","value":0}}'
    refusal = refusal_in(Reply(status=400, headers={}, body=body))
    assert refusal.detail.field == "/amount/total"
    assert "/amount/total" in str(refusal)


async def placed(account: Account, number: str) -> None:
    order = {
        "appid": "wxd678efh567hg6787",
        "mchid": "1900000109",
        "description": "苹果",
        "out_trade_no": number,
        "notify_url": "https://shop.example/notify/wechat_pay",
        "amount": {"total": 199, "currency": "CNY"},
    }
    kind = msgspec.defstruct("Order", [(name, object) for name in order])
    await account.client.post("/v3/pay/transactions/native", kind(**order))


async def test_an_answer_signed_wrongly_is_not_believed(wechat, account):
    wechat.world.faults.answers.mis_sign = 1
    with pytest.raises(OutcomeUnknown, match="not signed by WeChat"):
        await placed(account, "ATTEMPT0001")


async def test_an_empty_answer_must_be_signed_as_well(wechat, account):
    await placed(account, "ATTEMPT0001")
    target = "/v3/pay/transactions/out-trade-no/ATTEMPT0001/close"
    close = CloseRequest(mchid="1900000109")
    assert await account.client.post(target, close) == b""
    wechat.world.faults.answers.mis_sign = 1
    with pytest.raises(OutcomeUnknown, match="not signed by WeChat"):
        await account.client.post(target, close)
