"""A shop with the tables that orders need, its clock told the time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jishi import hookspecs
from jishi.clock import FakeClock
from jishi.config import Source as ConfigSource
from jishi.config import read_config
from jishi.db import Database
from jishi.plugins import hooks_for
from jishi.shop import Shop

ROOMS = ("ledger", "events", "orders")


@pytest.fixture
async def shop(migrated_database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    database = Database.open(migrated_database_url)
    await database.start()
    tables = {"shop": {"name": "集市", "secret": {"env": "SECRET"}}}
    config = read_config(ConfigSource(tmp_path, tables=tables, environ={"SECRET": "test"}))
    clock = FakeClock(datetime(2026, 3, 1, 8, tzinfo=UTC))
    yield Shop(config, database, hooks_for(hookspecs.FAMILIES), clock)
    await database.stop()
