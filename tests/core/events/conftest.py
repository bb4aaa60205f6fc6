"""A shop of one database and one plugin's ears, with a clock that is told the time.

Once on SQLite, and on PostgreSQL once for each runner.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jishi.clock import FakeClock
from jishi.config import Config, Source, read_config
from jishi.db import Database, Migrations
from jishi.db import Source as TableSource
from jishi.plugins import SHOP, Listener
from jishi.shop import Shop

SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}


class Ears:
    """Says who listens, as the plugins' room does; a test fills it."""

    def __init__(self) -> None:
        self.plugins: dict[str, object] = {}

    def listeners(self, spec: object, where: object = SHOP) -> tuple[Listener, ...]:
        return tuple(Listener(name, call) for name, call in self.plugins.items())


@pytest.fixture(params=["sqlite", "postgresql", "pgqueuer"])
def runner_name(request: pytest.FixtureRequest) -> str:
    """Give the database's name, or the runner's where PostgreSQL comes a second time."""
    return request.param


@pytest.fixture
def migrated_database_url(
    runner_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """Give a database with the core's tables, and the queue's when it is used."""
    if runner_name == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "shop.db")
        yield f"sqlite:///{tmp_path / 'shop.db'}"
        return
    shelf = request.getfixturevalue("postgres_shelf")
    url = shelf.lend()
    yield url
    shelf.take_back(url)


@pytest.fixture
def config(migrated_database_url: str, runner_name: str, tmp_path: Path) -> Config:
    tables = {
        "shop": {"name": "测试小店", "secret": {"env": "SHOP_SECRET"}},
        "database": {"url": migrated_database_url},
        "events": {"runner": "pgqueuer" if runner_name == "pgqueuer" else "embedded"},
    }
    return read_config(Source(tmp_path, tables=tables, environ=SECRET))


@pytest.fixture
async def shop(config: Config, runner_name: str) -> AsyncIterator[Shop]:
    database = Database.open(config.database.url)
    await database.start()
    if runner_name == "pgqueuer":
        queue = TableSource(name="pgqueuer", package="jishi.events.queue_migrations")
        await Migrations(database, [queue]).upgrade()
    yield Shop(config, database, Ears(), FakeClock(datetime(2026, 3, 1, 8, tzinfo=UTC)))
    await database.stop()
