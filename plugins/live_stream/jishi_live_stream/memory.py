"""What a process remembers of sessions for a moment; the ledger decides."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from jishi.plugins import Desk
from jishi_live_stream import sql
from jishi_live_stream.sessions import sessions
from jishi_live_stream.structs import Session

_FOR = timedelta(seconds=0.5)
"""An end is seen within half a second."""


class Memory:
    """Sessions that are live or were lately, at most a moment old.

    Args:
        desk: The plugin's.
        after: How long after its end a session still counts.
    """

    def __init__(self, desk: Desk, after: timedelta) -> None:
        self._desk = desk
        self._after = after
        self._known: Mapping[str, Session] = {}
        self._at = desk.now() - timedelta(days=1)
        self._lock = asyncio.Lock()

    async def lately(self) -> Mapping[str, Session]:
        """The sessions, by id."""
        now = self._desk.now()
        if not timedelta(0) <= now - self._at < _FOR:
            async with self._lock:
                found = await sessions(self._desk, sql.LATELY, now - self._after)
                self._known, self._at = {one.id: one for one in found}, now
        return self._known

    def known(self, session: str) -> Session | None:
        """What is remembered of a session, without looking."""
        return self._known.get(session)

    def forget(self) -> None:
        """Look again at the next question; somebody changed a session here."""
        self._at = self._desk.now() - timedelta(days=1)
