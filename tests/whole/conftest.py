"""A whole shop as real processes: `jishi serve` on a build of its own, WeChat Pay beside it.

- `build`: a folder with a jishi.toml, its tables made; once on SQLite, once on PostgreSQL
- `wechat`: the simulated WeChat Pay, a process of its own; ask for it and the build uses it
- `serve`: starts the shop; called again after a kill, it comes back at the same address
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from runpy import run_path
from shutil import copy
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from jishi.clock import Clock
from jishi.config import load_config
from jishi.demo.processes import free_port
from jishi.payments import stop_gateways
from jishi.plugins import Plugin
from jishi.shop import Shop
from jishi.testing.people import Seller
from jishi.web import open_shop, require_tables
from jishi_wechat_pay.simulator.process import Running, running_simulator

SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef"


class Build:
    """A merchant's build: a folder with a jishi.toml, and plugins that only it knows.

    Args:
        folder: Where it lies.
        database: The database's URL.
    """

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.port = free_port(0)
        self.address = f"http://127.0.0.1:{self.port}"
        self.tables: dict[str, dict[str, Any]] = {
            "shop": {
                "name": "测试小店",
                "secret": {"env": "SHOP_SECRET"},
                "base_url": self.address,
            },
            "database": {"url": database},
            "server": {"port": self.port},
            "channels.web": {"name": "网店"},
            "plugins": {"enabled": []},
        }

    @property
    def environment(self) -> dict[str, str]:
        """What its processes see."""
        own = {"SHOP_SECRET": SECRET, "JISHI_CONFIG": str(self.folder / "jishi.toml")}
        return {**os.environ, **own, "PYTHONPATH": str(self.folder / "site")}

    def enable(self, plugin: str, settings: Mapping[str, object] | None = None) -> None:
        """Switch a plugin on."""
        self.tables["plugins"]["enabled"].append(plugin)
        if settings is not None:
            self.tables[f"plugins.{plugin}"] = dict(settings)

    def install(self, plugin: str) -> None:
        """Install and switch on a plugin of this folder; its class is called Own."""
        site = self.folder / "site"
        about = site / f"{plugin}-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {plugin}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[jishi.plugins]\n{plugin} = {plugin}:Own\n")
        copy(Path(__file__).with_name(f"{plugin}.py"), site)
        self.enable(plugin)

    def own(self, plugin: str) -> type[Plugin]:
        """The class of a plugin that was installed with `install`."""
        found: type[Plugin] = run_path(str(self.folder / "site" / f"{plugin}.py"))["Own"]
        return found

    def write(self) -> None:
        """Write jishi.toml."""
        text = [_table(path, table) for path, table in self.tables.items()]
        (self.folder / "jishi.toml").write_text("\n".join(text), "utf-8")

    @asynccontextmanager
    async def opened(
        self, clock: Clock | None = None, also: Mapping[str, type[Plugin]] | None = None
    ) -> AsyncIterator[Shop]:
        """The shop in this process; of the plugins that only it knows, those in `also`."""
        self.write()
        config = load_config(self.folder / "jishi.toml", self.environment)
        own = {file.stem for file in (self.folder / "site").glob("*.py")}
        enabled = tuple(each for each in config.plugins.enabled if each not in own)
        shop = await open_shop(_enabling(config, enabled), clock, also)
        try:
            await require_tables(shop, "upgrade")
            yield shop
        finally:
            await stop_gateways(shop)
            await shop.database.stop()

    async def sells(self, **stock: int) -> None:
        """Put SKUs on sale: names and pieces."""
        async with self.opened() as shop:
            for name, pieces in stock.items():
                await Seller(shop).product(name, price=1990, stock=pieces)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `jishi` on this build."""
        return subprocess.run(
            [sys.executable, "-m", "jishi.cli", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )


class Served:
    """`jishi serve` on a build, in a process group of its own.

    Args:
        build: Whose shop.
    """

    def __init__(self, build: Build) -> None:
        self.build = build
        self.address = build.address
        self.log = build.folder / "shop.log"
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "jishi.cli", "serve"],
                cwd=self.build.folder,
                env=self.build.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def restart(self) -> None:
        """Start it again after it ended; `ready` says when it serves."""
        self.process.wait(timeout=20)
        self.process = self._start()

    def ready(self, patience: float = 60) -> None:
        """Wait until it serves."""
        end = time.monotonic() + patience
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/health/ready", timeout=5).is_success:
                    return
            time.sleep(0.05)
        raise TimeoutError(f"the shop does not serve:\n{self.tail()}")

    def signal(self, number: int) -> None:
        """Send a signal to the server and everything that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def tail(self) -> str:
        """What it said last."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-40:])


def _table(path: str, table: Mapping[str, object]) -> str:
    return "\n".join([f"[{path}]", *(f"{key} = {_value(each)}" for key, each in table.items())])


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    return json.dumps(value)


def _enabling(config: Any, enabled: tuple[str, ...]) -> Any:
    return replace(config, plugins=replace(config.plugins, enabled=enabled))


@pytest.fixture
def build(tmp_path: Path, database_url: str) -> Build:
    """Give a build with an empty catalogue."""
    folder = tmp_path / "build"
    folder.mkdir()
    return Build(folder, database_url)


@pytest.fixture
def wechat(build: Build, tmp_path: Path) -> Iterator[Running]:
    """Give a simulated WeChat Pay that waits a sixtieth of the real times."""
    with running_simulator(tmp_path / "keys", speed=60) as simulator:
        build.enable("wechat_pay", simulator.settings)
        yield simulator


@pytest.fixture
def serve(build: Build, request: pytest.FixtureRequest) -> Iterator[Callable[[], Served]]:
    """Give a starter of the build's shop; whatever it started ends with the test."""
    started: list[Served] = []

    def start() -> Served:
        build.write()
        served = Served(build)
        started.append(served)
        served.ready()
        return served

    yield start
    for served in started:
        served.signal(signal.SIGKILL)
        served.process.wait()
        sys.stdout.write(f"the shop's log ends:\n{served.tail()}\n")  # shown when a test fails
