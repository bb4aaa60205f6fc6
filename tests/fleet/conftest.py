"""Several real processes of one shop on one PostgreSQL.

`build` is that of tests/whole, on PostgreSQL alone; `fleet` starts its processes, each at a port
of its own, and ends them with the test. `redis_address` is a real redis-server's, from the
system's packages; without it the tests that want it are skipped and the end of the run says so,
with JISHI_REQUIRE_REDIS=1 they fail.

JISHI_FLEET=long asks for the long profile: every runner, more people, more kills.
"""

import asyncio
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from shutil import copy

import asyncpg
import httpx
import pytest

from jishi.demo.processes import free_port
from jishi.membership import new_guest

_TROUBLE = pytest.StashKey[str]()


def _whole():
    file = Path(__file__).parents[1] / "whole" / "conftest.py"
    spec = importlib.util.spec_from_file_location("jishi_tests_whole_of_a_fleet", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


whole = _whole()


class Member:
    """A process of the fleet.

    Args:
        build: The shop's.
        name: Of its log.
        command: What it runs; with a port for those that serve.
    """

    def __init__(self, build, name: str, *command: str) -> None:
        self.build, self.name, self.command = build, name, command
        self.port = free_port(0) if command[0] == "serve" else 0
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = build.folder / f"{name}.log"
        self.start()

    def start(self) -> None:
        """Start it, also once more after it ended."""
        at = ("--port", str(self.port)) if self.port else ()
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jishi.cli", *self.command, *at],
                cwd=self.build.folder,
                env=self.build.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    async def ready(self, patience: float = 90) -> None:
        """Wait until it serves, or does jobs."""
        end = time.monotonic() + patience
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            while time.monotonic() < end and self.process.poll() is None:
                if not self.port and "doing jobs" in self.said():
                    return
                with suppress(httpx.HTTPError):
                    if self.port and (await http.get(f"{self.address}/health/ready")).is_success:
                        return
                await asyncio.sleep(0.05)
        raise TimeoutError(f"{self.name} does not come up:\n{self.said()[-3000:]}")

    def kill(self) -> None:
        """Kill it and everything that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    async def told_to_stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Tell the one process, as a supervisor does; gives its exit code and the seconds."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = await asyncio.to_thread(self.process.wait, 30)
        return code, time.monotonic() - began

    def said(self) -> str:
        """Its log."""
        return self.log.read_text("utf-8", "replace")

    @property
    def workers(self) -> list[int]:
        """The processes that do its work."""
        listed = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(each) for each in listed.stdout.split()]

    def resident(self) -> int:
        """What it and its workers have in memory, in bytes."""
        return sum(_resident(each) for each in (self.process.pid, *self.workers))


def _resident(process: int) -> int:
    with suppress(FileNotFoundError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


class Fleet:
    """The processes of one shop.

    Args:
        build: The shop's.
    """

    def __init__(self, build) -> None:
        self.build = build
        self.members: list[Member] = []

    async def serving(self, count: int, *options: str) -> list[Member]:
        """Start so many that serve, at the same moment, and wait for them."""
        self.build.write()
        started = [
            Member(self.build, f"serve-{len(self.members) + place}", "serve", *options)
            for place in range(count)
        ]
        self.members += started
        await asyncio.gather(*(each.ready() for each in started))
        return started

    async def working(self, count: int) -> list[Member]:
        """Start so many that only do jobs."""
        self.build.write()
        started = [
            Member(self.build, f"work-{len(self.members) + place}", "work")
            for place in range(count)
        ]
        self.members += started
        await asyncio.gather(*(each.ready() for each in started))
        return started


@pytest.fixture
def build(tmp_path: Path, fresh_postgres_url: str):
    """Give a build with an empty catalogue, on PostgreSQL."""
    folder = tmp_path / "build"
    folder.mkdir()
    return whole.Build(folder, fresh_postgres_url)


@pytest.fixture
def fleet(build) -> Iterator[Fleet]:
    """Give a fleet without processes."""
    fleet = Fleet(build)
    yield fleet
    for each in fleet.members:
        each.kill()
        sys.stdout.write(f"{each.name} says last:\n{each.said()[-1500:]}\n")


@pytest.fixture
def bring():
    """Give a function that installs a plugin of this folder in a build."""

    def install(build, plugin: str) -> None:
        site = build.folder / "site"
        about = site / f"{plugin}-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {plugin}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[jishi.plugins]\n{plugin} = {plugin}:Own\n")
        copy(Path(__file__).with_name(f"{plugin}.py"), site)
        build.enable(plugin)

    return install


async def tokens_of(build, people: int) -> list[dict[str, str]]:
    """Headers of so many guests."""
    async with build.opened() as shop:
        return [{"authorization": f"Bearer {new_guest(shop).token}"} for _ in range(people)]


@pytest.fixture
def guests(build):
    """Give a function that makes guests: their headers."""
    return lambda people: tokens_of(build, people)


@pytest.fixture
def locked(build):
    """Give a context in which a table is locked against everybody: the database stalls."""

    @asynccontextmanager
    async def lock(table: str) -> AsyncIterator[None]:
        connection = await asyncpg.connect(build.tables["database"]["url"])
        try:
            async with connection.transaction():
                await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                yield
        finally:
            await connection.close()

    return lock


@pytest.fixture(scope="session")
def redis_address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Give the address of a redis-server that nobody else uses."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        trouble = "There is no redis-server; on Debian: apt-get install redis-server."
        if os.environ.get("JISHI_REQUIRE_REDIS") == "1":
            pytest.fail(trouble, pytrace=False)
        request.config.stash[_TROUBLE] = trouble
        pytest.skip("no redis-server; see the end of this run")
    port, folder = free_port(0), tmp_path_factory.mktemp("redis")
    process = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say loudly that shared limits were not tried."""
    if trouble := config.stash.get(_TROUBLE, ""):
        terminalreporter.write_sep("!", "REDIS TESTS DID NOT RUN", red=True, bold=True)
        terminalreporter.write_line(trouble, red=True)
