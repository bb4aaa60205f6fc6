"""A shop with tea and a live session, viewers, and an operator."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from jishi.callers import Caller
from jishi.membership import Identity, enter
from jishi.testing.people import Shopper
from jishi_live_stream import LiveStream, sessions
from jishi_live_stream.settings import LiveStreamSettings
from jishi_live_stream.structs import CardPlan, CouponPlan, Plan, SlotPlan

PRICE = 10_000


class Viewer(Shopper):
    """A member who watches."""

    async def buy(self, session: str, pieces: int = 1, sku: str = "tea", **order: Any):
        extras = {"live_stream.session": session}
        return await self.place({sku: pieces}, extras=extras, **order)

    async def ask(self, path: str, body: object = None, key: str = "k"):
        headers = {"idempotency-key": key}
        return await self.send("POST", f"/live_stream{path}", json=body, headers=headers)


@pytest.fixture
def shop_plugins(shop_plugins):
    return shop_plugins | {"live_stream": LiveStream}


@pytest.fixture
def shop_tables(shop_tables):
    plugins = shop_tables.get("plugins", {})
    return {
        **shop_tables,
        "plugins": {
            **plugins,
            "live_stream": {"secret": {"env": "SHOP_SECRET"}},
            "budgets": {"live_stream": {"load": 5000, "review": 5000, "pure": 5000}},
        },
        "stores": {"east": {"name": "东店"}, "west": {"name": "西店"}},
    }


@pytest.fixture
def desk(shop):
    return shop.hooks.plugin("live_stream").desk


@pytest.fixture
def settings(shop) -> LiveStreamSettings:
    return shop.hooks.plugin("live_stream")._settings


@pytest.fixture
async def tea(seller):
    for sku in ("tea", "cup"):
        await seller.product(sku, price=PRICE, stock=100)


@pytest.fixture
def plan_of(shop):
    def make(**said: Any) -> Plan:
        now = shop.clock.now()
        usual: dict[str, Any] = {
            "title": "春茶直播",
            "host": "小美",
            "starts_at": now,
            "ends_at": now + timedelta(hours=2),
            "cards": (CardPlan(sku="tea", price=6000, pieces=5, per_member=2),),
            "coupons": (CouponPlan(code="c1", title="满50减10", off=1000, over=5000, quantity=3),),
            "store": "east",
            "slots": (SlotPlan(code="sat", starts_at=now + timedelta(days=2), people=2),),
        }
        return Plan(**(usual | said))

    return make


@pytest.fixture
def live(desk, tea, plan_of) -> Callable[..., Awaitable[str]]:
    """A session that is live; gives its id."""

    async def begin(**said: Any) -> str:
        written = await sessions.write_down(desk, plan_of(**said), "test")
        return (await sessions.go_live(desk, written.id, "staff:1")).id

    return begin


@pytest.fixture
def viewer(client, shop) -> Callable[[int], Awaitable[Viewer]]:
    """A member, by number."""

    async def join(number: int) -> Viewer:
        identity = Identity(kind="phone", value=f"+8613900{number:06d}")

        async def work(tx):
            return await enter(tx, shop, identity, Caller())

        inside = await shop.database.atomically(work)
        one = Viewer(client, shop)
        one.id, one.headers = inside.member.id, {"authorization": f"Bearer {inside.token}"}
        return one

    return join
