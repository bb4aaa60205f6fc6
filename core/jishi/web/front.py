"""Stands before everything: names the request, finds the caller, keeps the limits, logs."""

import secrets
import time

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from jishi.callers import Caller
from jishi.web.answers import problem_answer
from jishi.web.headers import protect
from jishi.web.limits import check_address, check_length, check_media_type, counted
from jishi.web.metrics import Metrics
from jishi.web.visitors import Visitors, request_id_of

log = structlog.get_logger("jishi.request")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})


class Front:
    """The one middleware.

    Args:
        app: What lies behind.
        visitors: Knows who asks.
        metrics: Counts.
    """

    def __init__(self, app: ASGIApp, visitors: Visitors, metrics: Metrics) -> None:
        self.app = app
        self._visitors = visitors
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; whatever goes wrong is answered with a problem document."""
        if scope["type"] != ScopeType.HTTP or "jishi.caller" in scope:
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        headers = dict(scope["headers"])
        request_id = request_id_of(headers)
        scope["jishi.caller"] = Caller(request_id=request_id)  # type: ignore[typeddict-unknown-key]
        scope["jishi.nonce"] = secrets.token_urlsafe(16)  # type: ignore[typeddict-unknown-key]
        answer = _Answer(scope, send, self._visitors)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._serve(scope, receive, answer, headers)
            except Exception as error:
                if answer.status:
                    log.exception("broken_off", path=scope["path"])
                    raise
                await problem_answer(error, scope)(scope, receive, answer.send)
            finally:
                self._note(scope, answer.status, time.perf_counter() - begun)

    async def _serve(
        self, scope: HTTPScope, receive: Receive, answer: "_Answer", headers: dict[bytes, bytes]
    ) -> None:
        place = scope["path"][1:].partition("/")[0]
        check_address(scope)
        check_length(headers)
        check_media_type(scope, headers, place)
        scope["jishi.caller"] = await self._visitors.recognise(  # type: ignore[typeddict-unknown-key]
            scope, headers, place, answer.request_id
        )
        await self.app(scope, counted(receive), answer.send)

    def _note(self, scope: HTTPScope, status: int, seconds: float) -> None:
        route = scope.get("path_template") or "(unknown)"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.served(method, route, status, seconds)
        if scope["path"] in _QUIET and status == 200:
            return
        log.info(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            caller=scope["jishi.caller"].kind,  # type: ignore[typeddict-item]
        )


class _Answer:
    """Adds the protecting headers to an answer and remembers its status."""

    def __init__(self, scope: HTTPScope, send: Send, visitors: Visitors) -> None:
        self._scope = scope
        self._send = send
        self._https = visitors.https
        self.status = 0
        self.request_id: str = scope["jishi.caller"].request_id  # type: ignore[typeddict-item]

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            caller: Caller = self._scope["jishi.caller"]  # type: ignore[typeddict-item]
            nonce: str = self._scope["jishi.nonce"]  # type: ignore[typeddict-item]
            message["headers"] = protect(
                list(message["headers"]), caller, nonce, "yes" if self._https else "no"
            )
        await self._send(message)
