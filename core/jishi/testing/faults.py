"""Points at which a process dies: every await of every task, and both sides of every statement.

```
fuse = Fuse(at=17, last_words=print)
async with armed(fuse):
    await place_order(...)      # the process is gone at the 17th point
```

A `Fuse` that is never reached counts the points. `listen_to_drivers` changes the drivers for the
rest of the process's life, so it belongs into one that is thrown away (`jishi.testing.crashing`).
"""

import asyncio
import os
import random
import secrets
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from functools import partial, wraps
from types import SimpleNamespace
from typing import Any, Literal

import asyncpg

from jishi import identifiers

Points = Callable[[str], None]
"""Told of each point that is passed, in words."""

Counts = Literal["awaits", "everything"]
_AWAITS = ("await ", "before COMMIT", "after COMMIT")


def dictated(dice: random.Random, nanoseconds: Callable[[], int]) -> list[tuple[Any, str, object]]:
    """What makes ids and secrets repeat themselves: an object, its attribute, what to set it to.

    Args:
        dice: Where chance comes from.
        nanoseconds: What time it is for ids, since 1970.
    """

    def token(nbytes: int | None = None) -> str:
        return f"{dice.getrandbits((nbytes or 32) * 8):x}"

    return [
        (secrets, "randbits", dice.getrandbits),
        (secrets, "randbelow", dice.randrange),
        (secrets, "choice", dice.choice),
        (secrets, "token_hex", token),
        (secrets, "token_urlsafe", token),
        (identifiers, "time", SimpleNamespace(time_ns=nanoseconds)),
        (identifiers, "_last", 0),
    ]


class Fuse:
    """Counts the points that a process passes and kills it at one of them.

    Args:
        at: The number of the deadly point, from 1; 0 for none.
        last_words: Told where it is, just before.
        counts: Which points count: ``everything``, or ``awaits`` with both sides of COMMIT.

    Attributes:
        passed: Points so far.
        kinds: The same by their first word.
    """

    def __init__(self, at: int, last_words: Points, counts: Counts = "everything") -> None:
        self.passed = 0
        self.kinds: Counter[str] = Counter()
        self._at = at
        self._last_words = last_words
        self._counts = counts
        self._lock = threading.Lock()

    def point(self, where: str) -> None:
        """Pass a point, or die there: no handler runs, nothing is flushed."""
        if self._counts == "awaits" and not where.startswith(_AWAITS):
            return
        with self._lock:
            self.passed += 1
            self.kinds[where.partition(" ")[0]] += 1
            if self.passed == self._at:
                self._last_words(where)
                os.kill(os.getpid(), signal.SIGKILL)


@asynccontextmanager
async def armed(fuse: Fuse) -> AsyncIterator[None]:
    """Have every step of what runs inside be a point: awaits, statements, COMMITs."""
    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()
    loop.set_task_factory(partial(_stepping_task, fuse.point))
    _listening.append(fuse.point)
    try:
        yield
    finally:
        _listening.remove(fuse.point)
        loop.set_task_factory(before)


class Stepping(Coroutine[Any, Any, Any]):
    """A coroutine that tells each time it is suspended.

    Args:
        inner: What really runs.
        points: Told.
    """

    def __init__(self, inner: Coroutine[Any, Any, Any], points: Points) -> None:
        self._inner = inner
        self._points = points
        self._where = f"await in {getattr(inner, '__qualname__', type(inner).__name__)}"

    def send(self, value: Any) -> Any:
        """Go on, until the next suspension."""
        suspended = self._inner.send(value)
        self._points(self._where)
        return suspended

    def throw(self, *error: Any) -> Any:
        """Go on with an error, until the next suspension."""
        suspended = self._inner.throw(*error)
        self._points(self._where)
        return suspended

    def close(self) -> None:
        """Give up."""
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield from self._inner.__await__())


def _stepping_task(
    points: Points, loop: asyncio.AbstractEventLoop, work: Any, **more: Any
) -> "asyncio.Task[Any]":
    return asyncio.Task(Stepping(work, points), loop=loop, **more)


_listening: list[Points] = []


def listen_to_drivers() -> None:
    """Make statements of both drivers points; before anything is connected, once per process."""
    sqlite3.connect = partial(sqlite3.connect, factory=_Connection)  # type: ignore[assignment]
    for name in ("execute", "fetch", "executemany"):
        setattr(asyncpg.Connection, name, _telling(getattr(asyncpg.Connection, name)))


class _Connection(sqlite3.Connection):
    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        with _Around(sql):
            return super().execute(sql, *args)

    def executemany(self, sql: str, *args: Any) -> sqlite3.Cursor:
        with _Around(sql):
            return super().executemany(sql, *args)


def _telling(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    async def telling(self: object, sql: str, *args: Any, **more: Any) -> Any:
        with _Around(sql):
            return await call(self, sql, *args, **more)

    return telling


class _Around:
    def __init__(self, sql: str) -> None:
        self._sql = " ".join(sql.split())[:60]

    def __enter__(self) -> None:
        _tell(f"before {self._sql}")

    def __exit__(self, *_: object) -> None:
        _tell(f"after {self._sql}")


def _tell(where: str) -> None:
    for points in _listening:
        points(where)
