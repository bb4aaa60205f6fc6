"""Counters of sessions, worked out once a moment for everybody who watches."""

import asyncio
import time

from jishi.plugins import Desk
from jishi_live_stream.pages import Counters, counters
from jishi_live_stream.structs import Session

_GOOD = 0.9
"""Seconds that counters are shown to others."""


class Counting:
    """The counters of sessions, however many watch: a look costs what one viewer costs.

    Args:
        desk: The plugin's.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[str, tuple[float, Counters]] = {}
        self._lock = asyncio.Lock()

    async def of(self, session: Session) -> Counters:
        """What moves, at most a second old."""
        return self._fresh(session) or await self._look(session)

    async def _look(self, session: Session) -> Counters:
        async with self._lock:
            if known := self._fresh(session):
                return known  # somebody looked while we waited
            found = await counters(self._desk, session)
            self._known[session.id] = (time.monotonic(), found)
            return found

    def _fresh(self, session: Session) -> Counters | None:
        at, known = self._known.get(session.id, (0.0, None))
        return known if time.monotonic() - at < _GOOD else None
