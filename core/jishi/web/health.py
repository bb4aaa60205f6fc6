"""Whether the shop lives and can serve, and what it counts."""

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, get

from jishi.db import DatabaseError
from jishi.problems import OutOfService
from jishi.web.life import Life, MigrationsPending, require_tables
from jishi.web.metrics import CONTENT_TYPE, Metrics

_PATIENCE = 2.0
"""Seconds that the database may take to say that it is there."""


class Alive(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: str = "alive"


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that serving needs is there."""

    status: str = "ready"
    database: str = ""
    migrations: str = "applied"
    counter: str = "open"
    jobs: str = "running"


class NotReady(OutOfService):
    """Something that serving needs is missing."""

    code = "not_ready"
    title = "The shop is not ready"


@get("/health/live", operation_id="health_live", tags=["health"])
async def live() -> Alive:
    """Whether the process answers at all; restart it when not."""
    return Alive()


@get("/health/ready", operation_id="health_ready", tags=["health"])
async def ready(request: Request[Any, Any, Any]) -> Ready:
    """Whether to send visitors here: database, tables, counter and jobs."""
    life: Life = request.app.state.life
    if life.state != "serving":
        raise NotReady(f"The shop is {life.state}.")
    try:
        async with asyncio.timeout(_PATIENCE):
            await require_tables(life.shop)
    except (DatabaseError, MigrationsPending) as problem:
        raise NotReady(problem.title) from problem
    except TimeoutError as late:
        raise NotReady("The database does not answer in time.") from late
    if not life.counter.is_open:
        raise NotReady("The counter is closed.")
    if life.does_jobs and not life.runner.is_running:
        raise NotReady("Nobody does the jobs.")
    return Ready(database=life.shop.database.dialect)


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What Prometheus may know."""
    numbers: Metrics = request.app.state.metrics
    shown = await numbers.shown(request.app.state.shop, request.app.state.life.counter)
    return Response(shown, headers={"content-type": CONTENT_TYPE})


ROUTES = (live, ready, metrics)
