"""Stands before everything: names the request, finds the caller, keeps the limits, logs."""

import secrets
import time
from typing import Literal

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from jishi.callers import Caller
from jishi.web.answers import problem_answer
from jishi.web.headers import Header, Https, protect
from jishi.web.limits import API, check_address, check_length, check_media_type, counted
from jishi.web.logs import REQUEST, note_request
from jishi.web.metrics import Metrics
from jishi.web.ready import Ready
from jishi.web.straight import Straight, walk
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
        ready: Answers that need nothing of what lies behind; None where others' middleware does.
        straight: Handlers that need nothing of it either; None as well.
    """

    def __init__(
        self,
        app: ASGIApp,
        visitors: Visitors,
        metrics: Metrics,
        ready: Ready | None = None,
        straight: Straight | None = None,
    ) -> None:
        self.app = app
        self._visitors = visitors
        self._metrics = metrics
        self._ready = ready
        self._straight = straight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; whatever goes wrong is answered with a problem document."""
        if scope["type"] != ScopeType.HTTP or "jishi.caller" in scope:
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        headers = dict(scope["headers"])
        request_id = request_id_of(headers)
        scope["jishi.caller"] = Caller(request_id=request_id)  # type: ignore[typeddict-unknown-key]
        method = scope["method"]
        answer = _Answer(scope, send, self._visitors.https)
        named = REQUEST.set(request_id)
        try:
            await self._serve(scope, receive, answer, headers)
        except Exception as error:
            if answer.status:
                log.exception("broken_off", path=scope["path"])
                raise
            await problem_answer(error, scope)(scope, receive, answer.send)
        finally:
            self._note(scope, method, answer, time.perf_counter() - begun)
            REQUEST.reset(named)

    async def _serve(
        self, scope: HTTPScope, receive: Receive, answer: "_Answer", headers: dict[bytes, bytes]
    ) -> None:
        place = scope["path"][1:].partition("/")[0]
        check_address(scope)
        check_length(headers)
        check_media_type(scope, headers, place)
        caller = await self._visitors.recognise(scope, headers, place, answer.request_id)
        scope["jishi.caller"] = caller  # type: ignore[typeddict-unknown-key]
        if place == "store" and self._ready is not None:
            page = self._ready.page_for(scope, headers, caller)
            if page is not None:
                known = headers.get(b"if-none-match", b"")
                answer.route = page.route
                await answer.give(*self._ready.answer(page, known, answer.request_id))
                return
        way = self._straight.way_of(scope, headers) if self._straight is not None else None
        if way is not None:
            await walk(way, scope, counted(receive), answer.send)
            return
        if place not in API or place == "docs":
            scope["jishi.nonce"] = secrets.token_urlsafe(16)  # type: ignore[typeddict-unknown-key]
        if scope["method"] == "HEAD":
            # An answer to HEAD is the answer to GET without its body, whoever gives it.
            scope["method"] = "GET"
        await self.app(scope, counted(receive), answer.send)

    def _note(self, scope: HTTPScope, method: str, answer: "_Answer", seconds: float) -> None:
        route = answer.route or scope.get("path_template") or "(unknown)"
        method = method if method in _METHODS else "other"
        self._metrics.served(method, route, answer.status, seconds)
        if answer.status == 200 and scope["path"] in _QUIET:
            return
        caller: Caller = scope["jishi.caller"]  # type: ignore[typeddict-item]
        note_request(answer.request_id, method, route, answer.status, seconds, caller.kind)


class _Answer:
    """Adds the protecting headers to an answer and remembers what it was."""

    __slots__ = ("_https", "_scope", "_send", "_wants", "request_id", "route", "status")

    def __init__(self, scope: HTTPScope, send: Send, https: Https) -> None:
        self._scope = scope
        self._send = send
        self._https = https
        self._wants: Literal["all", "headers"] = "headers" if scope["method"] == "HEAD" else "all"
        self.status = 0
        self.route = ""
        self.request_id: str = scope["jishi.caller"].request_id  # type: ignore[typeddict-item]

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            caller: Caller = self._scope["jishi.caller"]  # type: ignore[typeddict-item]
            nonce: str = self._scope.get("jishi.nonce", "")  # type: ignore[assignment]
            message["headers"] = protect(list(message["headers"]), caller, nonce, self._https)
        elif self._wants == "headers" and message["type"] == "http.response.body":
            message["body"] = b""
        await self._send(message)

    async def give(self, status: int, headers: list[Header], body: bytes) -> None:
        """Give a whole answer that is protected already."""
        self.status = status
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        sent = body if self._wants == "all" else b""
        await self._send({"type": "http.response.body", "body": sent, "more_body": False})
