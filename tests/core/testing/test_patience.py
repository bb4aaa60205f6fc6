"""Controls may need several runs, measurements too; everything else fails the first time."""

import subprocess
import sys

import pytest

TESTS = """
import asyncio
import pytest
from jishi.testing.patience import in_time, no_slower

runs = []

@pytest.fixture
async def fresh(tmp_path):
    return []

@pytest.mark.control
async def test_shows_at_the_third_time(fresh):
    assert not fresh
    fresh.append(runs.append("shows"))
    assert runs.count("shows") == 3

@pytest.mark.control
def test_never_shows():
    runs.append("never")
    with pytest.raises(OSError):
        pass

@pytest.mark.control
def test_breaks():
    runs.append("breaks")
    raise LookupError

@pytest.mark.measured
async def test_is_quick_at_the_second_time():
    runs.append("quick")
    async with asyncio.TaskGroup():
        no_slower(2 / runs.count("quick"), 1)

@pytest.mark.measured
def test_is_wrong():
    runs.append("wrong")
    with in_time(60):
        assert 1 == 2

@pytest.mark.measured
def test_is_always_slow():
    runs.append("slow")
    no_slower(2, 1)

def test_the_runs():
    assert [runs.count(each) for each in ("never", "breaks", "wrong", "slow")] == [20, 1, 1, 6]
"""


@pytest.mark.slow
def test_only_what_may_be_chance_is_run_again(tmp_path):
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    ends = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert [each.partition("::")[2] for each in ends] == [
        "test_never_shows",
        "test_breaks",
        "test_is_wrong",
        "test_is_always_slow",
    ]
    assert "in run 3: test_it.py::test_shows_at_the_third_time" in done.stdout
    assert "in run 2: test_it.py::test_is_quick_at_the_second_time" in done.stdout
