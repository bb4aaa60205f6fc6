"""Puts the simulated WeChat together as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from litestar import Litestar
from litestar.datastructures import State

from jishi_wechat_miniprogram.simulator.control import Control
from jishi_wechat_miniprogram.simulator.doors import ask, tell
from jishi_wechat_miniprogram.simulator.world import World


def make_app(world: World, http: httpx.AsyncClient | None = None) -> Litestar:
    """Make the application around what the simulator knows.

    Args:
        world: What it knows.
        http: Carries the pushes; closed with the application.
    """
    http = http or httpx.AsyncClient(trust_env=False)

    @asynccontextmanager
    async def open_doors(_: Litestar) -> AsyncIterator[None]:
        async with http:
            yield

    return Litestar(
        [ask, tell, Control],
        state=State({"world": world, "http": http}),
        lifespan=[open_doors],
        openapi_config=None,
        logging_config=None,
    )
