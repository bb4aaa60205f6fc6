"""A build in a folder, and the command that is run on it as a merchant would."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from jishi.cli import main

SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef"


class Said(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


class Build:
    """A folder with a jishi.toml."""

    def __init__(self, folder: Path, database_url: str, capsys: pytest.CaptureFixture) -> None:
        self.capsys = capsys
        self.folder = folder
        self.url = database_url
        self.write()

    @property
    def environment(self) -> dict[str, str]:
        outside = {key: value for key, value in os.environ.items() if not key.startswith("JISHI_")}
        return {**outside, "COLUMNS": "160"}

    def write(self, more: str = "", shop: str = 'secret = { file = "shop.key" }') -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "shop.key").write_text(SECRET)
        (self.folder / "jishi.toml").write_text(
            f'[shop]\nname = "小店"\n{shop}\n[database]\nurl = "{self.url}"\n{more}', "utf-8"
        )

    def run(self, *arguments: str, **environment: str) -> Said:
        """Run a command in this process, which is much quicker."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            for name, value in {"COLUMNS": "160", **environment}.items():
                patch.setenv(name, value)
            code = main(list(arguments))
        told = self.capsys.readouterr()
        return Said(code, told.out, told.err)

    def spawn(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a merchant does."""
        return subprocess.run(
            [sys.executable, "-m", "jishi.cli", *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def told(self, *arguments: str, **environment: str) -> dict:
        done = self.run(*arguments, "--json", **environment)
        # A shop that runs beside it in this process logs to the same place.
        said = [line for line in done.stdout.splitlines() if line.startswith("{")]
        return {"code": done.returncode, **json.loads(said[-1])}


@pytest.fixture
def build(tmp_path: Path, database_url: str, capsys) -> Build:
    return Build(tmp_path / "build", database_url, capsys)


@pytest.fixture
def ready_build(tmp_path: Path, migrated_database_url: str, capsys) -> Build:
    return Build(tmp_path / "build", migrated_database_url, capsys)


@pytest.fixture
def plain_build(tmp_path: Path, capsys) -> Build:
    """Without a database: what is tested does not reach it."""
    return Build(tmp_path / "build", "sqlite:///shop.db", capsys)
