"""A ledger with nothing in it, once on SQLite and once on PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from jishi.db import Database, Migrations, Source


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database.open(database_url)
    await database.start()
    ledger = Source(name="ledger", package="jishi.ledger.migrations")
    await Migrations(database, [ledger]).upgrade()
    yield database
    await database.stop()
