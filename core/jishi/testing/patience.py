"""Tests that chance and a busy machine must not fail: a failed try of theirs is no finding yet.

- `control`: the positive control of a race. Without its guard a race *may* end wrong; the test is
  run up to 20 times until it did, and fails when it never does.
- `measured`: something has to be done `in_time`. Other work on the machine only ever adds to a
  measurement, so the least of up to six counts; whatever else fails in there fails at once.

```
@pytest.mark.measured
async def test_a_change_is_seen_within_a_second():
    with in_time(1):
        ...
```
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from _pytest.runner import runtestprotocol

TRIES = {"control": 20, "measured": 6}
"""How often a test of this mark may be run."""

_ERROR = pytest.StashKey[BaseException | None]()
_PROPERTY = "jishi: runs needed"


class TooSlow(AssertionError):
    """It took longer than it may where nobody else is at work."""


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Hold what happens in here to a limit of wall time; for tests that are marked ``measured``.

    Raises:
        TooSlow: It took longer.
    """
    began = time.monotonic()
    yield
    no_slower(time.monotonic() - began, seconds)


def no_slower(took: float, than: float) -> None:
    """Hold seconds that were measured to a limit.

    Raises:
        TooSlow: They are more.
    """
    if took > than:
        raise TooSlow(f"{took:.2f} s; it may take {than:g} s")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    for mark, tries in TRIES.items():
        line = f"{mark}: run up to {tries} times; see jishi.testing.patience"
        config.addinivalue_line("markers", line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Keep what the test itself raised."""
    if call.when == "call":
        item.stash[_ERROR] = call.excinfo.value if call.excinfo else None
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a marked test until it holds, each time with fixtures of its own."""
    mark = next((mark for mark in TRIES if item.get_closest_marker(mark)), "")
    if not mark:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    runs, reports = 0, list[pytest.TestReport]()
    while runs == 0 or (runs < TRIES[mark] and _may_be_chance(mark, reports, item.stash[_ERROR])):
        item.stash[_ERROR] = None
        runs, reports = runs + 1, runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        if runs > 1 and report.when == "call":
            report.user_properties.append((_PROPERTY, runs))
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests needed more than one run."""
    for report in terminalreporter.stats.get("passed", []):
        for turns in (value for name, value in report.user_properties if name == _PROPERTY):
            terminalreporter.write_line(f"in run {turns}: {report.nodeid}")


def _may_be_chance(
    mark: str, reports: list[pytest.TestReport], error: BaseException | None
) -> bool:
    if any(report.failed for report in reports if report.when != "call"):
        return False
    if mark == "control":
        return isinstance(error, AssertionError | pytest.fail.Exception)
    return _is_slowness(error)


def _is_slowness(error: BaseException | None) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_is_slowness(each) for each in error.exceptions)
    return isinstance(error, TooSlow)
