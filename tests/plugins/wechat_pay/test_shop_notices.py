"""A shop pays what WeChat's notices prove, once, and nothing else changes it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from jishi.ledger import balances, check, stock_account
from jishi.orders import timeline_of
from jishi.payments import settle_payment, sql
from jishi_wechat_pay.signature import answer_message, sign
from jishi_wechat_pay.simulator.answers import certificate_seal, probing, stamp

TABLES = (
    "orders_orders",
    "orders_lines",
    "orders_timeline",
    "payments_attempts",
    "payments_refunds",
    "ledger_accounts",
    "ledger_entries",
    "ledger_holds",
    "events_outbox",
    "events_jobs",
    "events_inbox",
)
"""All that money can change."""


async def dump(shop) -> dict[str, list]:
    return {
        table: sorted(await shop.database.fetch(f"SELECT * FROM {table}"), key=repr)
        for table in TABLES
    }


def without(name: str):
    return lambda headers: {key: value for key, value in headers.items() if key != name}


def emptied(name: str):
    return lambda headers: headers | {name: ""}


def altered(name: str):
    def change(headers):
        last = headers[name][-1]
        # Not the end of the base64, where two letters may stand for the same bits.
        text = headers[name]
        if name == "Wechatpay-Signature":
            return headers | {name: ("B" if text[0] != "B" else "C") + text[1:]}
        return headers | {name: text[:-1] + ("1" if last != "1" else "2")}

    return change


SIGNED = ("Timestamp", "Nonce", "Signature", "Serial")
HEADERS: dict[str, Callable[[dict], dict]] = {
    **{f"without {name}": without(f"Wechatpay-{name}") for name in SIGNED},
    **{f"an empty {name}": emptied(f"Wechatpay-{name}") for name in SIGNED},
    **{f"another {name}": altered(f"Wechatpay-{name}") for name in SIGNED},
    "no headers": lambda headers: {"Content-Type": "application/json"},
    "another scheme": lambda headers: (
        headers | {"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}
    ),
    "a probe": probing,
    "a probe before a good signature": lambda headers: (
        headers | {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"]}
    ),
    "the serial of a stranger": lambda headers: headers | {"Wechatpay-Serial": "5DEA" * 10},
}

XML = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<xml><return_code>SUCCESS</return_code><total_fee>&e;</total_fee></xml>"""
BODIES: dict[str, Callable[[bytes], bytes]] = {
    "a space more": lambda body: body + b" ",
    "re-serialised": msgspec.json.format,
    "cut in the middle": lambda body: body[: len(body) // 2],
    "empty": lambda body: b"",
    "XML": lambda body: XML,
    "another event": lambda body: body.replace(b"TRANSACTION.SUCCESS", b"REFUND.SUCCESS"),
    "longer than any notice": lambda body: body + b" " * 70_000,
}


@pytest.fixture
async def attempt(desk, seller, shopper):
    await seller.product("tea", price=990, stock=5)
    return await desk.checkout(shopper, {"tea": 2})


async def judged(desk, before, body, headers) -> tuple[int, str, str]:
    """The answer's status and code, and whether anything changed."""
    answer = await desk.bring(body, headers)
    code = answer.json().get("code", "") if answer.content else ""
    return answer.status_code, code, "" if await dump(desk.shop) == before else "changed"


async def pays(desk, attempt, body) -> None:
    """The untouched notice is what it takes."""
    answer = await desk.bring(body)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await desk.order(attempt)).status == "paid"
    assert (await desk.attempt(attempt.order)).captured == attempt.amount


@pytest.mark.bar("B11")
async def test_headers_that_prove_nothing_change_nothing(desk, attempt):
    body = await desk.paid_by_customer(attempt)
    before = await dump(desk.shop)
    seen = {}
    for name, change in HEADERS.items():
        seen[name] = await judged(desk, before, body, change(desk.signed(body)))
    assert seen == dict.fromkeys(HEADERS, (401, "FAIL", ""))
    assert await desk.alerts() == []
    await pays(desk, attempt, body)


@pytest.mark.bar("B11")
async def test_keys_that_are_not_wechats_change_nothing(desk, attempt):
    body = await desk.paid_by_customer(attempt)
    before = await dump(desk.shop)
    good = desk.signed(body)
    message = answer_message(good["Wechatpay-Timestamp"], good["Wechatpay-Nonce"], body)
    own = sign(message, desk.world.keys.merchant_key)
    certificate = stamp(desk.world, body, certificate_seal(desk.world))
    serial = {"Wechatpay-Serial": desk.merchant.public_key_id}
    forged = {
        "the merchant's own": good | {"Wechatpay-Signature": own},
        "a certificate that is not trusted": certificate,
        "the certificate's under the public key's id": certificate | serial,
    }
    seen = {name: await judged(desk, before, body, headers) for name, headers in forged.items()}
    assert seen == dict.fromkeys(forged, (401, "FAIL", ""))
    await pays(desk, attempt, body)


@pytest.mark.parametrize("seconds", [-3600, -600, 600, 3600])
@pytest.mark.bar("B11")
async def test_a_notice_of_another_time_changes_nothing(desk, attempt, seconds):
    body = await desk.paid_by_customer(attempt)
    before = await dump(desk.shop)
    headers = desk.signed(body, offset=timedelta(seconds=seconds))
    assert await judged(desk, before, body, headers) == (401, "FAIL", "")
    await pays(desk, attempt, body)


@pytest.mark.bar("B11")
async def test_bodies_that_were_changed_on_the_way_change_nothing(desk, attempt):
    body = await desk.paid_by_customer(attempt)
    before = await dump(desk.shop)
    seen = {}
    for name, change in BODIES.items():
        seen[name] = await judged(desk, before, change(body), desk.signed(body))
    expected = dict.fromkeys(BODIES, (401, "FAIL", ""))
    assert seen == expected | {"longer than any notice": (413, "FAIL", "")}
    assert await desk.alerts() == []
    await pays(desk, attempt, body)


@pytest.mark.bar("B11")
async def test_genuine_words_that_make_no_sense_change_nothing(desk, attempt):
    body = await desk.paid_by_customer(attempt)
    before = await dump(desk.shop)
    envelope = msgspec.json.decode(body)
    bodies = {
        "empty": b"",
        "XML": XML,
        "null": b"null",
        "a list": b"[]",
        "an empty object": b"{}",
        "deep": b'{"x":' + b"[" * 60_000,
        "no id": msgspec.json.encode({k: v for k, v in envelope.items() if k != "id"}),
        "another event": body.replace(b"TRANSACTION.SUCCESS", b"TRANSACTION.CLOSED"),
        "a refund's event": body.replace(b"TRANSACTION.SUCCESS", b"REFUND.SUCCESS"),
        "another nonce inside": msgspec.json.encode(
            envelope | {"resource": envelope["resource"] | {"nonce": "ba9876543210"}}
        ),
    }
    seen = {name: await judged(desk, before, text, None) for name, text in bodies.items()}
    # What is nested too deep no room of the shop gets to see.
    assert seen == dict.fromkeys(bodies, (400, "FAIL", "")) | {"deep": (400, "json_too_deep", "")}
    assert set(await desk.alerts()) == {"notice_misplaced"}
    await pays(desk, attempt, body)


@pytest.mark.bar("B11")
async def test_genuine_words_about_something_else_change_nothing_but_alert(desk, attempt, shopper):
    body = await desk.paid_by_customer(attempt)
    said = desk.opened(body)
    other = await desk.checkout(shopper, {"tea": 1})
    before = await dump(desk.shop)

    def amount(**changes):
        return said | {"amount": said["amount"] | changes}

    does_not_fit = {
        "a fen less": amount(total=attempt.amount - 1),
        "a fen more": amount(total=attempt.amount + 1),
        "nothing": amount(total=0),
        "less than nothing": amount(total=-attempt.amount),
        "a hundred times as much": amount(total=attempt.amount * 100),
        "US dollars": amount(currency="USD"),
        "no currency": amount(currency=""),
        "an order nobody placed": said | {"out_trade_no": "NOBODYPLACEDTHIS"},
        "another order": said | {"out_trade_no": other.number},
    }
    not_ours = {
        "another merchant": said | {"mchid": "1900000110"},
        "another app": said | {"appid": "wx0000000000000000"},
        "no merchant": {k: v for k, v in said.items() if k != "mchid"},
        "no app": {k: v for k, v in said.items() if k != "appid"},
        "no order": {k: v for k, v in said.items() if k != "out_trade_no"},
        "no transaction": said | {"transaction_id": ""},
        "not paid": said | {"trade_state": "NOTPAY"},
        "no amount": said | {"amount": {"currency": "CNY"}},
        "an amount with a point": amount(total=attempt.amount + 0.5),
        "an amount as text": amount(total=str(attempt.amount)),
    }
    seen, alerted = {}, {}
    for name, news in (does_not_fit | not_ours).items():
        known = len(await desk.alerts())
        seen[name] = await judged(desk, before, desk.sealed(news), None)
        alerted[name] = len(await desk.alerts()) > known
    assert seen == {
        **dict.fromkeys(does_not_fit, (422, "FAIL", "")),
        **dict.fromkeys(not_ours, (400, "FAIL", "")),
    }
    assert [name for name, one in alerted.items() if not one] == []
    await pays(desk, attempt, body)
    assert (await desk.order(other)).status == "placed"


@pytest.mark.bar("B11")
async def test_a_transaction_that_paid_one_order_does_not_pay_another(desk, attempt, shopper):
    body = await desk.paid_by_customer(attempt)
    await pays(desk, attempt, body)
    other = await desk.checkout(shopper, {"tea": 2})
    before = await dump(desk.shop)
    again = desk.sealed(desk.opened(body) | {"out_trade_no": other.number})
    assert await judged(desk, before, again, None) == (422, "FAIL", "")
    assert await desk.alerts() == ["payment_mismatch"]


async def test_a_nonce_that_was_used_changes_nothing(desk, attempt, shopper, monkeypatch):
    first = await desk.paid_by_customer(attempt)
    other = await desk.checkout(shopper, {"tea": 2})
    second = await desk.paid_by_customer(other)
    monkeypatch.setattr("secrets.token_hex", lambda size: "ab" * size)
    used = {"first": desk.signed(first), "second": desk.signed(second)}
    monkeypatch.undo()
    assert (await desk.bring(first, used["first"])).status_code == 204
    before = await dump(desk.shop)
    assert await judged(desk, before, second, used["second"]) == (401, "FAIL", "")
    await pays(desk, other, second)


async def test_a_gateway_nobody_knows_hears_nothing(desk, attempt):
    body = await desk.paid_by_customer(attempt)
    before = await dump(desk.shop)
    answer = await desk.client.post("/notify/alipay", content=body, headers=desk.signed(body))
    assert answer.status_code == 404
    assert await dump(desk.shop) == before


async def paid_once(desk, attempt, runner) -> None:
    """One payment, one transition, one event, the goods gone once."""
    await runner.drain()
    shop = desk.shop
    order, stored = await desk.order(attempt), await desk.attempt(attempt.order)
    assert (order.status, order.paid) == ("paid", attempt.amount)
    assert (stored.captured, stored.refunded) == (attempt.amount, 0)
    steps = [one.step for one in await timeline_of(shop.database, attempt.order)]
    assert [steps.count(step) for step in ("pay", "payment_received")] == [1, 1]
    assert await desk.events(attempt, "order.paid") == 1
    account = stock_account("tea")
    stock = (await balances(shop.database, [account]))[account]
    assert (stock.balance, stock.held) == (3, 0)
    assert await check(shop.database) == []
    assert await desk.refunds_of(attempt) == []


@pytest.mark.parametrize("copies", ["identical", "signed afresh"])
@pytest.mark.bar("B10")
async def test_a_hundred_notices_at_once_pay_once(desk, attempt, runner, copies):
    body = await desk.paid_by_customer(attempt)
    headers = [desk.signed(body) for _ in range(100)]
    if copies == "identical":
        headers = headers[:1] * 100
    answers = await asyncio.gather(*(desk.bring(body, one) for one in headers))
    assert {one.status_code for one in answers} == {204}
    await paid_once(desk, attempt, runner)


async def alone(*_: object) -> None:
    """Settle nothing together."""


@pytest.mark.control
@pytest.mark.bar("B22")
async def test_without_the_orders_lock_a_hundred_notices_pay_more_than_once(
    desk, attempt, without_order_locks, monkeypatch
):
    """The positive control: the test above would notice."""
    monkeypatch.setattr(sql, "PAID", sql.PAID.replace("status <> 'paid'", "0 = 0"))
    # Who settles many together sees all of them at one moment; each by itself does not.
    monkeypatch.setattr(settle_payment, "settle_together", alone)
    body = await desk.paid_by_customer(attempt)
    await asyncio.gather(*(desk.bring(body) for _ in range(100)))
    steps = [one.step for one in await timeline_of(desk.shop.database, attempt.order)]
    assert steps.count("pay") > 1


@pytest.mark.bar("B10")
async def test_a_hundred_notices_one_after_the_other_pay_once(desk, attempt, runner):
    body = await desk.paid_by_customer(attempt)
    headers = desk.signed(body)
    assert {(await desk.bring(body, headers)).status_code for _ in range(100)} == {204}
    await paid_once(desk, attempt, runner)


@pytest.mark.bar("B10")
async def test_an_old_notice_after_a_refund_takes_nothing_back(desk, attempt, runner, refund):
    paid = await desk.paid_by_customer(attempt)
    await desk.bring(paid)
    await refund(attempt, 500)
    [given] = await desk.refunds_of(attempt)
    back = await desk.news_of(given["out_refund_no"])
    assert (await desk.bring(back)).status_code == 204
    await runner.drain()
    before = await dump(desk.shop)
    for body in (back, paid, back, paid):
        assert (await desk.bring(body)).status_code == 204
    assert await dump(desk.shop) == before


async def test_wechat_itself_delivers_to_the_shops_own_port(desk, attempt, runner, on_its_port):
    faults = {"probe": 1, "mis_sign": 1, "duplicate": 9, "replay": True}
    await desk.control("PUT", "/faults", notices=faults)
    await desk.control("PUT", "/terms", notices=True)
    await desk.control("POST", f"/orders/{attempt.number}/pay")
    told = await desk.accepted(attempt.number)
    assert {one["status"] for one in told["attempts"] if one["kind"] == "probe"} == {401}
    assert {one["status"] for one in told["attempts"] if "mis-signed" in one["kind"]} == {401}
    assert {one["status"] for one in told["attempts"] if "notice" in one["kind"]} == {204}
    await paid_once(desk, attempt, runner)
