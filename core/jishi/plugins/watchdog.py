"""Notices who blocks the event loop, from a thread that it cannot block."""

import asyncio
import contextlib
import sys
import threading
import time
import traceback
from pathlib import Path
from types import FrameType

import structlog

from jishi.plugins.declaration import Plugin
from jishi.plugins.health import Health
from jishi.plugins.roster import Roster
from jishi.plugins.stage import STAGE

log = structlog.get_logger("jishi.plugins")

LAG = 0.25
"""Seconds for which the loop may not move."""

SURE = 0.05
"""Seconds after which the same call must still be running: a machine may be slow, too."""

KNOCK_EVERY = 0.05
"""Seconds between two knocks at the loop."""

_FRAMES = 12


class Culprit:
    """Who was caught, and where.

    Args:
        plugin: The plugin's name; empty when it was none.
        what: The hook, or the place in its code.
        call: Tells this call from the next one.
        stack: The innermost frames, as text.
    """

    def __init__(self, plugin: str, what: str, call: object, stack: str) -> None:
        self.plugin = plugin
        self.what = what
        self.call = call
        self.stack = stack


class Watchdog:
    """Knocks at the event loop; when it does not answer, looks who is on stage.

    Args:
        roster: The plugins; its board counts the strikes.
    """

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._over = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._homes = {name: _home(type(seat.plugin)) for name, seat in roster.seats.items()}

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Watch the loop of this thread."""
        self._loop = loop
        self._loop_thread = threading.get_ident()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """Watch no longer; the thread ends by itself within a moment."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(KNOCK_EVERY):
            answered = threading.Event()
            begun = time.monotonic()
            if not self._knock(answered) or answered.wait(LAG):
                continue
            first = self._look()
            if answered.wait(SURE):
                continue
            second = self._look()
            while not answered.wait(0.5):
                if self._over.is_set():
                    return
            self._tell(first, second, time.monotonic() - begun)

    def _knock(self, answered: threading.Event) -> bool:
        try:
            assert self._loop is not None  # noqa: S101  # set by start
            self._loop.call_soon_threadsafe(answered.set)
        except RuntimeError:  # the loop is closed
            self._over.set()
            return False
        return True

    def _tell(self, first: Culprit, second: Culprit, seconds: float) -> None:
        same = first.plugin and first.plugin == second.plugin and first.call == second.call
        blocked = f"{seconds * 1000:.0f} ms"
        log.error(
            "loop_blocked",
            plugin=second.plugin if same else "",
            what=second.what,
            ms=round(seconds * 1000),
            stack=second.stack,
        )
        if same and self._loop is not None:
            said = f"the last time for {blocked} in {second.what}"
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._roster.board.strike, second.plugin, said)

    def _look(self) -> Culprit:
        """Who runs in the loop's thread right now."""
        health = STAGE.now
        frame = sys._current_frames().get(self._loop_thread)
        stack = "".join(traceback.format_stack(frame)[-_FRAMES:]) if frame else ""
        if health is not None:
            return Culprit(health.plugin, health.hook, _call(health), stack)
        while frame is not None:
            for name, home in self._homes.items():
                if _is_in(frame, home):
                    code = frame.f_code
                    return Culprit(name, f"{code.co_name}, line {frame.f_lineno}", code, stack)
            frame = frame.f_back
        return Culprit("", "", None, stack)


def _call(health: Health) -> tuple[str, int]:
    return (health.hook, health.calls)


def _home(plugin: type[Plugin]) -> str:
    """Where a plugin's code lies: its package's folder, or its one file."""
    root = sys.modules.get(plugin.__module__.partition(".")[0])
    own = getattr(sys.modules.get(plugin.__module__), "__file__", None) or "?"
    file = getattr(root, "__file__", None)
    if root is None or file is None or root.__name__ == "jishi" or not hasattr(root, "__path__"):
        return own
    return f"{Path(file).parent}/"


def _is_in(frame: FrameType, home: str) -> bool:
    file = frame.f_code.co_filename
    return file.startswith(home) if home.endswith("/") else file == home
