"""Puts the simulated WeChat Pay together as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import httpx
from litestar import Litestar, asgi
from litestar.datastructures import State

from jishi_wechat_pay.simulator.control import Control
from jishi_wechat_pay.simulator.deliveries import Postman
from jishi_wechat_pay.simulator.gate import Gate
from jishi_wechat_pay.simulator.pages import decide, payment_sheet, waiting_orders
from jishi_wechat_pay.simulator.till import Till
from jishi_wechat_pay.simulator.world import World

if TYPE_CHECKING:
    from litestar.types import HTTPScope, Receive, Scope, Send


def make_app(world: World, http: httpx.AsyncClient | None = None) -> Litestar:
    """Make the application around what the simulator knows.

    Args:
        world: What it knows.
        http: Carries the notices; without it a client that knows no proxy, as shops under test
            are near. Closed with the application.
    """
    http = http or httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=200))
    till = Till(world, Postman(world, http))
    gate = Gate(till)

    @asgi("/v3", is_mount=True, copy_scope=True)
    async def merchant_door(scope: "Scope", receive: "Receive", send: "Send") -> None:
        await gate(cast("HTTPScope", scope), receive, send)

    @asynccontextmanager
    async def open_doors(_: Litestar) -> AsyncIterator[None]:
        async with http:
            yield
            await world.stop()

    return Litestar(
        [merchant_door, Control, waiting_orders, payment_sheet, decide],
        state=State({"till": till}),
        lifespan=[open_doors],
        openapi_config=None,
        logging_config=None,
    )
