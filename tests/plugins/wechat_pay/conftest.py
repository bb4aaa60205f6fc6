"""A merchant, a simulated WeChat Pay inside the test, and one that is a process of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from jishi.clock import FakeClock
from jishi.config import Secret
from jishi_wechat_pay import WechatGateway, WechatPaySettings
from jishi_wechat_pay.account import Account
from jishi_wechat_pay.simulator import (
    Keys,
    Running,
    World,
    make_app,
    make_keys,
    private_pem,
    public_pem,
    running_simulator,
)

START = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
HOST = "http://wechat"
NOTIFY = "http://localhost/notify/wechat_pay"


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
