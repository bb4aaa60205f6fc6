"""Databases that have the core's tables already: made once a session, copied for each test."""

import asyncio
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from jishi.config import Source, read_config
from jishi.testing.postgres_server import run_sql
from jishi.web import open_shop, require_tables

_SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file with the core's tables."""
    folder = tmp_path_factory.mktemp("template")
    asyncio.run(_migrate(folder, f"sqlite:///{folder / 'shop.db'}"))
    return folder / "shop.db"


@pytest.fixture(scope="session")
def postgres_template(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Give the name of a database with the core's tables."""
    name = f"jishi_template_{secrets.token_hex(6)}"
    run_sql(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE template0')
    url = urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
    asyncio.run(_migrate(tmp_path_factory.mktemp("template"), url))
    yield name
    run_sql(postgres_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a database with the core's tables and nothing else; plugins' tables are to come."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copyfile(template, tmp_path / "shop.db")
        yield f"sqlite:///{tmp_path / 'shop.db'}"
        return
    server: str = request.getfixturevalue("postgres_url")
    source: str = request.getfixturevalue("postgres_template")
    name = f"jishi_test_{secrets.token_hex(6)}"
    run_sql(server, f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    yield urlsplit(server)._replace(path=f"/{name}").geturl()
    run_sql(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _migrate(folder: Path, url: str) -> None:
    tables = {
        "shop": {"name": "Template", "secret": {"env": "SHOP_SECRET"}},
        "database": {"url": url},
    }
    shop = await open_shop(read_config(Source(folder, tables=tables, environ=_SECRET)))
    try:
        await require_tables(shop, "upgrade")
    finally:
        await shop.database.stop()
