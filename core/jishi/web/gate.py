"""Turns visitors away, cheaply, while more are inside than can be served: before memory grows."""

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

RETRY_AFTER = 2
"""Seconds after which somebody who was turned away may ask again."""

_ALWAYS_IN = ("/health/", "/metrics")

_BODY = msgspec.json.encode(
    {
        "type": "about:blank",
        "title": "Temporarily out of service",
        "status": 503,
        "code": "too_busy",
        "detail": "Too many requests are being served.",
        "next_step": f"Repeat the request in {RETRY_AFTER} seconds, with the same "
        "Idempotency-Key if it has one.",
    }
)
_HEADERS = (
    (b"content-type", b"application/problem+json"),
    (b"content-length", str(len(_BODY)).encode()),
    (b"retry-after", str(RETRY_AFTER).encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"connection", b"close"),
)


class Gate:
    """Lets so many requests in at once; the others get 503 and ``Retry-After`` at once.

    Nothing is read, decoded, looked up or logged for those; ``turned_away`` counts them. Whether
    the process lives, and its numbers, can always be asked.

    Args:
        app: What lies behind.
        most: Requests inside at once.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self.inside = 0
        self.turned_away = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or turn it away."""
        if scope["type"] != ScopeType.HTTP or scope["path"].startswith(_ALWAYS_IN):
            await self._app(scope, receive, send)
            return
        if self.inside >= self._most:
            self.turned_away += 1
            await send({"type": "http.response.start", "status": 503, "headers": [*_HEADERS]})
            await send({"type": "http.response.body", "body": _BODY, "more_body": False})
            return
        self.inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self.inside -= 1
