"""How the whole suite runs: many workers, long tests first, cheap passwords.

What a test process does for all its tests is done once: Python keeps what it compiled, and looks
for garbage among what tests make alone.
"""

import gc
import os
import sys
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from jishi.staff import passwords

# A suite that starts two hundred processes must not compile every import of each of them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Nobody attacks these shops; tests/core/staff/test_logins.py says what a password costs elsewhere.
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

HERE = Path(__file__).parent

LONG = ("faults", "fleet", "survival", "whole", "themes", "security", "test_packaging.py")
"""Where tests start processes or take long, the longest first."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A half more than there are cores: many tests wait for processes of theirs."""
    return (os.cpu_count() or 1) * 3 // 2 or 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let nobody wait at the end for a long test that was begun last; busy machines have time."""
    items.sort(key=_turn)
    for item in items:
        if _turn(item) < len(LONG) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(600))


def _turn(item: pytest.Item) -> int:
    place = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
    if place in LONG and item.get_closest_marker("slow"):
        return LONG.index(place)
    return len(LONG)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the collector of garbage look at what tests make, not at all the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
