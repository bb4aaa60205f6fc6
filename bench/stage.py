"""Everything the measurements stand on: made when it is first wanted, cleared away at the end."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import msgspec
from rich.console import Console

from bench.builds import OWNER, Build
from bench.figures import BenchFailed
from bench.goods import multiply, write_catalogue
from bench.plugins import install_plugins
from bench.postgres import Postgres
from bench.processes import Server, free_port, running
from jishi.testing.postgres_server import throw_away_server

_SMALLEST = 1_000
"""SKUs that are imported; larger catalogues are copies of them."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How long things are measured.

    Attributes:
        runs: Repetitions of each figure.
        seconds: Of one run of writes; checkouts take twice as long.
        reading: Seconds of one run of reads, which need less to be steady.
        warm_up: Seconds before the first run.
        workers: Processes of each server.
        depth: ``full``, or ``quick`` for the most telling figures alone.
    """

    runs: int = 3
    seconds: float = 3.0
    reading: float = 2.0
    warm_up: float = 2.0
    workers: int = 1
    depth: str = "full"

    @property
    def is_quick(self) -> bool:
        """Whether only the most telling figures are wanted."""
        return self.depth == "quick"


class Stage:
    """Where the parts of the bench play.

    Args:
        pace: How long things are measured.
        console: Where progress is told.
    """

    def __init__(self, pace: Pace, console: Console) -> None:
        self.pace = pace
        self.console = console
        self._ends = ExitStack()
        self._postgres: Postgres | None = None
        self._goods: dict[int, str] = {}
        self._folders = 0

    def __enter__(self) -> "Stage":
        """Make room."""
        for program in ("wrk", "pgbench"):
            if shutil.which(program) is None:
                raise BenchFailed(f"{program} is not installed: apt install wrk postgresql")
        self.folder = Path(tempfile.mkdtemp(prefix="jishi-bench-"))
        self._ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
        return self

    def __exit__(self, *error: object) -> None:
        """End everything that was started."""
        self._ends.close()

    def say(self, text: str) -> None:
        """Tell what happens now."""
        self.console.print(f"[dim]{text}[/dim]", highlight=False)

    @property
    def has_postgres(self) -> bool:
        """Whether PostgreSQL was needed."""
        return self._postgres is not None

    @property
    def postgres(self) -> Postgres:
        """The PostgreSQL server."""
        if self._postgres is None:
            self.say("starting PostgreSQL")
            self._postgres = Postgres(self._ends.enter_context(throw_away_server()))
            version, home = self._postgres.settings["server_version"], self._postgres.socket
            self.say(f"PostgreSQL {version} at {home}")
        return self._postgres

    def new_folder(self) -> Path:
        """The path of a folder that does not exist yet."""
        self._folders += 1
        return self.folder / f"shop-{self._folders}"

    def goods(self, skus: int) -> str:
        """A PostgreSQL database of a shop with so many SKUs, to be read or copied."""
        if skus not in self._goods:
            if skus == _SMALLEST:
                self.say(f"importing {skus:,} SKUs")
                url = self.postgres.database()
                self._fill(Build(self.new_folder(), url))
            else:
                self.say(f"making {skus:,} SKUs")
                url = self.postgres.database(self.goods(_SMALLEST))
                multiply(url, skus)
            self._goods[skus] = url
        return self._goods[skus]

    def _fill(self, build: Build) -> None:
        file = self.folder / "catalogue.csv"
        write_catalogue(file, _SMALLEST)
        build.jishi("db", "upgrade")
        build.jishi("import", str(file))
        build.jishi("staff", "add-owner", OWNER[0])

    def strangers(self, number: int) -> tuple[Path, list[str]]:
        """So many plugins of strangers, installed."""
        site = self.folder / "site"
        return site, install_plugins(site)[:number]

    def build(
        self,
        skus: int = _SMALLEST,
        plugins: tuple[Path, Sequence[str]] = (Path(), ()),
        more: str = "",
    ) -> Build:
        """A shop of its own on a fresh copy of the goods."""
        url = self.postgres.database(self.goods(skus))
        return Build(self.new_folder(), url, plugins, more)

    def reading_build(self, skus: int = _SMALLEST, plugins: int = 0) -> Build:
        """A shop on the goods themselves, for those who only read."""
        return Build(self.new_folder(), self.goods(skus), self.strangers(plugins))

    def sqlite_build(self, plugins: tuple[Path, Sequence[str]] = (Path(), ())) -> Build:
        """A shop of the smallest catalogue on SQLite."""
        folder = self.new_folder()
        build = Build(folder, f"sqlite:///{folder / 'shop.db'}", plugins)
        self.say(f"importing {_SMALLEST:,} SKUs into SQLite")
        self._fill(build)
        return build

    @contextmanager
    def bare(self, **bodies: bytes) -> Iterator[Server]:
        """The bare handler; it answers with the bodies: ``list``, ``detail``, ``answer``."""
        folder = self.new_folder()
        folder.mkdir()
        for name, body in bodies.items():
            (folder / f"{name}.json").write_bytes(body)
        port = free_port()
        environment = {
            "BENCH_PORT": str(port),
            "BENCH_WORKERS": str(self.pace.workers),
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }
        command = [sys.executable, "-m", "bench.bare"]
        with running(
            command, folder=folder, name="bare", environment=environment, port=port
        ) as server:
            yield server


def look(server: Server, path: str) -> bytes:
    """What a server answers to a GET.

    Raises:
        BenchFailed: It is no success.
    """
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise BenchFailed(f"GET {path} answered {answer.status} {body[:500]!r}")
    return body
