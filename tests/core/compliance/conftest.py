"""A shop whose plugins find what a test tells them to, on SQLite and PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jishi.clock import FakeClock
from jishi.compliance import Finding, Subject
from jishi.config import ChannelSettings, Config, Secret, ShopSettings
from jishi.db import Database
from jishi.hookspecs import FAMILIES
from jishi.plugins import Declaration, Plugin, hookimpl, hooks_for
from jishi.shop import Shop


class Reader(Plugin):
    """Finds the words it is told to find."""

    declaration = Declaration(name="reader", version="1.2")

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.asked: list[str] = []
        self.trouble: Exception | None = None

    @hookimpl
    async def review_subject(self, subject: Subject) -> list[Finding] | None:
        self.asked.append(subject.id)
        if self.trouble:
            raise self.trouble
        return [
            Finding(rule=word, severity=severity, message=f"{word} is {severity}", field=field)
            for field, text in subject.texts.items()
            for word, severity in self.words.items()
            if word in text
        ] or None


class SecondReader(Reader):
    declaration = Declaration(name="second", version="0.1")


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def second() -> SecondReader:
    return SecondReader()


@pytest.fixture
async def shop(
    migrated_database_url: str, reader: Reader, second: SecondReader
) -> AsyncIterator[Shop]:
    database = Database.open(migrated_database_url)
    await database.start()
    settings = ShopSettings(name="Test", secret=Secret("0123456789abcdef" * 2))
    build = Config(folder=Path(), shop=settings, channels={"web": ChannelSettings()})
    hooks = hooks_for(FAMILIES, reader, second, config=build)
    yield Shop(build, database, hooks, FakeClock(datetime(2026, 3, 1, 8, tzinfo=UTC)))
    await database.stop()


@pytest.fixture
def tea() -> Callable[..., Subject]:
    """Make a product to be reviewed."""

    def made(text: str = "龙井茶", name: str = "tea") -> Subject:
        return Subject(kind="product", id=name, title="茶", texts={"title": text})

    return made
