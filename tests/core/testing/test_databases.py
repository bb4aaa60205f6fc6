import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from jishi.testing.postgres_server import run_sql

HOLD_A_SERVER = """
import sys
from jishi.testing.postgres_server import throw_away_server
with throw_away_server() as url:
    print(url, flush=True)
    sys.stdin.read()
"""
WITHOUT_POSTGRES = """
import jishi.testing.postgres_server as server
server.installations = lambda: iter(())
"""


@pytest.fixture
def run_without_postgres(tmp_path):
    """Run a test that wants a database, in a pytest that finds no PostgreSQL."""
    (tmp_path / "without.py").write_text(WITHOUT_POSTGRES)
    (tmp_path / "test_it.py").write_text("def test_it(database_url): pass")

    def run(**environment: str) -> subprocess.CompletedProcess[str]:
        ours = {name: text for name, text in os.environ.items() if not name.startswith("JISHI_")}
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "without", "-p", "no:cacheprovider", "."],
            cwd=tmp_path,
            env=ours | {"PYTHONPATH": str(tmp_path)} | environment,
            capture_output=True,
            text=True,
        )

    return run


async def test_a_test_starts_with_an_empty_database(database_url):
    if database_url.startswith("sqlite"):
        assert not Path(database_url.removeprefix("sqlite:///")).exists()
        return
    connection = await asyncpg.connect(database_url)
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert await connection.fetchval(tables) == 0
    await connection.close()


async def test_postgresql_keeps_what_it_commits(fresh_postgres_url):
    connection = await asyncpg.connect(fresh_postgres_url)
    assert await connection.fetchval("SHOW fsync") == "on"
    await connection.close()


def test_a_test_may_have_several_databases(fresh_postgres_url, create_postgres_database):
    second = create_postgres_database()
    run_sql(fresh_postgres_url, "CREATE TABLE mine (id bigint)")
    with pytest.raises(asyncpg.UndefinedTableError):
        run_sql(second, "SELECT * FROM mine")


@pytest.mark.slow
def test_without_a_server_the_run_says_what_it_left_out(run_without_postgres):
    done = run_without_postgres()
    assert done.returncode == 0
    assert "POSTGRESQL TESTS DID NOT RUN" in done.stdout
    assert "1 passed, 1 skipped" in done.stdout


@pytest.mark.slow
def test_without_a_server_a_run_that_requires_one_fails(run_without_postgres):
    assert run_without_postgres(JISHI_REQUIRE_POSTGRES="1").returncode == 1


@pytest.mark.crash
@pytest.mark.slow
def test_a_server_ends_with_the_run_that_started_it_even_when_that_is_killed():
    command = [sys.executable, "-c", HOLD_A_SERVER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        home = Path(run.stdout.readline().strip().partition("?host=")[2])
        assert (home / "data" / "postmaster.pid").exists()
        run.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while home.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not home.exists()
