"""Serves a shop with Granian until it is told to stop."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

from granian import Granian
from granian.constants import Interfaces, Loops

from jishi.config import Config, ConfigProblem, Finding
from jishi.shop import Shop
from jishi.themes import find_theme
from jishi.web.assemble import make_shop
from jishi.web.life import PATIENCE, Pending, require_tables
from jishi.web.listening import check_free
from jishi.web.settings import WebSettings

PENDING = "JISHI_PENDING"
"""Tells the worker processes what to do with migrations."""


def check_server(config: Config) -> None:
    """Refuse what cannot be served.

    Raises:
        ConfigProblem: Several processes on SQLite.
        ThemeProblem: The storefront is on and its theme is not installed or cannot be loaded.
    """
    if config.section("web", WebSettings).storefront == "on":
        find_theme(config.shop.theme)
    if config.server.workers > 1 and config.database.url.startswith("sqlite"):
        raise ConfigProblem(
            config.source.name,
            [
                Finding(
                    path="server.workers",
                    said=f"{config.server.workers} processes need PostgreSQL: SQLite has one "
                    "writer. Set workers = 1, or database.url = postgresql://…",
                )
            ],
        )


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
    check_free(config.server.host, config.server.port)  # before anything is upgraded under it
    asyncio.run(check_tables(shop, pending))
    check_free(config.server.host, config.server.port)  # the tables may have taken a while
    announce()
    os.environ["JISHI_CONFIG"] = str(config.folder / config.source.name)
    os.environ["JISHI_SERVER_HOST"] = config.server.host
    os.environ["JISHI_SERVER_PORT"] = str(config.server.port)
    os.environ["JISHI_SERVER_WORKERS"] = str(config.server.workers)
    server: Any = Granian(
        "jishi.web.asgi:app",
        address=config.server.host,
        port=config.server.port,
        interface=Interfaces.ASGI,
        workers=config.server.workers,
        loop=Loops.uvloop,
        factory=True,
        log_enabled=False,
        respawn_failed_workers=config.server.workers > 1,
        workers_kill_timeout=int(PATIENCE) + 2,
        websockets=False,
    )
    server.serve()
