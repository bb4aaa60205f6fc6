"""The straight way to the handlers that take most of the writes.

Litestar serves any handler: guards, dependencies, hooks, cookies, parameters of any kind. Those
named here want their request, its body, parts of the path and a key, and nothing else, so they are
called at once. What a request must pass has been passed before, and what a handler raises is
answered by whoever called. The description of the API is Litestar's as ever.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Litestar, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.serialization import default_serializer
from litestar.types import HTTPScope, Receive, Send

from jishi.web.headers import Header
from jishi.web.limits import has_body
from jishi.web.requests import JsonRequest

OPERATIONS = frozenset(
    {
        "checkout_open_cart",
        "checkout_add_line",
        "checkout_set_details",
        "checkout_place_order",
        "payments_start",
        "payments_notify",
    }
)
"""Who is called at once."""

_METHODS = frozenset({"POST", "PATCH"})
_OWN = frozenset({"request", "data", "idempotency_key"})
_JSON = "application/json"

_encode = msgspec.json.Encoder(enc_hook=default_serializer).encode


class Way(msgspec.Struct, frozen=True):
    """How one handler is called.

    Attributes:
        handler: Litestar's.
        call: The function itself.
        wants: The names of its parameters but the request.
        status: Of an answer that says none.
    """

    handler: HTTPRouteHandler
    call: Callable[..., Awaitable[Any]]
    wants: frozenset[str]
    status: int


class Straight:
    """Knows the straight ways of an application of ours.

    Args:
        app: With all its routes.
    """

    def __init__(self, app: Litestar) -> None:
        self._find = app.asgi_router.handle_routing
        self._ways: dict[int, Way] = {}
        for route in app.routes:
            for handler in getattr(route, "route_handlers", ()):
                if getattr(handler, "operation_id", None) in OPERATIONS:
                    self._ways[id(handler)] = _way(handler, set(route.path_parameters))

    def way_of(self, scope: HTTPScope, headers: dict[bytes, bytes]) -> Way | None:
        """The straight way of a request, noted in its scope; None when Litestar is to serve it.

        It serves pages of other sites, which need its CORS headers, headers that come twice, and
        who forgot the body.
        """
        if (
            scope["method"] not in _METHODS
            or b"origin" in headers
            or len(headers) != len(tuple(scope["headers"]))
        ):
            return None
        try:
            _, handler, path, found, template = self._find(
                path=scope["path"], method=scope["method"]
            )
        except HTTPException:
            return None
        way = self._ways.get(id(handler))
        if way is None or path != scope["path"]:
            return None
        if "data" in way.wants and not has_body(headers):
            return None
        scope["path_params"] = found
        scope["route_handler"] = way.handler
        scope["path_template"] = template
        return way


async def walk(way: Way, scope: HTTPScope, receive: Receive, send: Send) -> None:
    """Call a handler and give its answer.

    Raises:
        Exception: Whatever it raised; nothing was sent then.
    """
    request = JsonRequest(scope, receive, send)
    given: dict[str, Any] = {"request": request}
    for name in way.wants:
        if name == "data":
            given[name] = await request.json()
        elif name == "idempotency_key":
            given[name] = _key(scope)
        else:
            given[name] = scope["path_params"][name]
    said = await way.call(**given)
    status, headers, body = _told(said, way.status)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _told(said: Any, status: int) -> tuple[int, list[Header], bytes]:
    """Status, headers and body of what a handler gave back."""
    own: dict[str, str] = {}
    media_type = _JSON
    if isinstance(said, Response):
        own, status = said.headers, said.status_code or status
        media_type, said = (
            getattr(said.media_type, "value", said.media_type) or _JSON,
            said.content,
        )
    body = said if isinstance(said, bytes) else _encode(said)
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    headers = [(name.lower().encode("latin-1"), v.encode("latin-1")) for name, v in own.items()]
    headers.append((b"content-type", media_type.encode("latin-1")))
    headers.append((b"content-length", b"%d" % len(body)))
    return status, headers, body


def _key(scope: HTTPScope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"idempotency-key":
            return value.decode("latin-1")
    return None


def _way(handler: HTTPRouteHandler, parts: set[str]) -> Way:
    """How a handler is called.

    Raises:
        TypeError: It wants more than goes this way.
    """
    wants = set(handler.parsed_fn_signature.parameters)
    if wants - _OWN - parts or handler.resolve_guards() or handler.resolve_dependencies():
        raise TypeError(f"{handler.operation_id} cannot be called straight; it wants {wants}")
    return Way(handler, handler.fn, frozenset(wants - {"request"}), handler.status_code)
