"""Looks after the plugins of a serving process: tells and hears of breakers, watches the loop."""

import asyncio
from datetime import timedelta

import structlog

from jishi.db import Database, DatabaseError, Transaction
from jishi.plugins import sql
from jishi.plugins.board import Notice
from jishi.plugins.hooks import Hooks
from jishi.plugins.saved import load_saved
from jishi.plugins.settle import settle
from jishi.plugins.watchdog import Watchdog

log = structlog.get_logger("jishi.plugins")

LOOK_EVERY = 0.4
"""Seconds between two looks at what other processes say, and at what staff saved."""

MARK_EVERY = 25
"""Looks between two counts of calls."""

KEPT = timedelta(days=1)
"""How long a notice that nobody renews is kept for people to read."""


class Care:
    """Keeps one process's plugins and all the others in step.

    A healthy call never writes: only a breaker that opens or closes, and a quarantine, are
    written, by this task, outside of any request.

    Args:
        hooks: The shop's plugins.
        database: Where processes meet.
    """

    def __init__(self, hooks: Hooks, database: Database) -> None:
        self._hooks = hooks
        self._board = hooks.roster.board
        self._database = database
        self._watchdog = Watchdog(hooks.roster)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_over = False

    async def start(self) -> None:
        """Begin to tell, to hear and to watch."""
        self._board.tell = self._wake.set
        self._watchdog.start(asyncio.get_running_loop())
        self._task = asyncio.create_task(self._follow(), name="plugins")

    async def stop(self) -> None:
        """End; every plugin lets go of what it holds."""
        # Before Python 3.12 wait_for loses a cancellation that meets the end of a read.
        self._is_over = True
        self._wake.set()
        self._watchdog.stop()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._hooks.close()

    async def exchange(self) -> None:
        """Tell what is unsaid, then hear what everybody says and take over changed settings."""
        saying, board = dict(self._board.unsaid), self._board
        if saying:
            await self._database.atomically(lambda tx: _say(tx, saying))
            for key, notice in saying.items():
                if board.unsaid.get(key) is notice:
                    board.unsaid.pop(key, None)
        now = board.clock.now()
        board.hear(await self._database.fetch_as(Notice, sql.NOTICES, now))
        settle(self._hooks, await load_saved(self._database))

    async def _follow(self) -> None:
        looks = 0
        while not self._is_over:
            try:
                await self.exchange()
            except DatabaseError as error:
                # Breakers work alone meanwhile.
                log.warning("plugins_wait", error=type(error).__name__)
            looks += 1
            if looks % MARK_EVERY == 0:
                self._board.mark()
            try:
                await asyncio.wait_for(self._wake.wait(), LOOK_EVERY)
            except TimeoutError:
                continue
            self._wake.clear()


async def _say(tx: Transaction, saying: dict[tuple[str, str, str], Notice | None]) -> None:
    for key, notice in sorted(saying.items()):
        if notice is None:
            await tx.execute(sql.UNSAY, *key)
            continue
        await tx.execute(
            sql.SAY,
            *key,
            notice.state,
            notice.why,
            notice.since_at,
            notice.until_at,
        )
        await tx.execute(sql.FORGET, notice.since_at - KEPT)


async def pardon(database: Database, plugin: str) -> int:
    """Take back everything that processes said about a plugin; they ask it again within seconds.

    Returns:
        How many notices there were.
    """

    async def work(tx: Transaction) -> int:
        return await tx.execute(sql.PARDON, plugin)

    return await database.atomically(work)
