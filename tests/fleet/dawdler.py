"""A plugin with a job that never ends by itself, enqueued when an order is placed."""

import asyncio
from pathlib import Path

from jishi.plugins import Declaration, Plugin, hookimpl


class Own(Plugin):
    """Hears of orders, and does not come to an end with them."""

    declaration = Declaration(name="dawdler", version="1.0")

    @hookimpl
    async def order_placed(self, order):
        with Path(__file__).with_name("begun").open("a") as file:
            file.write(f"{order.id}\n")
        await asyncio.Event().wait()
