"""A shop with an empty catalogue, once on SQLite and once on PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jishi.builtin import ListingRules
from jishi.catalogue import Listing, Product, Sku, create_product, load_product, publish_product
from jishi.clock import FakeClock
from jishi.config import ChannelSettings, Config, Secret, ShopSettings
from jishi.db import Database
from jishi.hookspecs import FAMILIES
from jishi.plugins import Plugin, hooks_for
from jishi.shop import Shop

ROOMS = ("ledger", "events", "compliance", "membership", "staff", "catalogue")


def config(**channels: ChannelSettings) -> Config:
    settings = ShopSettings(name="Test", secret=Secret("0123456789abcdef0123456789abcdef"))
    return Config(folder=Path(), shop=settings, channels=channels)


def open_shop(database: Database, *plugins: Plugin) -> Shop:
    build = config(web=ChannelSettings(), mini_program=ChannelSettings(price_list="mini"))
    hooks = hooks_for(FAMILIES, *(plugins or (ListingRules(),)), config=build)
    return Shop(build, database, hooks, FakeClock(datetime(2026, 3, 1, 8, tzinfo=UTC)))


@pytest.fixture
async def database(migrated_database_url: str) -> AsyncIterator[Database]:
    database = Database.open(migrated_database_url)
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
def shop(database: Database) -> Shop:
    return open_shop(database)


@pytest.fixture
def reopen(database: Database):
    """Make another shop over the same rows, with other plugins."""

    def opened(*plugins: Plugin) -> Shop:
        return open_shop(database, *plugins)

    return opened


class Goods:
    """Puts products into a shop, with a few words each."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def draft(self, handle: str, title: str = "茶", price: int = 1000, **fields) -> Product:
        skus = fields.pop("skus", None) or (Sku(code=f"{handle}-1", price=price),)
        listing = Listing(handle=handle, title=title, skus=skus, **fields)
        return (await create_product(self.shop, listing)).product

    async def on_sale(
        self, handle: str, title: str = "茶", price: int = 1000, **fields
    ) -> Product:
        made = await self.draft(handle, title, price, **fields)
        await publish_product(self.shop, made.id)
        return await load_product(self.shop.database, made.id)


@pytest.fixture
def goods(shop: Shop) -> Goods:
    return Goods(shop)
