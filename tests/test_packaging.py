"""What a stranger gets from an index: the core and one plugin, from wheels, and nothing else."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

import jishi
from jishi.demo.processes import free_port

ROOT = Path(__file__).parent.parent
ROOMS = [
    path.parent
    for rooms in ("plugins", "themes")
    for path in sorted((ROOT / rooms).glob("*/pyproject.toml"))
]

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class CleanInstall:
    """A virtual environment that holds wheels and knows nothing of this checkout."""

    folder: Path
    wheels: Path

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run an installed program, in an empty folder."""
        return run(self.folder / "bin" / program, *arguments, cwd=self.folder)

    def finds(self, module: str) -> bool:
        """Say whether the environment's Python finds a module."""
        code = (
            f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
        )
        return self.run("python", "-c", code).returncode == 0


def sell_once(install: CleanInstall) -> subprocess.CompletedProcess[str]:
    """Open the demo shop of an installation, place one order, take its payment and close."""
    return install.run("jishi", "demo", "--once", "--folder", install.folder / "shop")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean(),
        capture_output=True,
        text=True,
        timeout=300,
    )


def clean() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JISHI_", "PYTHON", "VIRTUAL_ENV", "COV_"))
    }


def uv(*arguments: str | Path) -> None:
    done = run(Path(sys.executable).with_name("uv"), *arguments, cwd=ROOT)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    uv("build", "--all-packages", "--wheel", "--quiet", "--out-dir", folder)
    return folder


@pytest.fixture(scope="module")
def core_and_one_plugin(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> CleanInstall:
    folder = tmp_path_factory.mktemp("clean") / "venv"
    uv("venv", "--quiet", "--python", sys.executable, folder)
    uv(
        "pip",
        "install",
        "--quiet",
        "--python",
        folder,
        *wheels.glob("jishi-*"),
        *wheels.glob("jishi_wechat_pay-*"),
    )
    return CleanInstall(folder, wheels)


def test_the_core_installs_without_anything_we_test_with(core_and_one_plugin):
    assert core_and_one_plugin.finds("jishi")
    assert not core_and_one_plugin.finds("pytest")


def test_the_command_says_its_version(core_and_one_plugin):
    said = core_and_one_plugin.run("jishi", "--version")
    assert said.returncode == 0, said.stderr
    assert jishi.__version__ in said.stdout


def test_only_the_plugin_asked_for_is_there(core_and_one_plugin):
    modules = [path.name for room in ROOMS for path in room.glob("jishi_*") if path.is_dir()]
    assert [name for name in modules if core_and_one_plugin.finds(name)] == ["jishi_wechat_pay"]


@pytest.fixture(scope="module")
def sold(core_and_one_plugin) -> subprocess.CompletedProcess[str]:
    return sell_once(core_and_one_plugin)


def test_the_core_and_one_plugin_sell(sold):
    assert sold.returncode == 0, sold.stdout + sold.stderr
    assert "完成 done" in sold.stdout


def test_no_other_plugin_is_imported(core_and_one_plugin, sold):
    """The server's own process answers: what a shop from this build has loaded."""
    code = (
        "import sys; from jishi.config import load_config; from jishi.web import create_app; "
        "create_app(load_config()); "
        "print(*sorted({name.split('.')[0] for name in sys.modules if 'jishi' in name}))"
    )
    found = run(
        core_and_one_plugin.folder / "bin" / "python",
        "-c",
        code,
        cwd=core_and_one_plugin.folder / "shop",
    )
    assert found.stdout.split() == ["jishi", "jishi_wechat_pay"], found.stderr


def test_the_roster_names_only_what_is_installed(core_and_one_plugin, sold):
    listed = run(
        core_and_one_plugin.folder / "bin" / "jishi",
        *("plugins", "list", "--json"),
        cwd=core_and_one_plugin.folder / "shop",
    )
    plugins = json.loads(listed.stdout)["plugins"]
    strangers = {each["distribution"] for each in plugins} - {"jishi", "jishi-wechat-pay"}
    assert strangers == set()


def test_without_a_theme_the_api_serves_and_pages_are_not_found(core_and_one_plugin, sold):
    with served(core_and_one_plugin, core_and_one_plugin.folder / "shop") as http:
        assert http.get("/store/products").json()["items"]
        page = http.get("/", headers={"accept": "text/html"})
        assert page.status_code == 404
        assert page.json()["code"] == "no_pages"


@contextmanager
def served(install: CleanInstall, build: Path) -> Iterator[httpx.Client]:
    port = free_port(0)
    command = [install.folder / "bin" / "jishi", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=build, env=clean(), start_new_session=True) as shop:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
                end = time.monotonic() + 60
                while not answers(http):
                    assert shop.poll() is None
                    assert time.monotonic() < end
                    time.sleep(0.1)
                yield http
        finally:
            os.killpg(shop.pid, signal.SIGTERM)


def answers(http: httpx.Client) -> bool:
    try:
        return http.get("/health/ready").is_success
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("room", [ROOT / "core", *ROOMS], ids=lambda room: room.name)
def test_a_wheel_holds_every_file_of_its_package(room, wheels):
    """Templates, migrations, static files and py.typed are what a wrong build leaves behind."""
    (package,) = (path for path in room.glob("jishi*") if path.is_dir())
    (wheel,) = wheels.glob(f"{package.name}-*.whl")
    wanted = {
        path.relative_to(room).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - set(zipfile.ZipFile(wheel).namelist()) == set()
