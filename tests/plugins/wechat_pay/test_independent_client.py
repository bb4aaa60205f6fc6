"""Somebody else's client against our simulator, which runs as a process of its own."""

import json
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import httpx
import pytest
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core

from jishi_wechat_pay.simulator import Running

numbers = count(1)


class Slot(BaseHTTPRequestHandler):
    """Takes one notice."""

    def __init__(self, notices: list, *arguments) -> None:
        self.notices = notices
        super().__init__(*arguments)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.notices.append((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_) -> None:
        """Say nothing."""


class LetterBox:
    """An HTTP server that keeps every notice it gets."""

    def __init__(self) -> None:
        self.notices: list[tuple[dict[str, str], bytes]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Slot, self.notices))
        self.url = f"http://127.0.0.1:{self.server.server_port}/notify/wechat_pay"

    def wait_for(self, event: str) -> tuple[dict[str, str], bytes]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for headers, body in self.notices:
                if json.loads(body)["event_type"] == event:
                    return headers, body
            time.sleep(0.02)
        raise AssertionError(f"no notice {event} within 20 s")


class FixedHost:
    """A host that stays what it is, whatever is assigned."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __get__(self, *_) -> str:
        return self.address

    def __set__(self, *_) -> None:
        """Keep the address."""


@pytest.fixture
def letter_box() -> Iterator[LetterBox]:
    box = LetterBox()
    thread = threading.Thread(target=box.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield box
    box.server.shutdown()
    thread.join()
    box.server.server_close()


@pytest.fixture(params=["public_key", "certificates"])
def mode(request, simulator: Running) -> Iterator[str]:
    terms = f"{simulator.address}/_control/terms"
    httpx.put(terms, json={"mode": request.param}, trust_env=False).raise_for_status()
    yield request.param
    httpx.put(terms, json={}, trust_env=False).raise_for_status()


@pytest.fixture
def client(simulator: Running, mode: str, letter_box: LetterBox, monkeypatch) -> WeChatPay:
    public_key = (
        {
            "public_key": (simulator.keys / "platform_public_key.pem").read_text(),
            "public_key_id": simulator.merchant.public_key_id,
        }
        if mode == "public_key"
        else {}
    )
    # It downloads certificates while it is made, before its host could be set from outside.
    monkeypatch.setattr(Core, "_gate_way", FixedHost(simulator.address), raising=False)
    return WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=simulator.merchant.mchid,
        private_key=(simulator.keys / "merchant_key.pem").read_text(),
        cert_serial_no=simulator.merchant.serial_no,
        appid=simulator.merchant.appids[0],
        apiv3_key=(simulator.keys / "api_v3_key.txt").read_text(),
        notify_url=letter_box.url,
        timeout=(5, 20),
        **public_key,
    )


@pytest.fixture
def number() -> str:
    return f"INDEPENDENT{next(numbers):04}"


def pay(simulator: Running, number: str) -> None:
    url = f"{simulator.address}/_control/orders/{number}/pay"
    httpx.post(url, json={}, trust_env=False).raise_for_status()


def test_it_places_queries_and_closes(client, number):
    code, answer = client.pay("苹果 <1 件>", number, {"total": 199, "currency": "CNY"})
    assert code == 200
    assert json.loads(answer)["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")
    code, answer = client.query(out_trade_no=number)
    assert (code, json.loads(answer)["trade_state"]) == (200, "NOTPAY")
    assert client.close(number)[0] == 204
    code, answer = client.query(out_trade_no=number)
    assert json.loads(answer)["trade_state"] == "CLOSED"


def test_it_places_jsapi_orders(client, number):
    code, answer = client.pay(
        "苹果",
        number,
        {"total": 199},
        payer={"openid": "oPayer"},
        pay_type=WeChatPayType.JSAPI,
    )
    assert code == 200
    assert json.loads(answer)["prepay_id"].startswith("wx")


def test_it_refunds_and_verifies_the_notices(client, simulator, letter_box, number):
    client.pay("苹果", number, {"total": 199, "currency": "CNY"})
    pay(simulator, number)
    paid = client.callback(*letter_box.wait_for("TRANSACTION.SUCCESS"))
    assert paid["resource"]["out_trade_no"] == number
    assert paid["resource"]["amount"]["total"] == 199

    amount = {"refund": 99, "total": 199, "currency": "CNY"}
    code, answer = client.refund(f"R-{number}", amount, out_trade_no=number)
    assert (code, json.loads(answer)["out_refund_no"]) == (200, f"R-{number}")
    refunded = client.callback(*letter_box.wait_for("REFUND.SUCCESS"))
    assert refunded["resource"]["refund_status"] == "SUCCESS"
    code, answer = client.query_refund(f"R-{number}")
    assert (code, json.loads(answer)["status"]) == (200, "SUCCESS")


def test_its_transaction_number_finds_the_order(client, simulator, number):
    client.pay("苹果", number, {"total": 199})
    pay(simulator, number)
    _, answer = client.query(out_trade_no=number)
    transaction = json.loads(answer)["transaction_id"]
    _, again = client.query(transaction_id=transaction)
    assert json.loads(again)["out_trade_no"] == number


def test_it_does_not_believe_a_notice_that_was_changed(client, simulator, letter_box, number):
    client.pay("苹果", number, {"total": 199})
    pay(simulator, number)
    headers, body = letter_box.wait_for("TRANSACTION.SUCCESS")
    assert client.callback(headers, body.replace(b"encrypt-resource", b"encrypt-resourcf")) is None


def test_its_signature_with_another_key_is_refused(client, simulator, number):
    client._core._cert_serial_no = "00" * 20
    code, answer = client.pay("苹果", number, {"total": 199})
    assert (code, json.loads(answer)["code"]) == (401, "SIGN_ERROR")


def test_an_answer_can_get_lost_after_the_work_was_done(client, simulator, number):
    faults = f"{simulator.address}/_control/faults"
    httpx.put(faults, json={"answers": {"lose": 1, "only": "POST"}}, trust_env=False)
    with pytest.raises(OSError, match="IncompleteRead"):
        client.pay("苹果", number, {"total": 199})
    code, answer = client.query(out_trade_no=number)
    assert (code, json.loads(answer)["trade_state"]) == (200, "NOTPAY")
