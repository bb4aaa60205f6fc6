"""What a process remembers of sales for a moment, so that a rush asks the database seldom."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from jishi.plugins import Desk
from jishi_flash_sale import accounts, sql
from jishi_flash_sale.sales import sales
from jishi_flash_sale.structs import Sale

_SALES_FOR = timedelta(seconds=0.5)
_LEFT_FOR = timedelta(seconds=0.2)
"""A stop is seen within half a second, a piece that came back within a fifth."""


class Memory:
    """Running sales and what is left of them, at most a moment old; the ledger decides.

    Args:
        desk: The plugin's.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sales: dict[str, Sale] = {}
        self._left: dict[str, int] = {}
        self._sales_at = self._left_at = desk.now() - timedelta(days=1)
        self._lock = asyncio.Lock()

    async def running(self) -> Mapping[str, Sale]:
        """Sales that run or will, by id."""
        now = self._desk.now()
        if not timedelta(0) <= now - self._sales_at < _SALES_FOR:
            async with self._lock:
                if self._sales_at != now:
                    found = await sales(self._desk, sql.SHOWN, now)
                    self._sales, self._sales_at = {one.id: one for one in found}, now
        return self._sales

    async def left(self, sale: str, sku: str) -> int:
        """Pieces that can still be had."""
        now = self._desk.now()
        if not timedelta(0) <= now - self._left_at < _LEFT_FOR:
            await self._count()
        return self._left.get(accounts.quota(sale, sku), 0)

    async def _count(self) -> None:
        async with self._lock:
            now = self._desk.now()
            if timedelta(0) <= now - self._left_at < _LEFT_FOR:
                return
            named = [
                accounts.quota(sale.id, item.sku)
                for sale in self._sales.values()
                for item in sale.items
            ]
            stands = await self._desk.balances(named) if named else {}
            self._left = {account: one.available for account, one in stands.items()}
            self._left_at = now

    def forget(self) -> None:
        """Look again at the next question; somebody changed a sale here."""
        long_ago = self._desk.now() - timedelta(days=1)
        self._sales_at = self._left_at = long_ago
