"""Takes jobs from pgqueuer and has them done: woken by NOTIFY, watched by heartbeats."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING

import structlog

from jishi.shop import Shop

if TYPE_CHECKING:
    from pgqueuer.core.qm import QueueManager
    from pgqueuer.domain.models import Job

HEARTBEAT = timedelta(seconds=20)
"""A job whose worker was silent for so long is given to another."""

PATIENCE = 3.0
"""Seconds that the queue may take to write down what was finished."""

Work = Callable[[str], Awaitable[timedelta | None]]
"""Does the job of an id; gives how long until it wants to come again, None when it is over."""

log = structlog.get_logger("jishi.events")


class QueueWorker:
    """One process's hands at the queue; begins again by itself when the database was away.

    Args:
        shop: The shop, on PostgreSQL.
        kinds: The kinds of jobs that are done here.
        work: Does one.
        slots: Jobs at once in this process.
        per_kind: Jobs of one kind at once, in the whole fleet.
    """

    def __init__(
        self, shop: Shop, kinds: Sequence[str], work: Work, slots: int, per_kind: int
    ) -> None:
        # The library is an extra and takes a third of a second to import: now, while nobody waits.
        for module in ("adapters.drivers.asyncpg", "adapters.persistence.queries", "core.qm"):
            import_module(f"pgqueuer.{module}")
        self.kinds = kinds
        self._shop = shop
        self._work = work
        self._slots = slots
        self._per_kind = per_kind
        self._task: asyncio.Task[None] | None = None
        self._manager: QueueManager | None = None
        self._closing = False

    def start(self) -> None:
        """Work until `stop`."""
        self._closing = False
        if self._task is None and self.kinds:
            self._task = asyncio.create_task(self._serve(), name="jishi.events queue")

    def close(self) -> None:
        """Take nothing new."""
        self._closing = True
        if self._manager:
            self._manager.shutdown.set()

    async def stop(self) -> None:
        """Take nothing new and wait, a moment, until what is finished is written down."""
        self.close()
        task, self._task = self._task, None
        if task is None:
            return
        await asyncio.wait({task}, timeout=PATIENCE)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _serve(self) -> None:
        while not self._closing:
            try:
                await self._turn()
            except Exception as error:  # noqa: BLE001 the database may be back in a moment
                log.warning("queue_stumbled", error=type(error).__name__, said=str(error)[:200])
                await asyncio.sleep(1)

    async def _turn(self) -> None:
        import asyncpg
        from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver

        pool = await asyncpg.create_pool(
            self._shop.config.database.url,
            min_size=2,
            max_size=4,
            command_timeout=15,
            server_settings={"application_name": "jishi jobs", "timezone": "UTC"},
        )
        try:
            self._manager = self._made(AsyncpgPoolDriver(pool))
            if self._closing:
                return
            await self._manager.run(
                # Jobs that come back send no notice: they are looked for this often.
                dequeue_timeout=timedelta(seconds=2),
                batch_size=self._slots // 2,
                max_concurrent_tasks=self._slots,
                heartbeat_timeout=HEARTBEAT,
                shutdown_on_listener_failure=True,
            )
        finally:
            self._manager = None
            pool.terminate()

    def _made(self, driver: object) -> "QueueManager":
        from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder
        from pgqueuer.adapters.persistence.queries import Queries
        from pgqueuer.core.qm import QueueManager

        from jishi.events.queue_names import SETTINGS

        queries = Queries(driver, QueryBuilderEnvironment(SETTINGS), QueryQueueBuilder(SETTINGS))  # type: ignore[arg-type]
        manager = QueueManager(queries, channel=SETTINGS.channel)
        for kind in self.kinds:
            manager.entrypoint(kind, concurrency_limit=self._per_kind)(self._do)
        return manager

    async def _do(self, job: "Job") -> None:
        from pgqueuer.domain.errors import RetryRequested

        try:
            again = await self._work((job.payload or b"").decode())
        except Exception as error:
            log.warning("queue_waits", kind=job.entrypoint, error=type(error).__name__)
            raise RetryRequested(timedelta(seconds=5), type(error).__name__) from error
        if again is not None:
            raise RetryRequested(again)
