"""The life of a running shop: what starts in which order, and stops in the reverse."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Literal

import structlog
from litestar import Litestar

from jishi.catalogue import refresh_publications
from jishi.checkout import Counter
from jishi.db import Migrations
from jishi.events import EventSettings, Runner
from jishi.payments import stop_gateways
from jishi.plugins import Care
from jishi.problems import Problem
from jishi.shop import Shop
from jishi.web.freshness import Freshness
from jishi.web.parent import under_parent
from jishi.web.rooms import handlers_of, migrations_of

log = structlog.get_logger("jishi.web")

Pending = Literal["refuse", "upgrade"]
"""What to do at the start when migrations are to come."""

PATIENCE = 10.0
"""Seconds that everything together may take to stop."""


class MigrationsPending(Problem):
    """The tables are older than the code, so serving would break half-way."""

    code = "migrations_pending"
    status = 503
    title = "The database is not up to date"


async def require_tables(shop: Shop, pending: Pending = "refuse") -> None:
    """Make sure that the tables are what the code expects.

    Raises:
        MigrationsPending: They are not, and ``pending`` says to refuse.
        TooNew: The database was upgraded by newer code.
    """
    migrations = Migrations(shop.database, migrations_of(shop))
    if pending == "upgrade":
        await migrations.upgrade()
        return
    missing = await migrations.pending()
    if missing:
        first = ", ".join(f"{each.source} {each.module}" for each in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise MigrationsPending(
            f"The database lacks {len(missing)} migrations ({first}{more}).",
            next_step="Run `jishi db upgrade`, or start with `jishi serve --upgrade`.",
        )


class Life:
    """Starts and stops what a shop needs to serve: database, counter, jobs.

    Args:
        shop: The shop.
        pending: What to do when migrations are to come.
        owner: Who connects and closes the database: this life, or whoever opened the shop.
    """

    def __init__(
        self, shop: Shop, pending: Pending = "refuse", owner: Literal["life", "caller"] = "life"
    ) -> None:
        self.shop = shop
        self.counter = Counter(shop)
        self.freshness = Freshness(shop)
        self.care = Care(shop.hooks, shop.database)
        self.runner = Runner(shop, handlers_of(shop))
        self.state: Literal["starting", "serving", "stopping"] = "starting"
        self._pending: Pending = pending
        self._owner = owner
        self._early: asyncio.Task[None] | None = None

    @property
    def does_jobs(self) -> bool:
        """Whether the jobs are done in this process while it serves."""
        return self.shop.config.section("events", EventSettings).jobs == "here"

    def begin_to_stop(self) -> None:
        """Give the jobs back while the last requests are still answered.

        A request that never ends has the process killed in the end; by then nothing that others
        could do is left with it.
        """
        if self.state == "serving":
            self.state = "stopping"
            self._early = asyncio.create_task(_in_time("jobs", self.runner.stop))

    def __call__(self, app: Litestar) -> AbstractAsyncContextManager[None]:
        """The lifespan of an application."""
        return self._serving(app)

    @asynccontextmanager
    async def _serving(self, app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await self._open(stack)
            await self.counter.start()
            stack.push_async_callback(_in_time, "counter", self.counter.stop)
            app.state.counter = self.counter
            if self.does_jobs:
                await self._begin_jobs(stack)
            app.state.runner = self.runner
            stack.push_async_callback(_in_time, "gateways", lambda: stop_gateways(self.shop))
            await stack.enter_async_context(under_parent(self.begin_to_stop))
            self.state = "serving"
            yield
            self.state = "stopping"

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A life of jobs alone: nothing is served."""
        async with AsyncExitStack() as stack:
            await self._open(stack)
            await self._begin_jobs(stack)
            stack.push_async_callback(_in_time, "gateways", lambda: stop_gateways(self.shop))
            self.state = "serving"
            yield
            self.state = "stopping"

    async def _open(self, stack: AsyncExitStack) -> None:
        if self._owner == "life":
            await self.shop.database.start()
            stack.push_async_callback(_in_time, "database", self.shop.database.stop)
        await require_tables(self.shop, self._pending)
        await refresh_publications(self.shop)
        await self.freshness.start()
        stack.push_async_callback(_in_time, "freshness", self.freshness.stop)
        await self.care.start()
        stack.push_async_callback(_in_time, "plugins", self.care.stop)

    async def _begin_jobs(self, stack: AsyncExitStack) -> None:
        await self.runner.start()
        stack.push_async_callback(_in_time, "jobs", self._end_jobs)

    async def _end_jobs(self) -> None:
        if self._early:
            await self._early
        else:
            await self.runner.stop()


async def _in_time(what: str, stop: Callable[[], Awaitable[None]]) -> None:
    try:
        await asyncio.wait_for(stop(), PATIENCE / 3)
    except TimeoutError:
        log.warning("stopped_late", what=what)
