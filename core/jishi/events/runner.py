"""Runs jobs inside the server's process: no other service is needed."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta

import structlog

from jishi.events import sql
from jishi.events.handlers import Handlers
from jishi.events.line_up import GRACE, refill
from jishi.events.queue_worker import QueueWorker
from jishi.events.run_jobs import Leased, claim, claim_left, claim_one, run_job
from jishi.events.run_schedules import claim_schedules, run_schedule, sign_up
from jishi.events.settings import runner_of
from jishi.events.spread_events import spread
from jishi.shop import Shop

POLL = 1.0
"""Seconds between looks when nobody woke us: jobs of other processes, retries, schedules."""

GATHER = 0.1
"""Seconds that facts gather after a look that found facts and nothing to do for them: while a shop
sells, every commit brings some, and a look for each would cost as much as the sale."""

Again = timedelta | None
"""How long until something wants another turn."""

log = structlog.get_logger("jishi.events")


class Runner:
    """Hands events to listeners, does jobs and schedules; any number may share a database.

    Each job is done at least once. A job whose process dies is done by another runner after the
    lease; what must happen once needs a key of its own (`first_time`, an operation key).

    Args:
        shop: The shop.
        handlers: Who does what.
        lease: How long a job is ours without a word from us; longer than ``limit``.
        limit: How long one job may take.
        patience: Seconds that `stop` waits for running jobs before it gives them back.
        slots: Jobs at once.
        per_kind: Jobs of one kind at once, so that one slow plugin leaves room for others.
    """

    def __init__(
        self,
        shop: Shop,
        handlers: Handlers,
        *,
        lease: timedelta = timedelta(seconds=45),
        limit: timedelta = timedelta(seconds=30),
        patience: float = 2.5,
        slots: int = 12,
        per_kind: int = 4,
    ) -> None:
        self.shop = shop
        self.handlers = handlers
        self.name = secrets.token_hex(4)
        self._lease = lease
        self._limit = limit
        self._patience = patience
        self._slots = slots
        self._per_kind = per_kind
        self._running: dict[asyncio.Task[Again], str] = {}
        self._loop: asyncio.Task[None] | None = None
        self._signed_up = False
        self._stopping = False
        self._begun = 0
        self._done = 0
        self._queue = self._worker() if runner_of(shop) == "pgqueuer" else None
        self._refilled_at = shop.clock.now()

    def _worker(self) -> QueueWorker:
        kinds = self.handlers.kinds(self.shop)
        return QueueWorker(self.shop, kinds, self._do_queued, self._slots, self._per_kind)

    @property
    def is_running(self) -> bool:
        """Whether somebody does the jobs."""
        return self._loop is not None and not self._loop.done()

    async def start(self) -> None:
        """Work until `stop`."""
        self._stopping = False
        if self._loop is None:
            self._loop = asyncio.create_task(self._work(), name="jishi.events")
            if self._queue:
                self._queue.start()

    async def stop(self) -> None:
        """Take nothing new, let running jobs finish for a moment, give the others back."""
        self._stopping = True
        self.shop.work_waiting.set()
        if self._queue:
            self._queue.close()
        ending = {*self._running, *({self._loop} if self._loop else ())}
        try:
            if ending:
                await asyncio.wait(ending, timeout=self._patience)
        finally:
            left = [*self._running, *([self._loop] if self._loop else [])]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            self._loop = None
            if self._queue:
                await self._queue.stop()

    async def drain(self) -> int:
        """Do everything that is due until nothing is left; gives the number of jobs done."""
        before = self._done
        try:
            while await self._round() or self._running or await self._left():
                if self._running:
                    await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if self._queue and not self._loop:
                await self._queue.stop()
        return self._done - before

    async def _left(self) -> bool:
        """Whether a queue still has to hand something out; by the shop's clock, not by its own."""
        if self._queue is None:
            return False
        now = self.shop.clock.now()
        ((_, jobs, _),) = await self.shop.database.fetch(sql.PEEK, now, [])
        if jobs:
            await refill(self.shop, now)
            self._queue.start()
            await asyncio.sleep(0.01)
        return bool(jobs)

    async def _work(self) -> None:
        waiting = self.shop.work_waiting
        while not self._stopping:
            waiting.clear()
            begun = self._begun
            try:
                moved = await self._round()
            except Exception as error:  # noqa: BLE001 the database may be back in a moment
                log.warning("runner_stumbled", error=type(error).__name__)
                await asyncio.sleep(POLL)
                continue
            if not moved and not self._stopping:
                with suppress(TimeoutError):
                    await asyncio.wait_for(waiting.wait(), POLL)
            elif self._begun == begun and not self._running and not self._stopping:
                await asyncio.sleep(GATHER)

    async def _round(self) -> int:
        """Look once and begin what is due; gives how much was begun or handed on."""
        if not self._signed_up:
            await sign_up(self.shop, self.handlers)
            self._signed_up = True
        names = sorted(self.handlers.schedules)
        ((events, jobs, schedules),) = await self.shop.database.fetch(
            sql.PEEK, self.shop.clock.now(), names
        )
        moved, made = await spread(self.shop, self.handlers) if events else (0, 0)
        if schedules:
            moved += await self._begin_schedules()
        if jobs or made:
            moved += await self._begin_jobs()
        return moved

    async def _begin_schedules(self) -> int:
        due = await claim_schedules(self.shop, self.handlers, self._lease)
        for one in due:
            turn = run_schedule(self.shop, self.handlers, one, self._limit)
            self._begin(turn, f"every:{one.name}")
        return len(due)

    async def _begin_jobs(self) -> int:
        kinds = Counter(self._running.values())
        busy = [kind for kind, count in kinds.items() if count >= self._per_kind]
        # However the claimed ones fall, no kind gets more than its share.
        most = max((count for kind, count in kinds.items() if kind not in busy), default=0)
        free = min(self._slots - len(self._running), self._per_kind - most)
        if free <= 0:
            return 0
        jobs = await self._claim(busy, free)
        for job in jobs:
            self._begin(run_job(self.shop, self.handlers, job, self._limit), job.kind)
        return len(jobs)

    async def _claim(self, busy: list[str], free: int) -> list[Leased]:
        if self._queue is None:
            return await claim(self.shop, self.name, self._lease, busy, free)
        late = self.shop.clock.now() - GRACE
        if self._refilled_at < late:
            self._refilled_at = self.shop.clock.now()
            await refill(self.shop, late)
        return await claim_left(self.shop, self.name, self._lease, self._queue.kinds, free)

    async def _do_queued(self, job: str) -> timedelta | None:
        """Do a job that the queue handed out; gives how long until it wants to come again."""
        name = f"queue {self.name}"
        claimed = await claim_one(self.shop, name, self._lease, job)
        if isinstance(claimed, timedelta):
            return claimed or None
        task = self._begin(run_job(self.shop, self.handlers, claimed, self._limit), claimed.kind)
        await asyncio.wait({task})
        if task.cancelled():
            return timedelta(0)
        return self._lease if task.exception() else task.result()

    def _begin(self, work: Coroutine[None, None, Again], kind: str) -> "asyncio.Task[Again]":
        task = asyncio.create_task(work, name=f"jishi.events {kind}")
        self._running[task] = kind
        self._begun += 1
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[Again]") -> None:
        del self._running[task]
        self._done += 1
        self.shop.work_waiting.set()  # a slot is free
        if not task.cancelled() and (error := task.exception()):
            # Could not be settled; the lease runs out and the job comes back by itself.
            log.warning("job_not_settled", error=type(error).__name__)
