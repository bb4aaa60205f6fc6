"""The API's description: OpenAPI 3.1 as JSON, and as a page that needs nobody else's scripts."""

import asyncio
import json
from collections.abc import Iterator
from html import escape
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar._openapi.plugin import OpenAPIPlugin
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Schema,
    SecurityScheme,
    Server,
)
from litestar.serialization import encode_json
from litestar.types import Method
from litestar.types.internal_types import PathParameterDefinition

from jishi import __version__
from jishi.problems import Problem
from jishi.shop import Shop
from jishi.web.answers import MEDIA_TYPE
from jishi.web.described import put_right
from jishi.web.doors import wanted_at
from jishi.web.examples import add_examples

_METHODS = ("get", "post", "put", "patch", "delete")
_TEXT = Schema(type=OpenAPIType.STRING)
_PROBLEM = Schema(
    type=OpenAPIType.OBJECT,
    title="Problem",
    required=["type", "title", "status", "detail", "code", "instance", "request_id"],
    properties={
        "type": _TEXT,
        "title": _TEXT,
        "status": Schema(type=OpenAPIType.INTEGER),
        "detail": _TEXT,
        "code": _TEXT,
        "field": _TEXT,
        "next_step": _TEXT,
        "instance": _TEXT,
        "request_id": _TEXT,
    },
)
_DESCRIPTION = (
    "Amounts are whole numbers of the currency's smallest unit (fen). Times are UTC. "
    "Lists come in pages: send `next` back as `cursor`. Writes that move money or goods take an "
    "`Idempotency-Key`. Every error is a problem document (RFC 9457) with a stable `code`, the "
    "`field` it is about and the `next_step`."
)
_SECURITY = {
    "shopper": SecurityScheme(
        type="http", scheme="bearer", description="A guest's or member's token."
    ),
    "staff": SecurityScheme(
        type="http", scheme="bearer", description="A token of POST /admin/login."
    ),
}
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
code,pre{font:14px/1.4 ui-monospace,monospace;background:#f4f4f2;border-radius:4px}
code{padding:.1em .3em}
pre{padding:.8em;overflow:auto}summary{cursor:pointer;padding:.3em 0}
.m{display:inline-block;min-width:4.5em;font-weight:600}h2{margin-top:2em}
"""


def openapi_config(shop: Shop) -> OpenAPIConfig:
    """How the API describes itself."""
    return OpenAPIConfig(
        title=f"{shop.config.shop.name}: Jishi API",
        version=__version__,
        description=_DESCRIPTION,
        components=Components(security_schemes=dict(_SECURITY)),
        servers=[Server(url=shop.config.shop.base_url)],
        use_handler_docstrings=True,
        create_examples=False,  # see `add_examples`
        operation_id_creator=operation_name,
        openapi_router=Router(
            "/docs", route_handlers=(), include_in_schema=False, before_request=_have_it
        ),
        render_plugins=[Page()],
    )


def operation_name(
    handler: HTTPRouteHandler, method: Method, path: list[str | PathParameterDefinition]
) -> str:
    """How an operation is called whose handler does not say: ``loyalty_list_tiers``.

    Args:
        handler: Its function gives the second part.
        method: Added where a handler has several.
        path: Its first part is a plugin's name.
    """
    place = next((part for part in path if isinstance(part, str)), "shop")
    name = f"{place}_{handler.handler_name}".replace("-", "_")
    return name if len(handler.http_methods) == 1 else f"{name}_{method.lower()}"


class OperationTwice(Problem):
    """Two addresses have an operation of the same name, so tools could not tell them apart."""

    code = "operation_twice"
    status = 500
    title = "Two operations have one name"


def check_operations(app: Litestar) -> None:
    """Make sure that the API can be described, without describing it: that takes a while.

    Raises:
        OperationTwice: Two operations have one name.
    """
    seen: dict[str, str] = {}
    for route in sorted(app.routes, key=lambda each: each.path):
        for method, (handler, _) in getattr(route, "route_handler_map", {}).items():
            if method == "OPTIONS" or not handler.resolve_include_in_schema():
                continue
            name = handler.operation_id
            if not isinstance(name, str):
                name = (name or operation_name)(handler, method, route.path_components)
            here = f"{method} {route.path}"
            if seen.setdefault(name, here) != here:
                raise OperationTwice(
                    f"{seen[name]} and {here} are both called {name!r}.",
                    next_step="Give one of the handlers another operation_id=….",
                )


class Page(OpenAPIRenderPlugin):
    """The API as one plain page: every address with its summary, parameters and body."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The page; scripts are none, the one style has the answer's nonce."""
        openapi_schema = msgspec.json.decode(request.app.state.description)
        info = openapi_schema["info"]
        nonce = escape(str(request.scope.get("jishi.nonce", "")))
        title = escape(info["title"])
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
            f'<meta name="viewport" content="width=device-width"><style nonce="{nonce}">{_STYLE}'
            f"</style><h1>{title}</h1><p>{escape(info['description'])}</p>"
            f'<p><a href="/openapi.json">openapi.json</a> for your own tools.</p>'
            f"{''.join(_chapters(openapi_schema))}</html>"
        ).encode()


@get("/openapi.json", include_in_schema=False)
async def get_description(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The API's description."""
    return Response(await described(request.app), media_type="application/json")


async def _have_it(request: Request[Any, Any, Any]) -> None:
    await described(request.app)


async def described(app: Litestar) -> bytes:
    """The API's description as JSON; made once, beside whatever else is served meanwhile."""
    known: bytes | None = app.state.get("description")
    if known is None:
        making: asyncio.Task[bytes] | None = app.state.get("describing")
        if making is None or making.done():
            making = asyncio.create_task(asyncio.to_thread(describe, app))
            app.state.describing = making
        known = await asyncio.shield(making)
    return known


def describe(app: Litestar) -> bytes:
    """The API's description as JSON; made once, which takes most of a second."""
    known: bytes | None = app.state.get("description")
    if known is None:
        finish(app.openapi_schema)
        known = encode_json(app.plugins.get(OpenAPIPlugin).provide_openapi_schema())
        app.state.description = known
    return known


def finish(description: OpenAPI) -> None:
    """Say of every address who may ask, and that errors are problem documents."""
    for path, item in (description.paths or {}).items():
        for method in _METHODS:
            operation: Operation | None = getattr(item, method, None)
            if operation is not None:
                operation.security = _security(method.upper(), path)
                put_right(description, operation)
                _add_problem(operation)
                add_examples(description, operation)


def _security(method: str, path: str) -> list[dict[str, list[str]]]:
    wanted = wanted_at(method, path)
    if wanted == "anybody":
        return [{}, {"shopper": []}] if path.startswith("/store/") else []
    return [{"staff" if wanted == "staff" else "shopper": []}]


def _add_problem(operation: Operation) -> None:
    """Replace Litestar's own error shape by ours."""
    responses = {
        status: answer
        for status, answer in (operation.responses or {}).items()
        if not status.startswith("4")
    }
    content = {MEDIA_TYPE: OpenAPIMediaType(schema=_PROBLEM)}
    responses["default"] = OpenAPIResponse(description="A problem.", content=content)
    operation.responses = responses


def _chapters(description: dict[str, Any]) -> Iterator[str]:
    tagged: dict[str, list[str]] = {}
    for path, item in sorted(description.get("paths", {}).items()):
        for method in _METHODS:
            if method in item:
                tag = next(iter(item[method].get("tags", ())), "other")
                tagged.setdefault(tag, []).append(_entry(path, method, item[method]))
    for tag, entries in sorted(tagged.items()):
        yield f'<h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(entries)}'


def _entry(path: str, method: str, operation: dict[str, Any]) -> str:
    said = escape(operation.get("description") or operation.get("summary", ""))
    parameters = "".join(
        f"<li><code>{escape(each['name'])}</code> ({escape(each['in'])})"
        f" {escape(each.get('description', ''))}</li>"
        for each in operation.get("parameters", ())
    )
    body = operation.get("requestBody", {}).get("content", {})
    shown = "".join(
        f"<pre>{escape(json.dumps(each.get('schema', {}), ensure_ascii=False, indent=1))}</pre>"
        for each in body.values()
    )
    return (
        f'<details><summary><span class="m">{method.upper()}</span> <code>{escape(path)}</code>'
        f"</summary><p>{said}</p><ul>{parameters}</ul>{shown}</details>"
    )


ROUTES = (get_description,)
