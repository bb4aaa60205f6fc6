"""Killed anywhere, forgetting goes on where it was; `JISHI_PRIVACY=long` kills at every point."""

import os
import sys
from pathlib import Path

import pytest

from jishi.testing.crashing import Stage

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(3600)]

LONG = os.environ.get("JISHI_PRIVACY") == "long"
STEP = {"sqlite": 41, "postgresql": 67}


@pytest.fixture(scope="module")
def stage():
    """Give the process in which the stories are killed."""
    with Stage(Path(__file__).parent / "stories.py") as stage:
        yield stage


def explored(stage: Stage, story: str, url: str, folder: Path):
    step = 1 if LONG else STEP[url.partition(":")[0]]
    report = stage.explore(story, url, folder, "everything" if LONG else "awaits", step)
    sys.stdout.write(f"{report}\n")
    return report


def test_a_kill_at_any_point_forgets_nobody_by_half(stage, migrated_database_url, tmp_path):
    report = explored(stage, "forget", migrated_database_url, tmp_path)
    assert report.complaints == []
    assert report.points > 3
    assert report.states > 1


def test_saying_done_too_soon_is_caught(stage, migrated_database_url, tmp_path):
    report = explored(stage, "too_soon", migrated_database_url, tmp_path)
    assert any("says that it is done" in one for one in report.complaints)
