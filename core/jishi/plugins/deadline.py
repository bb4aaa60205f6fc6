"""Waits for a plugin, but not for ever.

The coroutine is driven in the caller's own task, so that context variables and the plugin's own
``asyncio.timeout`` work as everywhere. The alarm is set only when it really has to wait. When the
alarm rings the coroutine is cancelled; if it swallows that it gets a moment to tidy up and is
then abandoned.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

from jishi.plugins.health import Health
from jishi.plugins.stage import STAGE

T = TypeVar("T")

GRACE = 0.05
"""Seconds to tidy up after being cancelled."""


class Late(Exception):
    """The budget is used up."""


async def within(waited: Coroutine[Any, Any, T], seconds: float, who: Health) -> T:
    """The coroutine's result, if it comes in time.

    Args:
        waited: A coroutine that has not begun.
        seconds: The budget.
        who: Whose it is; on stage whenever the coroutine runs.

    Raises:
        Late: It did not come in time; the coroutine was cancelled or abandoned.
    """
    before, STAGE.now = STAGE.now, who
    try:
        waiting_for = waited.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        STAGE.now = before
    alarm = _Alarm(seconds)
    try:
        result = await _drive(waited, waiting_for, alarm, who)
    except BaseException as error:
        if alarm.stop() == "cancelled" or not alarm.rings:
            raise
        raise Late from error
    if alarm.stop() == "cancelled":
        raise asyncio.CancelledError
    if alarm.rings:
        raise Late
    return result


class _Alarm:
    """Cancels the running task when time is up, and once more after the grace."""

    def __init__(self, seconds: float) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("plugins are awaited inside of a task")
        self.rings = 0
        self._task = task
        self._before = task.cancelling()
        self._loop = asyncio.get_running_loop()
        self._handle = self._loop.call_later(seconds, self._ring)

    def stop(self) -> str:
        """Take back its own cancellations; ``cancelled`` if somebody else cancelled as well."""
        self._handle.cancel()
        for _ in range(self.rings):
            self._task.uncancel()
        return "cancelled" if self._task.cancelling() > self._before else "quiet"

    def _ring(self) -> None:
        self.rings += 1
        self._task.cancel()
        if self.rings == 1:
            self._handle = self._loop.call_later(GRACE, self._ring)


@coroutine
def _drive(
    waited: Coroutine[Any, Any, T], waiting_for: Any, alarm: _Alarm, who: Health
) -> Generator[Any, Any, T]:
    go_on: Callable[[Any], Any]
    value: Any
    while True:
        try:
            sent = yield waiting_for
        except GeneratorExit:
            _close(waited, who)
            raise
        except BaseException as error:
            if alarm.rings > 1:
                _close(waited, who)
                raise
            go_on, value = waited.throw, error
        else:
            go_on, value = waited.send, sent
        STAGE.now = who
        try:
            waiting_for = go_on(value)
        except StopIteration as done:
            result: T = done.value
            return result
        finally:
            STAGE.now = None


def _close(waited: Coroutine[Any, Any, Any], who: Health) -> None:
    """Let go of a coroutine for good, whatever it does about that."""
    STAGE.now = who
    try:
        with contextlib.suppress(Exception, SystemExit, asyncio.CancelledError):
            waited.close()
    finally:
        STAGE.now = None
