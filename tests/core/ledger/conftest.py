"""A ledger with nothing in it, once on SQLite and once on PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from jishi.db import Database


@pytest.fixture
async def database(migrated_database_url: str) -> AsyncIterator[Database]:
    database = Database.open(migrated_database_url)
    await database.start()
    yield database
    await database.stop()
