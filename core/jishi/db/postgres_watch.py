"""Whether the server answers at all; while it does not, nobody waits for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from jishi.db.errors import Unavailable

_log = logging.getLogger("jishi.db")


class Watch:
    """Remembers that a server fell silent and looks whether it is back.

    Without it every request of an outage would wait for its own time-out, one after the other on
    the few connections there are, and the shop would seem dead instead of closed.

    Args:
        look: Asks the server something; it raises while there is no answer.
        every: Seconds between two looks.
    """

    def __init__(self, look: Callable[[], Awaitable[None]], every: float) -> None:
        self._look = look
        self._every = every
        self._task: asyncio.Task[None] | None = None

    @property
    def is_silent(self) -> bool:
        """Whether there was no answer, and none since."""
        return self._task is not None and not self._task.done()

    def check(self) -> None:
        """Let whoever wants something pass, if there is somebody to ask.

        Raises:
            Unavailable: At once, while the server is silent.
        """
        if self.is_silent:
            raise Unavailable("PostgreSQL does not answer; somebody looks whether it is back")

    def fell_silent(self) -> None:
        """Nobody answered in time: from now on one task asks, and nobody else."""
        if not self.is_silent:
            _log.warning("PostgreSQL fell silent")
            self._task = asyncio.create_task(self._until_it_answers(), name="jishi.db watch")

    async def _until_it_answers(self) -> None:
        while True:
            try:
                await self._look()
            except Exception:  # noqa: BLE001 - whatever it is, the server is not back
                await asyncio.sleep(self._every)
            else:
                _log.warning("PostgreSQL answers again")
                return

    async def stop(self) -> None:
        """Look no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
