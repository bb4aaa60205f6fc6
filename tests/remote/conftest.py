"""Somebody elsewhere, and a merchant's table that says how to reach him."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from jishi.config import Source, read_config

HERE = Path(__file__).parent
SECRET = "a key that both sides know"


class Elsewhere:
    """The process that answers."""

    def __init__(self, address: str) -> None:
        self.address = address

    def heard(self, path: str) -> list[dict[str, Any]]:
        """What was sent to a path, oldest first."""
        told = httpx.get(self.address).json()
        return [each for each in told if each["path"] == path]

    def says(self, path: str, text: str) -> str:
        """Have it answer this at a path; gives the whole address."""
        httpx.put(self.address + path, content=text)
        return self.address + path

    def table(self, path: str, *hooks: str, **more: object) -> dict[str, object]:
        """A merchant's table for it."""
        return {
            "remote": self.address + path,
            "secret": {"env": "ERP_SECRET"},
            "hooks": list(hooks),
            "inside": ["127.0.0.0/8"],
            **more,
        }


@contextmanager
def running(*command: str, **environ: str) -> Iterator[str]:
    """A process that says on its first line where it listens."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ or None)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def run() -> Callable[..., Any]:
    """Give what starts a process."""
    return running


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Elsewhere]:
    """Give somebody who runs in a process of his own."""
    with running(sys.executable, str(HERE / "stand_in.py")) as port:
        yield Elsewhere(f"http://127.0.0.1:{port}")


@pytest.fixture
def erp() -> dict[str, object]:
    """Give the table of the remote plugin; modules have their own."""
    raise NotImplementedError


@pytest.fixture
def secret() -> str:
    """Give what both sides know."""
    return SECRET


@pytest.fixture
def shop_tables(shop_tables, erp):
    budgets = {"erp": {"load": 2000, "review": 2000}}  # a busy machine is no finding here
    return shop_tables | {"plugins": {"enabled": ["erp"], "erp": erp, "budgets": budgets}}


@pytest.fixture
def shop_config(shop_tables, tmp_path, secret):
    environ = {
        "SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef",
        "ERP_SECRET": secret,
    }
    return read_config(Source(tmp_path, tables=shop_tables, environ=environ))
