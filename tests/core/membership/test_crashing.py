"""Killed at any point of a merge, nothing is half."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jishi.testing.crashing import Stage

pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]

STEP = {"sqlite": 2, "postgresql": 5}
"""Of the awaits, the quick run is killed at every n-th; ``--profile long`` at all."""


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(Path(__file__).with_name("stories.py")) as stage:
        yield stage


@pytest.fixture
def explore(request, stage, migrated_database_url, tmp_path):
    long = request.config.getoption("--profile", default="quick") == "long"
    step = 1 if long else STEP[migrated_database_url.partition(":")[0]]
    return lambda story: stage.explore(story, migrated_database_url, tmp_path, "awaits", step)


@pytest.mark.parametrize("story", ["merge", "part", "sweep"])
def test_a_kill_at_any_point_loses_and_doubles_nothing(explore, story):
    report = explore(story)
    assert report.complaints == []
    assert report.points > 4
    assert report.states > 1


def test_accounts_moved_in_two_transactions_are_caught(explore):
    """The positive control: the test above would notice."""
    assert any("purses" in each for each in explore("naive").complaints)
