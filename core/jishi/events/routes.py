"""Events for staff: what was given up, and another chance for it."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from jishi.callers import require_staff
from jishi.events.dead_letters import dead_jobs, replay
from jishi.events.structs import DeadJob
from jishi.shop import Shop

SCOPE = "events:manage"
AnyRequest = Request[Any, Any, Any]
PageSize = Annotated[int, QueryParameter(ge=1, le=200, description="At most so many jobs.")]


class DeadJobs(msgspec.Struct, frozen=True, kw_only=True):
    """A page of jobs that were given up, the oldest first.

    Attributes:
        items: Jobs.
        next: Cursor of the next page; None at the end.
    """

    items: tuple[DeadJob, ...]
    next: str | None


@get("/admin/events/dead", operation_id="events_dead", tags=["events"])
async def list_dead(
    request: AnyRequest, cursor: FromQuery[str] = "", limit: PageSize = 50
) -> DeadJobs:
    """Jobs that were tried ten times in vain, with their last error."""
    require_staff(request, SCOPE)
    shop: Shop = request.app.state.shop
    items = await dead_jobs(shop.database, after=cursor, limit=limit)
    return DeadJobs(items=tuple(items), next=items[-1].id if len(items) == limit else None)


@post(
    "/admin/events/dead/{job:str}/replay",
    operation_id="events_replay",
    tags=["events"],
    status_code=204,
)
async def replay_dead(request: AnyRequest, job: FromPath[str]) -> None:
    """Try a dead job again, from the first try on."""
    require_staff(request, SCOPE)
    shop: Shop = request.app.state.shop
    async with shop.database.transaction() as tx:
        await replay(tx, shop, job)


ROUTES = (list_dead, replay_dead)
