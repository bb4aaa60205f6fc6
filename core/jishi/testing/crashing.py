"""Kills a story at every one of its points, and has what is left judged each time.

A story is written once, in a file of its own; `Stage` runs it in a process that forks a child per
point. Each child begins from the same rows, dies at its point, and a second child looks at what
is there, has the story told again and looks once more. States that were judged before are not
judged again.

```
with Stage(Path("stories.py")) as stage:
    report = stage.explore("place", "sqlite:////tmp/x/shop.db", folder)
assert report.complaints == []
```
"""

import asyncio
import gc
import json
import os
import random
import runpy
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import msgspec

from jishi.shop import Shop
from jishi.testing.faults import Counts, Fuse, armed, dictated, listen_to_drivers
from jishi.testing.snapshots import Snapshot, snapshot_of

Known = dict[str, Any]
"""What a story remembers from its preparation; plain JSON."""

_PATIENCE = 60
"""Seconds after which a child is taken for stuck."""


class Story(Protocol):
    """Something that must survive a kill at any point; found by name in ``STORIES``."""

    def shop(self, url: str, folder: Path) -> Shop:
        """The shop it is told in, not connected; called once for all children."""

    async def prepare(self, shop: Shop) -> Known:
        """Bring the database to where the story begins."""

    async def act(self, shop: Shop, known: Known) -> None:
        """The story; it is killed in here."""

    async def judge(self, shop: Shop, known: Known) -> list[str]:
        """What does not fit: as the kill left it, and after the story was told once more."""


class Report(msgspec.Struct, kw_only=True):
    """What became of a story.

    Attributes:
        story: Its name.
        points: Where it was killed.
        kinds: The same by kind: ``await``, ``before`` and ``after`` a statement.
        states: How many different states the kills left.
        complaints: What did not fit, with the first point that led there.
        seconds: How long it took.
    """

    story: str
    points: int = 0
    kinds: dict[str, int] = msgspec.field(default_factory=dict)
    states: int = 0
    complaints: list[str] = msgspec.field(default_factory=list)
    seconds: float = 0.0


class Stage:
    """A process of its own, with one thread, in which stories are killed.

    Args:
        stories: A Python file with ``STORIES: dict[str, Story]``.
    """

    def __init__(self, stories: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 our own arguments
            [sys.executable, "-m", "jishi.testing.crashing", str(stories)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> "Stage":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def explore(self, story: str, url: str, folder: Path, counts: Counts, step: int) -> Report:
        """Kill a story everywhere.

        Args:
            story: Its name in ``STORIES``.
            url: A database with all tables and nothing else; it is changed.
            folder: For files of the story.
            counts: Which points.
            step: 1 to be killed at each of them, n at every n-th.
        """
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:
            raise RuntimeError("the stage has no pipes")
        into.write(json.dumps([story, url, str(folder), counts, step]).encode() + b"\n")
        into.flush()
        return msgspec.json.decode(out.readline(), type=Report)


class _Exploration:
    def __init__(self, story: Story, url: str, folder: Path) -> None:
        self._story = story
        self._shop = story.shop(url, folder)
        self._snapshot: Snapshot = getattr(story, "snapshot", snapshot_of)(url)
        self._outside = folder / "outside.json"
        self._kept = b""

    def report(self, name: str, counts: Counts, step: int) -> Report:
        began, report = time.monotonic(), Report(story=name)
        known = _forked(lambda say: self._prepare(say))
        if "failed" in known:
            report.complaints.append(f"it could not be prepared: {known['failed']}")
            return report
        self._snapshot.keep()
        self._kept = self._outside_now()
        judged: set[str] = set()
        at = 1
        told: Known = {"killed": ""}
        while "killed" in told:
            told = self._killed(known["known"], at, counts)
            report.complaints += self._verdict(judged, known["known"], told, at)
            report.points, at = report.points + 1, at + step
        report.points -= 1  # the last one came to its end
        report.kinds = told.get("kinds", {})
        report.states = len(judged)
        self._snapshot.close()
        report.seconds = round(time.monotonic() - began, 1)
        return report

    def _killed(self, known: Known, at: int, counts: Counts) -> Known:
        return _forked(lambda say: self._act(say, known, (at, counts)))

    def _verdict(self, judged: set[str], known: Known, told: Known, at: int) -> list[str]:
        """What is wrong with what is there now, unless this state was judged before."""
        where = f"killed at point {at}, {told['killed']}" if "killed" in told else "not killed"
        if "failed" in told:
            return [f"{where}: {told['failed']}"]
        if at > 1 and self._snapshot.untouched() and self._outside_now() == self._kept:
            return []
        state = repr((sorted(self._snapshot.digests().items()), self._outside_now()))
        if state in judged:
            self._restore()
            return []
        judged.add(state)
        said = _forked(lambda say: self._judge(say, known))
        self._restore()
        found = [f"it could not be judged: {said['failed']}"] if "failed" in said else said["said"]
        return [f"{where}: {one}" for one in found]

    def _prepare(self, say: Callable[[Known], None]) -> Coroutine[Any, Any, None]:
        async def work(shop: Shop) -> None:
            say({"known": await self._story.prepare(shop)})

        return self._with_shop(work)

    def _act(
        self, say: Callable[[Known], None], known: Known, end: tuple[int, Counts]
    ) -> Coroutine[Any, Any, None]:
        fuse = Fuse(end[0], lambda where: say({"killed": where}), end[1])

        async def work(shop: Shop) -> None:
            _same_ids_each_time()
            async with armed(fuse):
                await asyncio.get_running_loop().create_task(self._story.act(shop, known))
            say({"kinds": dict(fuse.kinds)})

        return self._with_shop(work)

    def _judge(self, say: Callable[[Known], None], known: Known) -> Coroutine[Any, Any, None]:
        async def work(shop: Shop) -> None:
            say({"said": await self._story.judge(shop, known)})

        return self._with_shop(work)

    async def _with_shop(self, work: Callable[[Shop], Coroutine[Any, Any, None]]) -> None:
        await self._shop.database.start()
        try:
            await work(self._shop)
        finally:
            await self._shop.database.stop()

    def _restore(self) -> None:
        self._snapshot.restore()
        if self._kept:
            self._outside.write_bytes(self._kept)
        else:
            self._outside.unlink(missing_ok=True)

    def _outside_now(self) -> bytes:
        return self._outside.read_bytes() if self._outside.exists() else b""


def _forked(work: Callable[[Callable[[Known], None]], Coroutine[Any, Any, None]]) -> Known:
    """Do something in a child; gives what it said, or how it failed."""
    ear, mouth = os.pipe()
    gc.freeze()  # else collecting touches every page, and each child copies them all
    child = os.fork()
    if not child:
        os.close(ear)
        _as_child(mouth, work)
    os.close(mouth)
    with os.fdopen(ear, "rb") as heard:
        said = heard.read()
    _, status = os.waitpid(child, 0)
    if not said:
        return {"failed": f"the child said nothing, status {status}"}
    answer: Known = json.loads(said.splitlines()[-1])
    if "killed" in answer and os.WTERMSIG(status) != signal.SIGKILL:
        return {"failed": f"the child outlived its end, status {status}"}
    return answer


def _as_child(
    mouth: int, work: Callable[[Callable[[Known], None]], Coroutine[Any, Any, None]]
) -> None:
    def say(what: Known) -> None:
        os.write(mouth, json.dumps(what).encode() + b"\n")

    signal.alarm(_PATIENCE)
    try:
        asyncio.run(work(say))
    except BaseException:  # noqa: BLE001 told to the parent
        say({"failed": traceback.format_exc()[-3000:]})
    os._exit(0)


def _same_ids_each_time() -> None:
    """Equal steps leave equal rows, so that equal states are recognised."""
    ticks = count(10**18, 10**6)
    dice = random.Random(1)  # noqa: S311 nothing secret
    for where, name, instead in dictated(dice, lambda: next(ticks)):
        setattr(where, name, instead)


def _serve(stories: dict[str, Story], answers: int) -> None:
    listen_to_drivers()
    gc.disable()
    for line in sys.stdin:
        name, url, folder, counts, step = json.loads(line)
        report = _Exploration(stories[name], url, Path(folder)).report(name, counts, step)
        os.write(answers, msgspec.json.encode(report) + b"\n")


if __name__ == "__main__":
    answers = os.dup(1)
    os.dup2(2, 1)  # what logs print is no answer
    sys.path.insert(0, str(Path(sys.argv[1]).parent))  # as if it were the program
    _serve(runpy.run_path(sys.argv[1])["STORIES"], answers)
