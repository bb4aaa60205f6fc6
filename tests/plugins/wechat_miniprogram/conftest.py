"""A shop with a mini program, and a simulated WeChat that is a process of its own."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from jishi.callers import Caller
from jishi.payments import attempts_of, settle, start_payment
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.testing.gateway import PaperGateway
from jishi.testing.people import Shopper
from jishi_wechat_miniprogram import WechatMiniprogram
from jishi_wechat_miniprogram.account import Account
from jishi_wechat_miniprogram.consents import add_consents, consents_of
from jishi_wechat_miniprogram.log_in import log_in
from jishi_wechat_miniprogram.simulator import Running, running_simulator

APPID = "wxba5fad812f8e6fb9"
OTHER = "wx00000000000other"
SECRET = "miniprogram-secret"
TOKEN = "AAAAA"
AES_KEY = "A" * 43
TEMPLATES = {
    "template-order-paid": ("character_string1", "amount2", "thing3", "time4"),
    "template-order-shipped": ("character_string1", "thing2"),
    "template-points": ("number1", "time2"),
    "template-team": ("thing1",),
}


class Wechat:
    """The simulator's control panel."""

    def __init__(self, http: httpx.AsyncClient, address: str) -> None:
        self._http = http
        self.address = address

    async def control(self, method: str, path: str, **members: object):
        url = f"{self.address}/_control{path}"
        body = None if method == "GET" else members
        answer = await self._http.request(method, url, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def call(self, method: str, path: str, body: object = None, **query: str):
        """Call WeChat as a shop would."""
        sent = None if body is None else msgspec.json.encode(body)
        answer = await self._http.request(method, self.address + path, params=query, content=sent)
        if answer.headers["content-type"].startswith("image/"):
            return answer.content
        return answer.json()

    async def begin(self) -> None:
        await self.control("POST", "/reset")
        for appid in (APPID, OTHER):
            push = {"token": TOKEN, "aes_key": AES_KEY, "mode": "safe"}
            await self.control(
                "PUT", "/apps", appid=appid, secret=SECRET, push=push, templates=TEMPLATES
            )
        await self.user("lei")

    async def user(self, name: str, **more: object) -> None:
        await self.control("PUT", "/users", name=name, **{"phone": "13800138000"} | more)

    async def code(self, user: str, kind: str = "login", appid: str = APPID) -> str:
        given = await self.control("POST", "/codes", appid=appid, user=user, kind=kind)
        return given["code"]

    async def openid(self, user: str, appid: str = APPID) -> str:
        return (await self.control("POST", "/codes", appid=appid, user=user))["openid"]

    async def calls(self, path: str):
        return [one for one in await self.control("GET", "/calls") if one["path"] == path]

    async def terms(self, **terms: object) -> None:
        await self.control("PUT", "/terms", **terms)


@pytest.fixture(scope="session")
def simulator() -> Iterator[Running]:
    with running_simulator() as running:
        yield running


@pytest.fixture
async def wechat(simulator: Running) -> AsyncIterator[Wechat]:
    async with httpx.AsyncClient(trust_env=False) as http:
        wechat = Wechat(http, simulator.address)
        await wechat.begin()
        yield wechat


@pytest.fixture
def engine() -> str:
    """SQLite, unless a test asks for both."""
    return "sqlite"


@pytest.fixture
def migrated_database_url(engine: str, request, tmp_path: Path) -> Iterator[str]:
    if engine == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "shop.db")
        yield f"sqlite:///{tmp_path / 'shop.db'}"
        return
    shelf = request.getfixturevalue("postgres_shelf")
    url = shelf.lend()
    yield url
    shelf.take_back(url)


class WechatPaper(PaperGateway):
    """A gateway on paper that goes by the name of WeChat Pay."""

    name = "wechat_pay"


class PaperPay(Plugin):
    """Brings it."""

    declaration = Declaration(name="paper_pay", version="1.0.0")

    def __init__(self, settings: None = None) -> None:
        super().__init__(settings)
        self.gateway = WechatPaper(app=APPID)

    @hookimpl
    def register_gateways(self):
        return [self.gateway]


@pytest.fixture
def shop_plugins(shop_plugins):
    return shop_plugins | {"paper_pay": PaperPay}


@pytest.fixture
def more_settings() -> dict[str, object]:
    """Override for further settings."""
    return {}


@pytest.fixture
def plugin_settings(tmp_path, simulator: Running, more_settings) -> dict[str, object]:
    for name, text in (("secret", SECRET), ("token", TOKEN), ("aes", AES_KEY)):
        (tmp_path / name).write_text(text)
    push = {"token": {"file": "token"}, "aes_key": {"file": "aes"}}
    return {
        "host": simulator.address,
        "apps": {
            "mini_program": {"appid": APPID, "secret": {"file": "secret"}, "push": push},
            "other_program": {"appid": OTHER, "secret": {"file": "secret"}},
        },
        "carriers": {"顺丰": "SF", "圆通": "YTO"},
        "riders": ["自有骑手"],
        "messages": {
            "order.paid": {
                "template": "template-order-paid",
                "page": "pages/order/index?id={order}",
                "values": {
                    "character_string1": "{number}",
                    "amount2": "{paid}元",
                    "thing3": "{goods}",
                    "time4": "{time}",
                },
            },
            "order.shipped": {
                "template": "template-order-shipped",
                "values": {"character_string1": "{tracking}", "thing2": "{carrier}已揽收"},
            },
            "loyalty.points_expiring": {
                "template": "template-points",
                "values": {"number1": "{points}", "time2": "{expires_at}"},
            },
            "group_buy.team_filled": {
                "template": "template-team",
                "values": {"thing1": "{shop}的团{team}成了"},
            },
        },
        **more_settings,
    }


@pytest.fixture
def shop_tables(shop_tables, plugin_settings):
    channels = shop_tables["channels"] | {"other_program": {"name": "第二小程序"}}
    return shop_tables | {
        "channels": channels,
        "stores": {"hz1": {"name": "西湖店"}},
        "plugins": {
            "enabled": ["wechat_miniprogram"],
            "wechat_miniprogram": plugin_settings,
        },
    }


@pytest.fixture
async def account(shop) -> AsyncIterator[Account]:
    plugin = shop.hooks.plugin("wechat_miniprogram")
    assert isinstance(plugin, WechatMiniprogram)
    yield plugin.account(shop)
    await plugin.close()


class Person(Shopper):
    """Somebody who uses the mini program."""

    def __init__(self, http, shop, wechat: Wechat, name: str) -> None:
        super().__init__(http, shop)
        self.wechat = wechat
        self.name = name
        self.headers["jishi-channel"] = "mini_program"

    async def log_in(self) -> dict:
        code = await self.wechat.code(self.name)
        answer = await self.send("POST", "/wechat_miniprogram/login", json={"code": code})
        assert answer.status_code == 200, answer.text
        self.headers["authorization"] = f"Bearer {answer.json()['token']}"
        self.id = answer.json()["member"]["id"]
        return answer.json()

    async def agree(self, template: str, times: int = 1) -> None:
        """Say yes in WeChat, and have the mini program tell the shop."""
        await self.wechat.control(
            "POST", "/consents", appid=APPID, user=self.name, template=template, times=times
        )
        for _ in range(times):
            body = {"templates": [template]}
            answer = await self.send("POST", "/wechat_miniprogram/consents", json=body)
            assert answer.status_code == 200, answer.text

    async def pays(self, pieces: dict[str, int], **order: object) -> tuple[str, str]:
        """Order and pay with WeChat; gives the order's id and WeChat's number of the payment."""
        placed = await self.place(pieces, **order)
        assert placed.status_code == 201, placed.text
        order_id = placed.json()["id"]
        openid = await self.wechat.openid(self.name)
        payer = {"openid": openid}
        attempt = await start_payment(self.shop, order_id, "wechat_pay", "app", payer, "member")
        gateway = self.shop.hooks.plugin("paper_pay").gateway
        gateway.clock = self.shop.clock
        gateway.pay(attempt.number)
        await settle(self.shop, gateway.report(attempt.number), gateway="wechat_pay")
        (paid,) = await attempts_of(self.shop.database, order_id)
        await self.wechat.control(
            "PUT",
            "/payments",
            transaction_id=paid.transaction,
            appid=APPID,
            user=self.name,
            amount=paid.captured,
            out_trade_no=paid.number,
        )
        return order_id, paid.transaction


class Friend:
    """Somebody who logged in and agrees, without HTTP to the shop: cheaper where that is all."""

    def __init__(self, account: Account, wechat: Wechat, name: str) -> None:
        self.account = account
        self.wechat = wechat
        self.name = name
        self.id = ""

    async def log_in(self) -> None:
        code, app = await self.wechat.code(self.name), self.account.settings.apps["mini_program"]
        entered = await log_in(self.account, app, code, Caller(channel="mini_program"), "", ())
        self.id = entered.member.id

    async def agree(self, template: str, times: int = 1) -> None:
        await self.wechat.control(
            "POST", "/consents", appid=APPID, user=self.name, template=template, times=times
        )
        for _ in range(times):
            await add_consents(self.account.desk, self.id, APPID, [template])

    async def remaining(self, template: str) -> int:
        agreed = await consents_of(self.account.desk, self.id, APPID)
        return {each.template: each.remaining for each in agreed}[template]


@pytest.fixture
def friend(account, wechat):
    async def friend(name: str) -> Friend:
        made = Friend(account, wechat, name)
        await made.log_in()
        return made

    return friend


@pytest.fixture
def person(client, shop, wechat):
    def person(name: str) -> Person:
        return Person(client, shop, wechat, name)

    return person
