"""Problems as pages: what happened and what to do now, in the visitor's language."""

from typing import Any

import msgspec
import structlog
from litestar import Response, get
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath

from jishi.callers import caller_of
from jishi.problems import NotFound, Problem, Unauthenticated
from jishi.themes.visit import AnyRequest, Visit

log = structlog.get_logger("jishi.themes")


class Broken(Problem):
    """A fault of ours; the log knows more under the request's id."""

    code = "internal_error"
    status = 500
    title = "Something broke on our side"


def answer_problem(request: AnyRequest, error: Exception) -> Response[Any]:
    """Answer what a page's handler raised."""
    problem = _problem(error)
    if problem.status >= 500:
        log.error("page_failed", path=request.url.path, problem=problem.code, exc_info=error)
    try:
        visit = Visit(request)
        if isinstance(problem, Unauthenticated) and request.method == "GET":
            return visit.go(f"/login?next={request.url.path}")
        return visit.show_plainly("problem.html", problem.status, _values(visit, problem))
    except Exception as worse:
        if not isinstance(worse, NotFound):
            log.exception("problem_page_failed", path=request.url.path)
        return _document(request, problem)


@get("/{address:path}", include_in_schema=False)
async def unknown(request: AnyRequest, address: FromPath[str]) -> Response[Any]:
    """Any address that nothing answers: a page for browsers, a document for programs."""
    problem = NotFound("There is nothing at this address.")
    if "text/html" in request.headers.get("accept", ""):
        return answer_problem(request, problem)
    return _document(request, problem)


def _values(visit: Visit, problem: Problem) -> dict[str, object]:
    return {
        "problem": problem,
        "back": visit.came_from(),
        "path": visit.request.url.path,
        "query": {},
        "channel": visit.caller.channel,
        "is_member": visit.caller.kind == "member",
        "cart_count": 0,
        "request_id": visit.caller.request_id,
        "nonce": "",
    }


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, NotFoundException):
        return NotFound("There is no such page.")
    if isinstance(error, HTTPException) and error.status_code < 500:
        problem = Problem(error.detail)
        problem.status = error.status_code  # type: ignore[misc]  # of this one problem
        return problem
    return Broken("The page could not be made; it is written down.")


def _document(request: AnyRequest, problem: Problem) -> Response[bytes]:
    """The problem document, where there is no page to put it on."""
    body = problem.document() | {"request_id": caller_of(request).request_id}
    return Response(
        msgspec.json.encode(body, enc_hook=str),
        status_code=problem.status,
        media_type="application/problem+json",
    )


ROUTES = (unknown,)
