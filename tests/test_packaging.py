"""What a stranger gets from an index: the core and one plugin, from wheels, and nothing else."""

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import jishi

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

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
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
    return install.run("jishi", "demo", "--once")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JISHI_", "PYTHON", "VIRTUAL_ENV", "COV_"))
    }
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        timeout=300,
    )


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
