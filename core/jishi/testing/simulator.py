"""A world whose time, order of events and accidents come from one number: the seed.

The real stories run on a real SQLite file; only the loop, the clock, the writer's thread and the
dice are ours. Waiting costs nothing, an hour takes as long as what happens in it, and the same
seed always gives the same hour.

```
run = simulate(seed, tell)      # async def tell(world): ...
assert run.complaints == []
```
"""

import asyncio
import hashlib
import random
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar

import msgspec

from jishi.catalogue import memory
from jishi.db import sqlite, sqlite_errors
from jishi.events import runner
from jishi.plugins import hooks
from jishi.testing.faults import dictated
from jishi.testing.shop import START

T = TypeVar("T")
_POLL = 60.0
"""Seconds between a runner's looks in here; commits wake it all the same."""


class Run(msgspec.Struct, kw_only=True):
    """What a seed came to.

    Attributes:
        seed: The number.
        trace: A digest of every statement with its time; equal for equal runs.
        events: How many of them there were.
        complaints: What did not fit.
    """

    seed: int
    trace: str
    events: int
    complaints: list[str]


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Runs what is ready in an order of the dice; when nothing is, it is later at once."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice
        self._elapsed = 0.0

    def time(self) -> float:
        """Seconds since the world began."""
        return self._elapsed

    def run_in_executor(self, executor: object, call: Any, *args: Any) -> Any:  # type: ignore[override]
        """There are no threads in here."""
        answer = self.create_future()
        answer.set_result(call(*args))
        return answer

    def _run_once(self) -> None:
        ready, waiting = self._ready, self._scheduled  # type: ignore[attr-defined]
        if len(ready) > 1:
            shuffled = list(ready)
            self._dice.shuffle(shuffled)
            ready.clear()
            ready.extend(shuffled)
        if not ready and waiting:
            self._elapsed = max(self._elapsed, waiting[0]._when)
        super()._run_once()  # type: ignore[misc]


class World:
    """What a scene has at hand.

    Args:
        seed: Decides everything.

    Attributes:
        dice: For the scene's own choices.
        latency: Seconds that each way to and from the database takes on average; long, so that
            stories meet in the middle.
        lost_commits: How often the answer to a COMMIT that happened does not arrive, 0 to 1.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.dice = random.Random(seed)  # noqa: S311 nothing secret
        self.loop = SimulatedLoop(random.Random(seed + 1))  # noqa: S311 nothing secret
        self.lost_commits = 0.0
        self.latency = 0.02
        self.events = 0
        self._trace = hashlib.sha256()

    def now(self) -> datetime:
        """The time in here, UTC; a world is a `Clock`."""
        return START + timedelta(seconds=self.loop.time())

    def note(self, what: str) -> None:
        """Write something into the trace."""
        self.events += 1
        self._trace.update(f"{self.loop.time():.6f} {what}\n".encode())

    @property
    def trace(self) -> str:
        """A digest of everything so far."""
        return self._trace.hexdigest()[:16]

    async def pause(self, mean: float) -> None:
        """Wait for a while, in seconds; exponentially distributed, as waits for strangers are."""
        await asyncio.sleep(self.dice.expovariate(1 / mean))

    def happens(self, chance: float) -> bool:
        """Whether something of this probability happens now."""
        return self.dice.random() < chance


class _InlineWorker:
    """Does what `SqliteWorker` does, on the loop, with a wait on either side."""

    def __init__(self, world: World, path: str, pragmas: Any) -> None:
        self._world = world
        self._path = path
        self._pragmas = pragmas
        self._open: sqlite3.Connection | None = None
        self.waiting = 0

    def start(self) -> None:
        """Open the file."""
        self._open = sqlite3.connect(self._path, isolation_level=None, cached_statements=512)
        for pragma in (*self._pragmas, "PRAGMA synchronous = OFF"):
            self._open.execute(pragma)
        self._open.set_trace_callback(self._world.note)

    def stop(self) -> None:
        """Close it."""
        if self._open:
            self._open.close()

    async def call(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run a job; cancelled after it ran, its caller only does not hear the answer."""
        if self._open is None:
            raise RuntimeError("not started")
        await self._world.pause(self._world.latency)
        before, error = self._open.in_transaction, None
        try:
            answer = job(self._open)
            if before and not self._open.in_transaction:
                self._lose_answer()
        except BaseException as caught:  # noqa: BLE001 as in the real one
            error = sqlite_errors.translated(caught, self._open)
        await self._world.pause(self._world.latency)
        if error is not None:
            raise error
        return answer

    def _lose_answer(self) -> None:
        if self._world.happens(self._world.lost_commits):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error


def simulate(seed: int, scene: Callable[[World], Coroutine[Any, Any, list[str]]]) -> Run:
    """Have a scene happen in the world of a seed.

    Args:
        seed: Decides everything.
        scene: Gives what did not fit, in sentences.
    """
    world = World(seed)
    with _all_from(world):
        asyncio.set_event_loop(world.loop)
        try:
            complaints = world.loop.run_until_complete(scene(world))
        finally:
            asyncio.set_event_loop(None)
            world.loop.close()
    return Run(seed=seed, trace=world.trace, events=world.events, complaints=complaints)


@contextmanager
def _all_from(world: World) -> Iterator[None]:
    """Take threads, ids, secrets and retries' pauses from the world."""
    dice = random.Random(world.seed + 2)  # noqa: S311 nothing secret
    instead: list[tuple[Any, str, object]] = [
        *dictated(dice, lambda: _nanoseconds(world.now())),
        (sqlite, "SqliteWorker", partial(_InlineWorker, world)),
        (runner, "POLL", _POLL),
        (memory, "time", SimpleNamespace(monotonic=world.loop.time)),
        (hooks, "perf_counter", world.loop.time),
    ]
    kept = [(where, name, getattr(where, name)) for where, name, _ in instead]
    state = random.getstate()
    try:
        random.seed(world.seed + 3)
        for where, name, ours in instead:
            setattr(where, name, ours)
        yield
    finally:
        random.setstate(state)
        for where, name, was in kept:
            setattr(where, name, was)


def _nanoseconds(now: datetime) -> int:
    return int((now - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)) * 1000


async def insisting(
    world: World,
    ask: Callable[[], Awaitable[T]],
    again: tuple[type[Exception], ...],
    most: int = 9,
) -> T:
    """Ask until there is an answer, as an app with a retry button does."""
    for _ in range(most):
        try:
            return await ask()
        except again:
            await world.pause(2)
    return await ask()
