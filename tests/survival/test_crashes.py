"""Killed at every await, every statement and around every COMMIT, the shop keeps its promises."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jishi.testing.crashing import Report, Stage
from jishi.testing.faults import Counts

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(3600)]

STORIES = ("place", "pay", "pay_too_late", "cancel", "stop", "refund", "expire", "merge")

STEP = {"sqlite": 1, "postgresql": 7}
LONG = {"expire": 3, "pay_too_late": 2}
"""Of the awaits of a story, the quick profile is killed at every n-th; the long one at all."""


@pytest.fixture
def explore(
    stage: Stage, migrated_database_url: str, tmp_path: Path, profile: str
) -> Callable[[str], Report]:
    """Give a function that kills a story everywhere and says how often that was."""
    engine = migrated_database_url.partition(":")[0]
    counts: Counts = "everything" if profile == "long" else "awaits"

    def explored(story: str) -> Report:
        step = STEP[engine] * LONG.get(story, 1) if profile == "quick" else 1
        report = stage.explore(story, migrated_database_url, tmp_path, counts, step)
        sys.stdout.write(f"{engine} {report}\n")
        return report

    return explored


@pytest.mark.bar("B20", "B08")
@pytest.mark.parametrize("story", STORIES)
def test_a_kill_at_any_point_leaves_nothing_half(explore, story):
    report = explore(story)
    assert report.complaints == []
    assert report.points > 4
    assert report.states > 1


@pytest.mark.bar("B20", "B22")
def test_an_order_in_two_transactions_is_caught(explore):
    """The positive control: the test above would notice."""
    report = explore("naive_place")
    assert any("held, unpaid orders want 0" in one for one in report.complaints)
