"""A database with two small tables, once on SQLite and once on PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from jishi.db import BigInt, Database, Source, Table, Text, Timestamptz


class Shelf(Table, tablename="room_shelves"):
    id = Text(primary_key=True)
    label = Text()


class Item(Table, tablename="room_items"):
    id = Text(primary_key=True)
    shelf = Text(null=True)
    sku = Text()
    on_hand = BigInt(default=0)
    seen_at = Timestamptz(null=True)


_TABLES = (
    "CREATE TABLE room_shelves (id TEXT NOT NULL PRIMARY KEY, label TEXT NOT NULL)",
    "CREATE TABLE room_items (id TEXT NOT NULL PRIMARY KEY, shelf TEXT"
    " REFERENCES room_shelves (id), sku TEXT NOT NULL, on_hand BIGINT NOT NULL DEFAULT 0"
    " CONSTRAINT room_items_never_negative CHECK (on_hand >= 0), seen_at {moment},"
    " CONSTRAINT room_items_sku_key UNIQUE (sku))",
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database.open(database_url)
    await database.start()
    moment = "INTEGER" if database.dialect == "sqlite" else "TIMESTAMPTZ"
    async with database.transaction() as tx:
        for table in _TABLES:
            await tx.execute(table.format(moment=moment))
    yield database
    await database.stop()


Package = Callable[..., Source]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Write a source of migrations that can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, after: tuple[str, ...] = (), **modules: str) -> Source:
        folder = tmp_path / f"{tmp_path.name}_{name}"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        for module, text in modules.items():
            (folder / f"{module}.py").write_text(text)
        return Source(name=name, package=folder.name, after=after)

    return write


@pytest.fixture
async def empty(database_url: str) -> Database:  # type: ignore[misc]
    database = Database.open(database_url)
    await database.start()
    yield database
    await database.stop()
