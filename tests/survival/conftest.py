"""What survives: profiles, and a stage on which stories are killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jishi.testing.crashing import Stage


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--profile",
        choices=("quick", "long"),
        default="quick",
        help="long: every point, thousands of seeds (tests/survival)",
    )


@pytest.fixture(scope="session")
def profile(request: pytest.FixtureRequest) -> str:
    """Give ``quick`` or ``long``."""
    return request.config.getoption("--profile", default="quick")


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """Give the process in which stories are killed."""
    with Stage(Path(__file__).with_name("stories.py")) as stage:
        yield stage
