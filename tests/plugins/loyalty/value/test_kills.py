"""Killed anywhere, a part is paid once and goes back once; `JISHI_VALUE=long`: at every point."""

import os
import sys
from pathlib import Path

import pytest

from jishi.testing.crashing import Stage

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(3600)]

LONG = os.environ.get("JISHI_VALUE") == "long"
STEP = {"sqlite": 23, "postgresql": 61}


@pytest.fixture(scope="module")
def stage():
    """Give the process in which the stories are killed."""
    with Stage(Path(__file__).parent / "value_stories.py") as stage:
        yield stage


@pytest.mark.parametrize("story", ["pay_part", "give_back"])
def test_a_kill_at_any_point_takes_and_gives_once(stage, migrated_database_url, tmp_path, story):
    report = explored(stage, story, migrated_database_url, tmp_path)
    assert report.complaints == []
    assert report.points > 2


def test_taking_under_a_new_name_each_time_is_caught(stage, migrated_database_url, tmp_path):
    report = explored(stage, "pay_naively", migrated_database_url, tmp_path)
    assert report.complaints


def explored(stage: Stage, story: str, url: str, folder: Path):
    """The report of a story, killed at some of its points or at all."""
    step = 1 if LONG else STEP[url.partition(":")[0]]
    report = stage.explore(story, url, folder, "everything" if LONG else "awaits", step)
    sys.stdout.write(f"{report}\n")
    return report
