"""Keeps what this process remembers of stock no older than half a second, whoever sold it."""

import asyncio
from collections.abc import Sequence

import structlog

from jishi.catalogue import products_with, touch
from jishi.db import DatabaseError
from jishi.events import Feed, Happened
from jishi.orders import products_of
from jishi.shop import Shop

log = structlog.get_logger("jishi.web")

LOOK_EVERY = 0.4
"""Seconds between two looks at what happened."""

_MOVES_STOCK = frozenset({"order.placed", "order.cancelled", "order.expired", "order.refunded"})


class Freshness:
    """Follows the events of all processes and forgets pages whose stock moved.

    Args:
        shop: The shop.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._task: asyncio.Task[None] | None = None
        self._is_over = False

    async def start(self) -> None:
        """Begin to follow."""
        self._task = asyncio.create_task(self._follow(), name="freshness")

    async def stop(self) -> None:
        """End."""
        # Before Python 3.12 wait_for loses a cancellation that meets the end of a read.
        self._is_over = True
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        feed, position = Feed(self._shop.database), None
        while not self._is_over:
            try:
                position, news = await feed.since(position)
                await self._forget(news)
            except DatabaseError as error:
                # Pages die of age meanwhile; what is sold is decided by the ledger, not by a page.
                log.warning("freshness_waits", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def _forget(self, news: Sequence[Happened]) -> None:
        moved = {each.subject for each in news if each.name == "stock.changed"}
        orders = sorted({each.subject for each in news if each.name in _MOVES_STOCK})
        skus = sorted({each.subject for each in news if each.name == "stock.moved"})
        if skus:
            moved |= await products_with(self._shop.database, skus)
        if orders:
            moved |= await products_of(self._shop.database, orders)
        if moved:
            touch(self._shop.database, moved)
