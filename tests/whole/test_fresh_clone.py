"""A stranger clones the repository and types `make demo ONCE=1`."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_OURS = ("JISHI_", "PYTHON", "VIRTUAL_ENV", "COV_", "MAKE", "UV_PROJECT")
LIMIT = 180
"""Seconds, set-up included."""

pytestmark = pytest.mark.slow


def demo(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it as somebody would who has Python and make, and nothing of ours."""
    kept = {name: each for name, each in os.environ.items() if not name.startswith(_OURS)}
    return subprocess.run(
        ["make", "demo", "ONCE=1"],
        cwd=clone,
        env={**kept, "PATH": os.defpath, **environment},
        capture_output=True,
        text=True,
        timeout=LIMIT * 2,
    )


def must_have_walked(done: subprocess.CompletedProcess[str]) -> None:
    """The customer bought, and the member's statements agree."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every statement agrees" in done.stdout
    assert "完成 done" in done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fresh") / "jishi"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def first(clone: Path) -> tuple[subprocess.CompletedProcess[str], float]:
    """The first run, which makes .venv; and its seconds."""
    began = time.monotonic()
    done = demo(clone, PYTHON=python())
    return done, time.monotonic() - began


def python() -> str:
    """The interpreter outside of our own .venv."""
    return os.path.realpath(sys.executable)


def test_a_fresh_clone_shows_the_whole_shop_in_time(first):
    done, seconds = first
    must_have_walked(done)
    assert seconds < LIMIT


def test_a_walk_that_fails_ends_the_demo_with_its_sentence(clone, first, tmp_path):
    about = tmp_path / "strolls-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: strolls\nVersion: 1.0\n")
    point = "[jishi.demo.walks]\nprinted_codes = strolls:stroll\n"
    (about / "entry_points.txt").write_text(point)
    (tmp_path / "strolls.py").write_text(
        "from jishi.demo import DemoFailed\n"
        "def stroll(ground):\n"
        "    raise DemoFailed('the statements disagree')\n"
    )
    done = demo(clone, PYTHONPATH=str(tmp_path))
    assert done.returncode != 0
    assert "the demo failed: the statements disagree" in done.stderr
    assert "完成 done" not in done.stdout


def test_the_demo_runs_on_postgresql_too(clone, first, fresh_postgres_url):
    done = demo(clone, JISHI_DATABASE_URL=fresh_postgres_url)
    must_have_walked(done)
