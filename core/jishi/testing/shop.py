"""A shop with goods in it, for tests: once on SQLite, once on PostgreSQL.

- `shop`: started, migrated, its clock stands still (`shop.clock.advance(...)`)
- `client`: HTTP to that shop, with counter and jobs, in this process
- `seller`: puts goods in, `shopper`: buys over HTTP, `paper`: the gateway that takes the money
- `runner`: does what is due when told (`await runner.drain()`); the client's own sleeps

Override `shop_tables` for another jishi.toml (tests of pages put ``web`` to ``{}``: the shop has
its API alone), `shop_plugins` for further plugins:

```
@pytest.fixture
def shop_tables(shop_tables):
    return shop_tables | {"checkout": {"unpaid_orders": 2}}

async def test_an_order(seller, shopper):
    await seller.product("tea", price=990, stock=3)
    order = await shopper.up_to("paid", {"tea": 2})
```
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from jishi.clock import FakeClock
from jishi.config import Config, Source, read_config
from jishi.events import Runner
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.shop import Shop
from jishi.testing.gateway import PaperGateway
from jishi.testing.people import Seller, Shopper
from jishi.web import create_app, handlers_of, open_shop, require_tables

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
"""What time it is when a test begins."""


class Paper(Plugin):
    """Brings a gateway on paper, named ``paper``."""

    declaration = Declaration(name="paper", version="1.0.0")

    def __init__(self, settings: None = None) -> None:
        super().__init__(settings)
        self.gateway = PaperGateway()

    @hookimpl
    def register_gateways(self) -> list[PaperGateway]:
        """The gateway on paper."""
        return [self.gateway]


@pytest.fixture
def shop_tables(migrated_database_url: str) -> dict[str, Any]:
    """Give the tables of the shop's jishi.toml."""
    return {
        "shop": {"name": "测试小店", "secret": {"env": "SHOP_SECRET"}},
        "database": {"url": migrated_database_url},
        "web": {"storefront": "off"},
        "events": {"jobs": "elsewhere"},  # done when `runner` drains, and at no other moment
        "channels": {"web": {"name": "网店"}, "mini_program": {"name": "小程序"}},
    }


@pytest.fixture
def shop_plugins() -> dict[str, type[Plugin]]:
    """Give the plugins that take part besides the built-in ones."""
    return {"paper": Paper}


@pytest.fixture
def shop_config(shop_tables: dict[str, Any], tmp_path: Path) -> Config:
    """Give the shop's configuration; its folder is the test's own."""
    secret = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}
    return read_config(Source(tmp_path, tables=shop_tables, environ=secret))


@pytest.fixture
async def shop(shop_config: Config, shop_plugins: dict[str, type[Plugin]]) -> AsyncIterator[Shop]:
    """Give a shop with an empty catalogue."""
    shop = await open_shop(shop_config, FakeClock(START), shop_plugins)
    try:
        await require_tables(shop, "upgrade")
        yield shop
    finally:
        await shop.database.stop()


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the shop's web, with its counter open."""
    async with client_of(shop) as http:
        yield http


@asynccontextmanager
async def client_of(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the web of any shop that is connected, with its counter open."""
    app = create_app(shop)
    async with (
        _alive(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),  # type: ignore[arg-type]  # Litestar's own types
            base_url="http://shop.test",
            trust_env=False,
        ) as http,
    ):
        yield http


@asynccontextmanager
async def _alive(app: Litestar) -> AsyncIterator[None]:
    """The application's life in a task of its own: it must end in the task it began in."""
    started, end = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await end.wait()

    life = asyncio.create_task(live())
    beginning = asyncio.create_task(started.wait())
    await asyncio.wait((life, beginning), return_when=asyncio.FIRST_COMPLETED)
    beginning.cancel()
    try:
        if not life.done():
            yield
    finally:
        end.set()
        await life


@pytest.fixture
def paper(shop: Shop) -> PaperGateway:
    """Give the gateway that the shop's payments go to."""
    plugin = shop.hooks.plugin("paper")
    assert isinstance(plugin, Paper)
    return plugin.gateway


@pytest.fixture
def seller(shop: Shop) -> Seller:
    """Give somebody who puts goods into the shop."""
    return Seller(shop)


@pytest.fixture
def shopper(client: httpx.AsyncClient, shop: Shop) -> Shopper:
    """Give a guest who buys over HTTP."""
    return Shopper(client, shop)


@pytest.fixture
def runner(shop: Shop) -> Runner:
    """Give a runner that works when it is told to drain."""
    return Runner(shop, handlers_of(shop))
