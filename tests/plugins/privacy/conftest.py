"""A shop with the plugin, its owner, and two members."""

import os
from datetime import timedelta

import httpx
import pytest

from jishi.callers import Caller
from jishi.plugins import hookimpl
from jishi.staff import create_owner, log_in_staff
from jishi.testing.members import ALICE, BOB, Person
from jishi.testing.members import buy as shopping
from jishi.testing.members import join as enter_shop
from jishi.testing.people import Shopper
from jishi.testing.shop import Paper
from jishi_privacy import Privacy

LONG = os.environ.get("JISHI_PRIVACY") == "long"
"""Everything on both engines; else what has no SQL of its own runs on SQLite alone."""

ONE_ENGINE = ("test_consents.py", "test_contract.py", "test_crashes.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the second engine out where it costs more than it tells."""
    for item in items:
        slow = item.path.name in ONE_ENGINE and item.path.parent.name == "privacy"
        if slow and "postgresql" in item.name and "rewritten" not in item.name and not LONG:
            item.add_marker(pytest.mark.skip(reason="JISHI_PRIVACY=long runs it"))


PURPOSES = [
    {"code": "marketing", "version": "2026-01", "title": "优惠信息", "text": "我们会给您发短信"},
    {"code": "sharing", "version": "1", "title": "与合作方共享", "separate": "yes"},
]


class Messenger(Paper):
    """Brings codes nowhere and remembers them."""

    def __init__(self, settings: None = None) -> None:
        super().__init__(settings)
        self.name, self.codes = "messenger", []

    def serves(self, kind: str) -> bool:
        return kind == "phone"

    async def send(self, identity, code: str) -> None:
        self.codes.append(code)

    @hookimpl
    def register_code_senders(self):
        return [self]


@pytest.fixture
def shop_plugins():
    return {"paper": Messenger, "privacy": Privacy}


@pytest.fixture
def shop_tables(shop_tables, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).write_text(name * 20)
    return shop_tables | {
        "plugins": {"privacy": {"purposes": PURPOSES}},
        "sealing": {"keys": [{"id": "k1", "secret": {"file": "one"}}]},
    }


@pytest.fixture
def codes(shop):
    """Give the codes that were sent, the newest last."""
    return shop.hooks.plugin("paper").codes


@pytest.fixture
async def alice(shop, client, seller) -> Person:
    """Give a member."""
    await seller.product("tea", stock=100)
    return await enter_shop(shop, Person(*ALICE, shopper=Shopper(client, shop)))


@pytest.fixture
async def bob(shop, client, alice) -> Person:
    """Give another one."""
    return await enter_shop(shop, Person(*BOB, shopper=Shopper(client, shop)))


@pytest.fixture
def buy(shop):
    """Give a way to have somebody buy."""
    return lambda person, stage="completed": shopping(shop, person, stage)


@pytest.fixture
async def owner(shop, client):
    """Give the shop's owner: a way to ask in his name."""
    await create_owner(shop, "owner@example.com", "long and winding road 7")
    login = await log_in_staff(shop, "owner@example.com", "long and winding road 7", Caller())
    headers = {"authorization": f"Bearer {login.token}"}

    async def ask(method: str, path: str, **request) -> httpx.Response:
        return await client.request(method, path, headers=headers, **request)

    return ask


@pytest.fixture
def forget(shop, runner, codes):
    """Give a way to have somebody forgotten, as he would do it himself."""

    async def go(person: Person) -> dict:
        shop.clock.advance(timedelta(minutes=2))  # a code a minute
        sent = await person.shopper.send("POST", "/privacy/erasure/codes")
        assert sent.status_code == 204, sent.text
        body = {"code": codes[-1]}
        asked = await person.shopper.send("POST", "/privacy/erasure", json=body)
        assert asked.status_code == 202, asked.text
        return asked.json()

    return go
