"""A shop of one database and one plugin's ears, with a clock that is told the time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from jishi.clock import FakeClock
from jishi.db import Database
from jishi.plugins import SHOP, Listener
from jishi.shop import Shop


class Ears:
    """Says who listens, as the plugins' room does; a test fills it."""

    def __init__(self) -> None:
        self.plugins: dict[str, object] = {}

    def listeners(self, spec: object, where: object = SHOP) -> tuple[Listener, ...]:
        return tuple(Listener(name, call) for name, call in self.plugins.items())


@pytest.fixture
async def shop(migrated_database_url: str) -> AsyncIterator[Shop]:
    database = Database.open(migrated_database_url)
    await database.start()
    yield Shop(None, database, Ears(), FakeClock(datetime(2026, 3, 1, 8, tzinfo=UTC)))
    await database.stop()
