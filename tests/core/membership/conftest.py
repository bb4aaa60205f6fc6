"""A shop with members only, whose login codes land in a box that tests can read."""

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jishi.clock import FakeClock
from jishi.config import ChannelSettings, Config, Secret, ShopSettings
from jishi.db import Database
from jishi.hookspecs import FAMILIES
from jishi.membership import Identity
from jishi.plugins import Declaration, Plugin, hookimpl, hooks_for
from jishi.shop import Shop

# The generated population is part of the bench, which is no distribution.
sys.path.insert(0, str(Path(__file__).parents[3]))

PHONE = Identity(kind="phone", value="8613800138000")
EMAIL = Identity(kind="email", value="li@example.com")


class Box:
    """A sender that keeps what it is given."""

    name = "box"

    def __init__(self) -> None:
        self.letters: list[tuple[str, str]] = []
        self.broken = False

    def serves(self, kind: str) -> bool:
        return kind in ("phone", "email")

    async def send(self, identity: Identity, code: str) -> None:
        if self.broken:
            raise OSError(f"no line to {identity.value} for {code}")
        self.letters.append((identity.value, code))

    @property
    def code(self) -> str:
        return self.letters[-1][1]


class Post(Plugin):
    declaration = Declaration(name="post", version="1.0")

    def __init__(self, box: Box) -> None:
        self.box = box

    @hookimpl
    def register_code_senders(self):
        return [self.box]


def open_shop(database: Database, *plugins: Plugin, secret: str = "0123456789abcdef" * 2) -> Shop:
    settings = ShopSettings(name="Test", secret=Secret(secret))
    build = Config(folder=Path(), shop=settings, channels={"web": ChannelSettings()})
    hooks = hooks_for(FAMILIES, *plugins, config=build)
    return Shop(build, database, hooks, FakeClock(datetime(2026, 3, 1, 8, tzinfo=UTC)))


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
async def database(migrated_database_url: str) -> AsyncIterator[Database]:
    database = Database.open(migrated_database_url)
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
def shop(database: Database, box: Box) -> Shop:
    return open_shop(database, Post(box))


@pytest.fixture
def deaf_shop(database: Database) -> Shop:
    return open_shop(database)


@pytest.fixture
def other_shop(database: Database, box: Box) -> Shop:
    return open_shop(database, Post(box), secret="another secret of another shop!!")


@pytest.fixture
def enter(shop: Shop, box: Box):
    """Log somebody in from scratch."""

    async def entered(identity: Identity = PHONE, **wishes):
        from jishi.callers import Caller
        from jishi.membership import log_in, send_login_code

        await send_login_code(shop, identity, "")
        return await log_in(shop, identity, box.code, wishes.pop("caller", Caller()), **wishes)

    return entered


@pytest.fixture
def open_with(database: Database, box: Box):
    """Give a function that opens the shop with plugins, their desks furnished."""
    from jishi.bookkeeping import Bookkeeper

    def opened(*plugins: Plugin) -> Shop:
        shop = open_shop(database, Post(box), *plugins)
        shop.hooks.furnish(database, shop.clock, Bookkeeper(shop))
        return shop

    return opened


@pytest.fixture
def join(database: Database):
    """Give a function that makes a member of a phone number or an e-mail address."""
    from jishi.membership import recognise

    async def joined(shop: Shop, identity: Identity, name: str = "") -> str:
        async with database.transaction() as tx:
            member, _ = await recognise(tx, shop, identity, name)
        return member.id

    return joined
