"""What the rooms bring to the web: routes, listeners and jobs, tables to migrate."""

import importlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from litestar import Request, Response, Router, route
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler
from packaging.requirements import Requirement

from jishi.db import Source
from jishi.events import Handlers, runner_of, sign_plugins_in
from jishi.hookspecs.platform import register_routes
from jishi.plugins import SHOP, HookShut
from jishi.shop import Shop
from jishi.web.settings import WebSettings

ROOMS = (
    "plugins",
    "ledger",
    "events",
    "compliance",
    "membership",
    "staff",
    "catalogue",
    "codes",
    "pricing",
    "orders",
    "payments",
    "fulfilment",
    "checkout",
    "dossiers",
    "themes",
)
"""The rooms of the core, from the ground up, the storefront last; their tables in this order."""


def routes_of(shop: Shop) -> list[ControllerRouterHandler]:
    """The route handlers of every room, then those of the plugins below their own name."""
    handlers: list[ControllerRouterHandler] = []
    settings = shop.config.section("web", WebSettings)
    for module in _furniture("routes", ROOMS if settings.storefront == "on" else ROOMS[:-1]):
        handlers += getattr(module, "ROUTES", ())
    for answer in shop.hooks.ask(register_routes, SHOP):
        handlers.append(_below_its_name(shop, answer.plugin, answer.value))
    return with_options(handlers)


def handlers_of(shop: Shop) -> Handlers:
    """Who listens to which event, and who does which job."""
    handlers = Handlers()
    for module in _furniture("jobs", ROOMS):
        module.register(handlers)
    sign_plugins_in(handlers, shop)
    return handlers


def migrations_of(shop: Shop) -> list[Source]:
    """Everybody who owns tables: the rooms from the ground up, then the plugins."""
    owners = [room for room in ROOMS if _there(f"jishi.{room}.migrations")]
    sources = [
        Source(name=room, package=f"jishi.{room}.migrations", after=tuple(owners[:place]))
        for place, room in enumerate(owners)
    ]
    if runner_of(shop) == "pgqueuer":
        queue = "jishi.events.queue_migrations"
        sources.append(Source(name="pgqueuer", package=queue, after=("events",)))
    own = {each.name for each in shop.hooks.roster.declarations if each.migrations}
    for declaration in shop.hooks.roster.declarations:
        if declaration.migrations:
            needs = {Requirement(need).name for need in declaration.needs}
            after = (*owners, *sorted(needs & own))
            sources.append(
                Source(name=declaration.name, package=declaration.migrations, after=after)
            )
    return sources


def _below_its_name(shop: Shop, label: str, handlers: Sequence[ControllerRouterHandler]) -> Router:
    """A plugin's routes lie below ``/<plugin>/``, whatever paths it gave them."""
    name = label.partition("@")[0]

    async def gate(request: Request[Any, Any, Any]) -> None:
        """Serve nothing of a plugin in quarantine."""
        if why := shop.hooks.roster.board.quarantined.get(name):
            raise HookShut(label, "register_routes", why, 30)

    return Router(
        path=f"/{name}", route_handlers=with_options(handlers), tags=[name], before_request=gate
    )


def with_options(handlers: Sequence[ControllerRouterHandler]) -> list[ControllerRouterHandler]:
    """The handlers, and what answers OPTIONS where an address has several of them.

    The framework's own answer names the methods of the handler that was registered first.
    """
    methods: dict[str, set[str]] = defaultdict(set)
    for handler in handlers:
        if isinstance(handler, HTTPRouteHandler):
            for path in handler.paths:
                methods[path] |= set(handler.http_methods)
    return [*(_options(path, each) for path, each in methods.items() if len(each) > 1), *handlers]


def _options(path: str, methods: Collection[str]) -> HTTPRouteHandler:
    allowed = {"allow": ", ".join(sorted({*methods, "OPTIONS"}))}

    @route(path, http_method="OPTIONS", include_in_schema=False, status_code=204)
    async def options() -> Response[None]:
        """Say what can be done here."""
        return Response(None, status_code=204, headers=allowed)

    return options


def _furniture(name: str, rooms: Sequence[str]) -> list[ModuleType]:
    found = [f"jishi.{room}.{name}" for room in rooms]
    return [importlib.import_module(path) for path in found if _there(path)]


def _there(path: str) -> bool:
    try:
        return find_spec(path) is not None
    except ModuleNotFoundError:
        return False
