"""The review queue as staff see it; compliance decides nothing by itself."""

from typing import Annotated

from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from jishi.callers import require_staff
from jishi.compliance import (
    Decision,
    ReviewCase,
    ReviewPage,
    Verdict,
    list_reviews,
    load_case,
)
from jishi.staff.decide_review import decide_review

_PAGE = 50
AnyRequest = Request[object, object, State]


@get("/admin/reviews", operation_id="compliance_reviews", tags=["compliance"])
async def reviews(
    request: AnyRequest,
    verdict: FromQuery[Verdict] = "waiting",
    cursor: Annotated[str | None, QueryParameter(max_length=64)] = None,
) -> ReviewPage:
    """What waits for a decision, the oldest first; or what was approved or refused."""
    require_staff(request, "compliance:read")
    return await list_reviews(request.app.state.shop.database, verdict, cursor, _PAGE)


@get("/admin/reviews/{review_id:str}", operation_id="compliance_review", tags=["compliance"])
async def review(request: AnyRequest, review_id: FromPath[str]) -> ReviewCase:
    """A review with its subject and findings."""
    require_staff(request, "compliance:read")
    return await load_case(request.app.state.shop.database, review_id)


@post(
    "/admin/reviews/{review_id:str}/decision",
    operation_id="compliance_decide",
    status_code=200,
    tags=["compliance"],
)
async def decision(
    request: AnyRequest, review_id: FromPath[str], data: JSONBody[Decision]
) -> ReviewCase:
    """Approve or refuse the content that was read."""
    caller = require_staff(request, "compliance:decide")
    return await decide_review(request.app.state.shop, caller, review_id, data)


ROUTES = (reviews, review, decision)
"""The handlers below ``/admin/reviews``."""
