"""A plugin that tells a sink of every order, as a webhook does."""

import os

import httpx

from jishi.plugins import Declaration, Plugin, hookimpl


class Own(Plugin):
    """Posts each order to the address in SINK, with a key that is the event's own."""

    declaration = Declaration(name="teller", version="1.0")

    @hookimpl
    async def order_placed(self, order):
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            body = {"order": order.id, "key": f"placed:{order.id}"}
            (await http.post(os.environ["SINK"], json=body)).raise_for_status()
