"""Puts a shop together: configuration, database, plugins, rooms, web."""

import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.config.cors import CORSConfig
from litestar.plugins import InitPlugin, PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.types import ASGIApp

from jishi import hookspecs
from jishi.bookkeeping import Bookkeeper
from jishi.builtin import BUILTIN
from jishi.checkout import merge_carts
from jishi.clock import Clock
from jishi.config import Config
from jishi.db import Database, Settings, tables_there
from jishi.ledger import LiveHold
from jishi.orders import useless_holds
from jishi.plugins import Plugin, load_plugins, load_saved, refuse_writing, settle
from jishi.remote import remote_plugins
from jishi.shop import Shop
from jishi.staff import record
from jishi.web import docs, health, media, plugin_settings, routes
from jishi.web.answers import answer_exception
from jishi.web.front import Front
from jishi.web.life import Life, Pending
from jishi.web.logs import settle_lines
from jishi.web.metrics import Metrics
from jishi.web.ready import Ready
from jishi.web.remembered import remembering
from jishi.web.requests import JsonRequest
from jishi.web.rooms import routes_of
from jishi.web.settings import WebSettings
from jishi.web.straight import Straight
from jishi.web.visitors import Visitors

ON_REQUEST = ("printed_codes",)
"""Built-in plugins that are off until the merchant names them."""


def make_shop(
    config: Config,
    clock: Clock | None = None,
    also: Mapping[str, type[Plugin]] | None = None,
) -> Shop:
    """A shop whose database is not yet connected.

    Args:
        config: The build.
        clock: What time it is; the machine's own unless said otherwise.
        also: Further plugins that take part as built-in ones do; for tests.

    Raises:
        PluginProblem: A plugin cannot be used.
    """
    builtin = {
        name: plugin
        for name, plugin in BUILTIN.items()
        if name not in ON_REQUEST or name in config.plugins.enabled
    }
    hooks = load_plugins(
        config,
        hookspecs.FAMILIES,
        builtin={**builtin, **(also or {})},
        remote=remote_plugins(config),
        clock=clock,
    )
    database = _database(config)
    database.gate = refuse_writing
    shop = Shop(config, database, hooks, clock)
    hooks.furnish(database, shop.clock, Bookkeeper(shop))
    return shop


def remembered_shop(config: Config) -> Shop:
    """A shop for a process of its own: with the settings of plugins that staff saved.

    Raises:
        PluginProblem: A plugin cannot be used.
    """
    return make_shop(remembering(config, _database(config)))


def _database(config: Config) -> Database:
    settings = config.database
    return Database.open(
        settings.url,
        Settings(
            connections=settings.connections,
            connect_limit=settings.connect_seconds,
            patience=settings.wait_seconds,
            lock_patience=settings.lock_seconds,
            statement_limit=settings.statement_seconds,
        ),
    )


async def open_shop(
    config: Config,
    clock: Clock | None = None,
    also: Mapping[str, type[Plugin]] | None = None,
) -> Shop:
    """A shop that is connected to its database; whoever opens it stops the database.

    Raises:
        PluginProblem: A plugin cannot be used.
        Unavailable: There is no database at the address.
    """
    shop = make_shop(config, clock, also)
    await shop.database.start()
    if "plugins_settings" in await tables_there(shop.database):
        settle(shop.hooks, await load_saved(shop.database), "everybody")
    return shop


class Jishi(InitPlugin):
    """Mounts a shop in a Litestar application.

    Args:
        what: The build, or a shop whose database is connected; that one is left connected.
        pending: What to do at the start when migrations are to come.
    """

    def __init__(self, what: Config | Shop, pending: Pending = "refuse") -> None:
        self.shop = what if isinstance(what, Shop) else remembered_shop(what)
        owner: Literal["life", "caller"] = "caller" if isinstance(what, Shop) else "life"
        self.settings = self.shop.config.section("web", WebSettings)
        self.metrics = Metrics()
        self.life = Life(self.shop, pending, owner)
        self.visitors = Visitors(self.shop, self.settings)

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add the shop's routes, its front, its errors and its life."""
        app_config.route_handlers += [
            *routes_of(self.shop),
            *routes.ROUTES,
            *plugin_settings.ROUTES,
            *health.ROUTES,
            *docs.ROUTES,
            *media.ROUTES,
        ]
        app_config.middleware.insert(0, self.front)
        app_config.exception_handlers[Exception] = answer_exception
        app_config.lifespan.append(self.life)
        app_config.on_shutdown.append(settle_lines)
        app_config.request_class = JsonRequest
        app_config.state.shop = self.shop
        app_config.state.metrics = self.metrics
        app_config.state.life = self.life
        app_config.state.adopters = (merge_carts,)
        app_config.state.record = record
        app_config.state.ledger_owners = (self._useless_holds,)
        return app_config

    async def _useless_holds(self, holds: Sequence[LiveHold]) -> Collection[str]:
        return await useless_holds(self.shop, holds)

    def front(self, app: ASGIApp) -> Front:
        """The middleware in front of an ASGI application."""
        return Front(app, self.visitors, self.metrics)

    def first(self, app: Litestar) -> Front:
        """The same in front of an application of ours alone, whose pages need nobody else."""
        ready = Ready(self.shop, self.visitors.https)
        return Front(app.asgi_handler, self.visitors, self.metrics, ready, Straight(app))


def create_app(what: Config | Shop, pending: Pending = "refuse") -> Litestar:
    """The web application of a shop.

    Args:
        what: The build, or a shop whose database is connected; that one is left connected.
        pending: ``upgrade`` applies migrations at the start; ``refuse`` stops with a sentence.

    Raises:
        PluginProblem: A plugin cannot be used.
        ConfigProblem: The table ``[web]`` cannot be used.
        OperationTwice: Two handlers are called the same in the API's description.
    """
    jishi = Jishi(what, pending)
    app = _Application(
        plugins=[jishi],
        openapi_config=docs.openapi_config(jishi.shop),
        cors_config=_cors(jishi.settings),
        logging_config=None,
        request_max_body_size=None,
    )
    docs.check_operations(app)
    # Litestar's middleware stands behind its router; ours must see unknown addresses too.
    app.asgi_handler = jishi.first(app)
    return app


class _Application(Litestar):
    """Litestar, without importing pydantic for shops in which nobody uses it."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        if "pydantic" in sys.modules:  # a plugin's models are understood, as anywhere
            return Litestar._get_default_plugins(plugins)
        return [*plugins, MsgspecDIPlugin()]


def _cors(settings: WebSettings) -> CORSConfig | None:
    """Who else's pages may call the API: with tokens, never with cookies."""
    if not settings.allowed_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.allowed_origins),
        allow_headers=["authorization", "content-type", "idempotency-key", "jishi-channel"],
        expose_headers=["etag", "idempotent-replayed", "retry-after", "x-request-id"],
    )
