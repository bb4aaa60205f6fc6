"""What time it is: an argument, never a global, so that tests and simulations own it."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> datetime:
        """The present moment, in UTC with its zone."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, in UTC with its zone."""
        return datetime.now(UTC)


class FakeClock:
    """A clock that stands still until it is told to move; for tests and simulations."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = (start or datetime.now(UTC)).astimezone(UTC)

    def now(self) -> datetime:
        """The moment the clock was set to, in UTC."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move on and give the new moment."""
        self._now += by
        return self._now
