"""The log tells what happened, and never a secret."""

import asyncio
import io
import json
import logging
from datetime import datetime

import pytest
import structlog

from jishi.clock import SystemClock
from jishi.web import access, set_up_logs
from jishi.web.logs import REQUEST, settle_lines

SECRETS = ("hunter2-hunter2", "m.4dF9sQwErTyUiOpAsDfGh", "s3cr3t-database-word", "8f3kd92mdk20")


@pytest.fixture
def migrated_database_url(sqlite_template, tmp_path) -> str:
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def lines():
    """A function that gives what was logged since, as documents."""
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.handlers[:], root.level)
    set_up_logs("json", stream)

    def logged():
        settle_lines()
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    yield logged
    set_up_logs("text", io.StringIO())  # lines of requests are bundled for nobody any more
    root.handlers[:], _ = before
    root.setLevel(before[1])
    structlog.reset_defaults()


async def test_a_request_is_one_line_with_route_status_and_time(client, shopper, lines):
    answer = await shopper.send("GET", "/store/carts/some-cart-id")
    (line,) = [each for each in lines() if each["event"] == "request"]
    assert line["route"] == "/store/carts/{cart_id}"
    assert (line["method"], line["status"], line["caller"]) == ("GET", 404, "guest")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["ms"] >= 0
    assert "some-cart-id" not in json.dumps(line)


async def test_tokens_and_passwords_are_in_no_line(client, shopper, owner, lines):
    await shopper.send("GET", "/store/carts/current")
    await client.get("/admin/plugins", headers=owner)
    await client.get("/admin/plugins", headers={"authorization": f"Bearer {SECRETS[1]}"})
    await client.post("/admin/login", json={"email": "a@b.cn", "password": SECRETS[0]})
    text = json.dumps(lines())
    assert text.count('"request"') >= 4
    for secret in (*SECRETS, shopper.headers["authorization"][7:], owner["authorization"][7:]):
        assert secret not in text


@pytest.mark.parametrize(
    "said",
    [
        {"password": SECRETS[0]},
        {"authorization": f"Bearer {SECRETS[1]}"},
        {"detail": f"Authorization: Bearer {SECRETS[1]} was refused"},
        {"detail": f"postgresql://shop:{SECRETS[2]}@db/shop is gone"},
        {"token": SECRETS[1], "api_v3_key": SECRETS[3], "cookie": SECRETS[0]},
        {"request": {"headers": {"Cookie": SECRETS[0]}}},
        {"detail": f"-----BEGIN PRIVATE KEY-----\n{SECRETS[3]}\n-----END PRIVATE KEY-----"},
    ],
)
def test_a_careless_line_is_cleaned(lines, said):
    structlog.get_logger("careless").info("happened", **said)
    (line,) = lines()
    assert line["event"] == "happened"
    assert not [secret for secret in SECRETS if secret in json.dumps(line)]
    assert "***" in json.dumps(line)


def test_a_traceback_and_a_librarys_own_line_are_cleaned_too(lines):
    logging.getLogger("some.library").warning("connecting to postgresql://u:%s@db/x", SECRETS[2])
    try:
        raise ValueError(f"Bearer {SECRETS[1]}")
    except ValueError:
        structlog.get_logger("ours").exception("failed")
    text = json.dumps(lines())
    assert len(lines()) == 2
    assert "Traceback" in text
    assert not [secret for secret in SECRETS if secret in text]


def test_in_a_terminal_a_line_is_readable_and_as_clean():
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.handlers[:], root.level)
    set_up_logs("text", stream)
    try:
        raise ValueError(f"Bearer {SECRETS[1]}")
    except ValueError:
        structlog.get_logger("ours").exception("failed", password=SECRETS[0])
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()
    text = stream.getvalue()
    assert "failed" in text
    assert "Traceback" in text
    assert not [secret for secret in SECRETS if secret in text]


async def test_a_guests_token_is_no_request_id(client, shopper, lines):
    token = shopper.headers["authorization"][7:]
    answer = await client.get("/store/shop", headers={"x-request-id": token})
    assert answer.headers["x-request-id"] != token
    assert token not in json.dumps(lines())


async def test_lines_of_requests_keep_their_place_among_others(lines, client):
    await client.get("/store/shop")
    structlog.get_logger("ours").warning("afterwards")
    await client.get("/store/nowhere")
    assert [each["event"] for each in lines()] == ["request", "afterwards", "request"]


async def test_a_line_says_when_it_was_and_waits_for_others_a_moment_at_most(monkeypatch):
    monkeypatch.setattr(access, "HOLD", 0)
    stream = io.StringIO()
    noted = access.RequestLines(stream)
    before = SystemClock().now()
    for status in (200, 404):
        noted.note("edge-12345678", "GET", "/store/{a}", status, 0.0123, "guest")
    assert stream.getvalue() == ""
    async with asyncio.timeout(60):
        while not stream.getvalue():  # noqa: ASYNC110 - a stream tells nobody
            await asyncio.sleep(0)
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert before <= datetime.fromisoformat(first.pop("timestamp")) <= SystemClock().now()
    assert (first["status"], second["status"]) == (200, 404)
    assert first == {
        "method": "GET",
        "route": "/store/{a}",
        "status": 200,
        "ms": 12.3,
        "caller": "guest",
        "event": "request",
        "request_id": "edge-12345678",
        "level": "info",
    }


async def test_many_lines_do_not_wait():
    stream = io.StringIO()
    noted = access.RequestLines(stream)
    for _ in range(access.BUNDLE):
        noted.note("edge-12345678", "GET", "/", 200, 0, "anonymous")
    assert stream.getvalue().count("\n") == access.BUNDLE


async def test_what_is_logged_during_a_request_has_its_id(lines, client):
    token = REQUEST.set("edge-12345678")
    structlog.get_logger("ours").warning("inside")
    REQUEST.reset(token)
    structlog.get_logger("ours").warning("outside")
    inside, outside = lines()
    assert inside["request_id"] == "edge-12345678"
    assert "request_id" not in outside
