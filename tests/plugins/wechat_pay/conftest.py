"""A merchant, a simulated WeChat Pay inside the test, and one that is a process of its own.

`desk` stands between that process and a whole shop.
"""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar

from jishi.clock import FakeClock, SystemClock
from jishi.config import Secret
from jishi.events import Runner
from jishi.orders import RefundWish, find_order, sql, transition
from jishi.payments import Attempt, Refunded, attempts_of, refund_order
from jishi.web import create_app
from jishi_wechat_pay import WechatGateway, WechatPaySettings
from jishi_wechat_pay.account import Account
from jishi_wechat_pay.resource import Resource, open_resource, seal_resource
from jishi_wechat_pay.signature import new_nonce
from jishi_wechat_pay.simulator import (
    Keys,
    Running,
    World,
    keep_keys,
    make_app,
    make_keys,
    private_pem,
    public_pem,
    running_simulator,
)
from jishi_wechat_pay.simulator.answers import public_key_seal, stamp

START = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
HOST = "http://wechat"
NOTIFY = "http://localhost/notify/wechat_pay"
T = TypeVar("T")


class Shop:
    """An ASGI application that takes notices and answers as it is told."""

    def __init__(self) -> None:
        self.notices: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.judge: Callable[[dict[str, str], bytes], object] | None = None

    async def __call__(self, scope, receive, send) -> None:
        body = b""
        more = True
        while more:
            event = await receive()
            body += event["body"]
            more = event["more_body"]
        headers = {k.decode().lower(): v.decode() for k, v in scope["headers"]}
        self.notices.append((headers, body))
        status = self.answers.pop(0) if self.answers else 204
        if self.judge is not None:
            status = await self.judge(headers, body)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Wechat:
    """A simulated WeChat Pay in this very process, on a clock that stands still."""

    def __init__(self, world: World, clock: FakeClock, http: httpx.AsyncClient, shop: Shop):
        self.world = world
        self.clock = clock
        self.http = http
        self.shop = shop

    async def control(self, method: str, path: str, **members: object):
        answer = await self.http.request(method, f"{HOST}/_control{path}", json=members or {})
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def pay(self, number: str, **payment: object):
        return await self.control("POST", f"/orders/{number}/pay", **payment)

    async def settled(self) -> None:
        """Wait until nothing is going on in the background."""
        while self.world.tasks:
            await asyncio.gather(*self.world.tasks)
            await asyncio.sleep(0)


@pytest.fixture(scope="session")
def keys() -> Keys:
    return make_keys("1900000109", ["wxd678efh567hg6787", "wxminiprogram"], START)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture
async def wechat(keys: Keys, clock: FakeClock) -> AsyncIterator[Wechat]:
    async with opened_wechat(keys, clock) as wechat:
        yield wechat


@asynccontextmanager
async def opened_wechat(keys: Keys, clock: FakeClock) -> AsyncIterator[Wechat]:
    async def sleep(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    shop = Shop()
    world = World(keys, clock, public_url=HOST, sleep=sleep)
    app = make_app(world, httpx.AsyncClient(transport=httpx.ASGITransport(shop)))
    # Not the lifespan: fixtures begin and end in different tasks, which its cancel scope forbids.
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield Wechat(world, clock, http, shop)
    await world.stop()


@pytest.fixture(scope="session")
def settings(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> WechatPaySettings:
    public_key = tmp_path_factory.mktemp("keys") / "platform_public_key.pem"
    public_key.write_text(public_pem(keys.platform_key))
    return WechatPaySettings(
        mchid=keys.merchant.mchid,
        appid=keys.merchant.appids[0],
        serial_no=keys.merchant.serial_no,
        private_key=Secret(private_pem(keys.merchant_key)),
        api_v3_key=Secret(keys.api_v3_key.decode()),
        public_key_id=keys.merchant.public_key_id,
        public_key=public_key,
        hosts=(HOST,),
    )


@pytest.fixture(scope="session")
def certificate_settings(settings: WechatPaySettings) -> WechatPaySettings:
    return msgspec.structs.replace(
        settings, public_key=None, public_key_id=None, platform_certificates=True
    )


@pytest.fixture
def account(settings: WechatPaySettings, wechat: Wechat, clock: FakeClock) -> Account:
    return Account(settings, wechat.http, clock)


@pytest.fixture
def gateway(settings: WechatPaySettings, wechat: Wechat, clock: FakeClock) -> WechatGateway:
    return WechatGateway(settings, clock, wechat.http)


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("simulator")
    with running_simulator(
        folder / "keys", speed=1000, journal=folder / "journal.jsonl"
    ) as running:
        yield running


class Desk:
    """A shop's WeChat Pay, which runs as a process of its own: makes it act, brings its notices.

    Notices are fetched from the simulator and signed with its keys at the shop's time, which a
    test may move.
    """

    def __init__(self, running: Running, wechat: httpx.AsyncClient, shop, client) -> None:
        self.address = running.address
        self.merchant = running.merchant
        self.shop = shop
        self.client = client
        self._wechat = wechat
        keys = keep_keys(running.keys, self.merchant.mchid, self.merchant.appids, START)
        self.world = World(keys, shop.clock)

    async def control(self, method: str, path: str, **members: object):
        url = f"{self.address}/_control{path}"
        # No body nobody reads: the server would cut the connection for it.
        body = None if method == "GET" else members
        answer = await self._wechat.request(method, url, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def checkout(self, shopper, pieces: dict[str, int]) -> Attempt:
        """A payment of a new order that waits for its customer."""
        placed = await shopper.place(pieces)
        assert placed.status_code == 201, placed.text
        started = await self.start(shopper, placed.json()["id"])
        assert started.status_code == 201, started.text
        assert started.json()["parameters"]["code_url"].startswith("weixin://wxpay/")
        return await self.attempt(placed.json()["id"])

    async def start(self, shopper, order: str) -> httpx.Response:
        way = {"gateway": "wechat_pay", "method": "native"}
        return await shopper.send("POST", f"/store/orders/{order}/payments", json=way)

    async def attempt(self, order: str) -> Attempt:
        return (await attempts_of(self.shop.database, order))[-1]

    async def paid_by_customer(self, attempt: Attempt, **payment: object) -> bytes:
        """Have the customer pay; gives the body of the notice."""
        await self.control("POST", f"/orders/{attempt.number}/pay", **payment)
        return await self.news_of(attempt.number)

    async def news_of(self, number: str) -> bytes:
        """The body of the latest notice about an order or a refund."""
        return base64.b64decode((await self._latest(number))["body"])

    def sealed(self, news: dict[str, object], event: str = "TRANSACTION.SUCCESS", **more) -> bytes:
        """The body of a notice of the test's own words."""
        kind = event.partition(".")[0].lower()
        resource = seal_resource(
            msgspec.json.encode(news),
            self.world.keys.api_v3_key,
            nonce="0123456789ab",
            associated_data=kind,
            original_type=kind,
        )
        envelope = {
            "id": new_nonce(),
            "create_time": "2026-03-01T12:00:00+08:00",
            "resource_type": "encrypt-resource",
            "event_type": event,
            "resource": resource,
        }
        return msgspec.json.encode(envelope | more)

    def opened(self, body: bytes) -> dict[str, object]:
        """What a notice says."""
        resource = msgspec.convert(msgspec.json.decode(body)["resource"], Resource)
        return msgspec.json.decode(open_resource(resource, self.world.keys.api_v3_key))

    def signed(self, body: bytes, **options) -> dict[str, str]:
        """WeChat's headers for a body, at the shop's time."""
        headers = stamp(self.world, body, public_key_seal(self.world), **options)
        return headers | {"Content-Type": "application/json"}

    async def bring(self, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        """Post a notice to the shop; WeChat's signature unless others are given."""
        headers = self.signed(body) if headers is None else headers
        return await self.client.post("/notify/wechat_pay", content=body, headers=headers)

    async def refunds_of(self, attempt: Attempt) -> list[dict[str, object]]:
        """What WeChat gave back of a payment."""
        refunds = await self.control("GET", "/refunds")
        return [one for one in refunds if one["out_trade_no"] == attempt.number]

    async def accepted(self, number: str):
        """The latest notice about an order or a refund, once the shop has accepted it."""

        async def found():
            told = await self._latest(number)
            return told if told["accepted"] else None

        return await until(found)

    async def first_try(self, number: str):
        """The first attempt to deliver a notice, once WeChat made it."""

        async def found():
            return (await self._latest(number))["attempts"][:1]

        return (await until(found))[0]

    async def _latest(self, number: str):
        notices = await self.control("GET", "/notices")
        return [one for one in notices if one["subject"] == number][-1]

    async def until(self, holds):
        return await until(holds)

    async def order(self, attempt: Attempt):
        return await find_order(self.shop.database, attempt.order)

    async def events(self, attempt: Attempt, name: str) -> int:
        """How often an event of an attempt's order was told."""
        count = "SELECT count(*) FROM events_outbox WHERE subject = $1 AND name = $2"
        return (await self.shop.database.fetch(count, attempt.order, name))[0][0]

    async def alerts(self) -> list[str]:
        return await self.shop.database.fetch_as(str, "SELECT kind FROM payments_alerts")


@pytest.fixture
def shop_tables(shop_tables, simulator: Running):
    shop = shop_tables["shop"] | {"base_url": f"http://127.0.0.1:{free_port()}"}
    wechat = simulator.settings
    return shop_tables | {
        "shop": shop,
        "plugins": {"enabled": ["wechat_pay"], "wechat_pay": wechat},
    }


@pytest.fixture
async def shop(shop):
    # The simulator is another process, on the machine's time.
    shop.clock.advance(SystemClock().now() - shop.clock.now())
    return shop


@pytest.fixture
async def app(shop) -> AsyncIterator[Litestar]:
    """The shop's web; its jobs are done by the fixture `runner` alone, when a test says so."""
    app, open_, over = create_app(shop), asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            await app.state.runner.stop()
            open_.set()
            await over.wait()

    # In a task of its own: fixtures begin and end in different ones, and a lifespan may not.
    life = asyncio.create_task(live())
    life.add_done_callback(lambda _: open_.set())
    await open_.wait()
    if not life.done():
        yield app
    over.set()
    await life


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as http:
        yield http


@pytest.fixture
async def desk(simulator: Running, shop, client) -> AsyncIterator[Desk]:
    async with httpx.AsyncClient(trust_env=False) as http:
        desk = Desk(simulator, http, shop, client)
        await desk.control("PUT", "/terms", notices=False)
        yield desk
        await desk.control("PUT", "/terms")
        await desk.control("DELETE", "/faults")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
async def on_its_port(app: Litestar, shop) -> AsyncIterator[None]:
    """The shop listens where it says that it does."""
    address = urlsplit(shop.config.shop.base_url)
    server = Server(
        app,
        address=address.hostname,
        port=address.port,
        interface=Interfaces.ASGINL,
        websockets=False,
        log_enabled=False,
    )
    serving = asyncio.create_task(server.serve())
    async with httpx.AsyncClient(trust_env=False) as http:
        await until(lambda: answers(http, f"{shop.config.shop.base_url}/health/live"))
    yield
    server.stop()
    await serving


async def answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).is_success
    except httpx.TransportError:
        return False


async def until(holds: Callable[[], Awaitable[T]], patience: float = 20.0) -> T:
    """Look again and again, for so many seconds at most; gives the first answer that counts."""
    end = asyncio.get_running_loop().time() + patience
    while not (found := await holds()):
        assert asyncio.get_running_loop().time() < end, f"not within {patience:g} s"
        await asyncio.sleep(0.02)
    return found


@pytest.fixture
def refund(desk: Desk, shop, runner: Runner):
    """Give so much of a payment back, and have WeChat do it."""

    async def refund(attempt: Attempt, amount: int, key: str = "refund") -> Refunded:
        done = await refund_order(
            shop,
            attempt.order,
            RefundWish(amount=amount),
            restock="no",
            reason="broken",
            key=key,
            actor="staff:1",
        )
        await runner.drain()
        return done

    return refund


@pytest.fixture
def without_order_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let changes of one order run into each other: the positive control of races."""

    async def look_away(tx, order) -> None:
        """Lock nothing, compare nothing."""

    monkeypatch.setattr(transition, "lock_order", look_away)
    careless = sql.CHANGE.replace("version = $2", "version >= 0 * $2")
    assert careless != sql.CHANGE
    monkeypatch.setattr(sql, "CHANGE", careless)
