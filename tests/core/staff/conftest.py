"""A shop with nobody in it yet, once on SQLite and once on PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jishi.callers import Caller
from jishi.clock import FakeClock
from jishi.config import ChannelSettings, Config, Secret, ShopSettings
from jishi.db import Database
from jishi.hookspecs import FAMILIES
from jishi.plugins import hooks_for
from jishi.shop import Shop
from jishi.staff import NewPerson, add_person, create_owner

PASSWORD = "correct horse battery"


@pytest.fixture
async def shop(migrated_database_url: str) -> AsyncIterator[Shop]:
    database = Database.open(migrated_database_url)
    await database.start()
    settings = ShopSettings(name="Test", secret=Secret("0123456789abcdef" * 2))
    build = Config(folder=Path(), shop=settings, channels={"web": ChannelSettings()})
    hooks = hooks_for(FAMILIES, config=build)
    yield Shop(build, database, hooks, FakeClock(datetime(2026, 3, 1, 8, tzinfo=UTC)))
    await database.stop()


@pytest.fixture
async def owner(shop: Shop) -> Caller:
    person = await create_owner(shop, "owner@example.com", PASSWORD)
    return Caller(kind="staff", id=person.id, scopes=frozenset({"*"}))


@pytest.fixture
def hire(shop: Shop, owner: Caller):
    """Let somebody work here."""

    async def hired(email: str = "pack@example.com", role: str = "packer"):
        new = NewPerson(email=email, password=PASSWORD, role=role)
        return await add_person(shop, owner, new)

    return hired
