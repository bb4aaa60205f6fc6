"""Every failure becomes a problem document (RFC 9457); strangers learn nothing from it."""

from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.response.base import ASGIResponse
from litestar.types import Scope

from jishi.callers import Caller
from jishi.db import Busy, DatabaseError, Retry, Unavailable
from jishi.plugins import HookFailed
from jishi.problems import NotFound, Problem
from jishi.web.limits import BodyTooLarge, Malformed
from jishi.web.wording import say_parameters

log = structlog.get_logger("jishi.web")

MEDIA_TYPE = "application/problem+json"


class Broken(Problem):
    """A fault of ours; the log knows more under the request's id."""

    code = "internal_error"
    status = 500
    title = "Something broke on our side"


class WrongMethod(Problem):
    """The address exists, but not for this method."""

    code = "method_not_allowed"
    status = 405
    title = "Not in this way"


def answer_exception(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer what a handler raised."""
    status, headers, body = _written(error, request.scope)
    return Response(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def problem_answer(error: Exception, scope: Scope) -> ASGIResponse:
    """Answer what was raised where no handler is yet, or none any more."""
    status, headers, body = _written(error, scope)
    return ASGIResponse(body=body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def _written(error: Exception, scope: Scope) -> tuple[int, dict[str, str], bytes]:
    caller: Caller = scope.get("jishi.caller") or Caller()  # type: ignore[assignment]
    problem = _problem(error, scope)
    _note(error, problem)
    document = problem.document()
    if isinstance(error, HookFailed) and caller.kind == "staff":
        document |= {"plugin": error.plugin, "hook": error.hook, "why": error.for_staff}
    document["instance"] = f"urn:jishi:request:{caller.request_id}"
    document["request_id"] = caller.request_id
    return problem.status, _headers(error, problem), msgspec.json.encode(document, enc_hook=str)


def _problem(error: Exception, scope: Scope) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationException):
        return say_parameters(
            error.extra if isinstance(error.extra, list) else [], _wanted_by(scope)
        )
    if isinstance(error, NotFoundException):
        return NotFound(f"There is nothing at {scope['path'][:200]}.")
    if isinstance(error, MethodNotAllowedException):
        allowed = _allowed(error)
        return WrongMethod(
            f"{scope.get('method')} is not possible here.", next_step=f"Use {allowed}."
        )
    if isinstance(error, HTTPException) and error.status_code == 413:
        return BodyTooLarge()
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _of_status(error)
    return Broken(
        "The request could not be served; it is written down.",
        next_step="Try again; if it stays, tell the shop the request id.",
    )


def _wanted_by(scope: Scope) -> dict[str, Any]:
    """The types of the parameters of the handler that the request went to."""
    signature = getattr(scope.get("route_handler"), "parsed_fn_signature", None)
    return {name: each.raw for name, each in signature.parameters.items()} if signature else {}


def _of_status(error: HTTPException) -> Problem:
    problem = Malformed(error.detail)
    problem.status = error.status_code  # type: ignore[misc]  # of this one problem
    return problem


def _headers(error: Exception, problem: Problem) -> dict[str, str]:
    headers: dict[str, str] = {}
    if isinstance(error, MethodNotAllowedException):
        headers["allow"] = _allowed(error)
    if problem.status == 401:
        headers["www-authenticate"] = "Bearer"
    if isinstance(problem, Busy | Retry | Unavailable) or problem.status in (429, 503):
        headers["retry-after"] = str(problem.extra.get("retry_after", 1))
    return headers


def _allowed(error: MethodNotAllowedException) -> str:
    sent: Mapping[str, str] = error.headers or {}
    found = next((value for name, value in sent.items() if name.lower() == "allow"), "")
    methods = {each.strip() for each in found.split(",") if each.strip()} or {"GET"}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _note(error: Exception, problem: Problem) -> None:
    """Write down what is ours to mend; a caller's mistake is in the request's own line."""
    if problem.status < 500:
        return
    if isinstance(error, HookFailed):
        log.error("plugin_failed", plugin=error.plugin, hook=error.hook, why=error.for_staff)
    elif isinstance(error, DatabaseError) and problem.status == 503:
        log.warning("database", error=type(error).__name__, detail=error.detail)
    elif not isinstance(error, Problem) or isinstance(problem, DatabaseError):
        log.error("broken", error=type(error).__name__, exc_info=error)
