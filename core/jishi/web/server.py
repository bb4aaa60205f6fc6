"""Serves a shop with Granian until it is told to stop."""

import asyncio
import os
import resource
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server.mp import MPServer

from jishi.config import Config, ConfigProblem, Finding
from jishi.events import EventSettings
from jishi.shop import Shop
from jishi.themes import find_theme
from jishi.web.assemble import make_shop
from jishi.web.life import PATIENCE, Pending, require_tables
from jishi.web.listening import check_free, claimed
from jishi.web.parent import STOPPING, name_parent
from jishi.web.settings import WebSettings

HEADER_SECONDS = 15
"""So long may a client take for the head of a request, or say nothing between two of them."""


def check_server(config: Config) -> None:
    """Refuse what cannot be served.

    Raises:
        ConfigProblem: Several processes on SQLite, or something of a fleet that is missing.
        ThemeProblem: The storefront is on and its theme is not installed or cannot be loaded.
    """
    if config.section("web", WebSettings).storefront == "on":
        find_theme(config.shop.theme)
    on_sqlite = config.database.url.startswith("sqlite")
    if config.server.workers > 1 and on_sqlite:
        said = (
            f"{config.server.workers} processes need PostgreSQL: SQLite has one writer. "
            "Set workers = 1, or database.url = postgresql://…"
        )
        raise _refused(config, "server.workers", said)
    check_fleet(config)


def check_fleet(config: Config) -> None:
    """Refuse what the build's database or installation cannot do for several processes.

    Raises:
        ConfigProblem: pgqueuer on SQLite, or the extra ``jishi[fleet]`` is missing.
    """
    queued = config.section("events", EventSettings).runner == "pgqueuer"
    if queued and config.database.url.startswith("sqlite"):
        said = 'pgqueuer needs PostgreSQL. Leave it out, or set runner = "embedded".'
        raise _refused(config, "events.runner", said)
    shared = bool(config.section("web", WebSettings).shared_limits)
    for wanted, path, library in (
        (queued, "events.runner", "pgqueuer"),
        (shared, "web.shared_limits", "redis"),
    ):
        if wanted and find_spec(library) is None:
            raise _refused(config, path, "this needs more packages: pip install 'jishi[fleet]'")


def _refused(config: Config, path: str, said: str) -> ConfigProblem:
    return ConfigProblem(config.source.name, [Finding(path=path, said=said)])


async def check_tables(shop: Shop, pending: Pending) -> None:
    """Connect once before the server starts, so that what is missing is told plainly.

    Raises:
        MigrationsPending: The tables are older than the code.
        Unavailable: There is no database at the address.
    """
    await shop.database.start()
    try:
        await require_tables(shop, pending)
    finally:
        await shop.database.stop()


def serve(config: Config, pending: Pending, announce: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first, for 10 s at most.

    Args:
        config: The build.
        pending: What to do when migrations are to come.
        announce: Called once everything is checked, before the first request.

    Raises:
        AddressTaken: Somebody listens on the address already.
        ConfigProblem: The configuration cannot be served.
        MigrationsPending: The tables are older than the code.
        PluginProblem: A plugin cannot be used.
    """
    check_server(config)
    shop = make_shop(config)
    with claimed(config.server.host, config.server.port):  # before anything is upgraded under it
        asyncio.run(check_tables(shop, pending))
        check_free(config.server.host, config.server.port)  # the tables may have taken a while
        announce()
        _set_environment(config)
        _allow_files(config.section("web", WebSettings).connections * 2)
        _server(config).serve()


class Server(MPServer):
    """Granian, which tells its workers that the stop has begun before it closes the port."""

    def signal_handler_interrupt(self, *args: object, **kwargs: object) -> None:
        """SIGTERM or SIGINT came."""
        for worker in self.wrks:
            with suppress(ProcessLookupError, TypeError):
                os.kill(worker.inner.pid, STOPPING)
        super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]


def _server(config: Config) -> Server:
    settings = config.section("web", WebSettings)
    workers = config.server.workers
    return Server(
        "jishi.web.process:app",
        address=config.server.host,
        port=config.server.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        workers=workers,
        loop=Loops.uvloop,
        factory=True,
        log_enabled=False,
        backlog=settings.connections,
        backpressure=settings.connections,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        respawn_failed_workers=workers > 1,
        workers_kill_timeout=int(PATIENCE) + 1,
        websockets=False,
    )


def _set_environment(config: Config) -> None:
    """What the worker processes, which read the build again, have to know."""
    os.environ["JISHI_CONFIG"] = str(config.folder / config.source.name)
    os.environ["JISHI_SERVER_HOST"] = config.server.host
    os.environ["JISHI_SERVER_PORT"] = str(config.server.port)
    os.environ["JISHI_SERVER_WORKERS"] = str(config.server.workers)
    name_parent()


def _allow_files(wanted: int) -> None:
    """A connection is an open file; systems allow more than they give at first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
