"""What a process remembers of sales for a moment, so that a rush asks the database seldom."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Generic, TypeVar

from jishi.plugins import Desk
from jishi_flash_sale import accounts, sql
from jishi_flash_sale.sales import sales
from jishi_flash_sale.structs import Sale

T = TypeVar("T")

_OLD, _TOO_OLD = timedelta(seconds=0.2), timedelta(seconds=2)
"""From when on it is looked again while the old is still good; from when on one waits for it."""


class _Kept(Generic[T]):
    """Something that is read again and again, by one reader at a time while others go on."""

    def __init__(self, desk: Desk, read: Callable[[], Awaitable[T]]) -> None:
        self._desk = desk
        self._read = read
        self._value: T | None = None
        self._at = desk.now()
        self._reading: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """What is known; at most two seconds old, and under a rush seldom older than a fifth."""
        age = self._desk.now() - self._at
        fresh = self._value is not None and timedelta(0) <= age < _TOO_OLD
        if self._value is not None and fresh and age < _OLD:
            return self._value
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._look())
        if self._value is not None and fresh:
            return self._value
        return await asyncio.shield(self._reading)

    async def _look(self) -> T:
        at = self._desk.now()
        value = await self._read()
        self._value, self._at = value, at
        return value

    def forget(self) -> None:
        """Look again at the next question."""
        self._value = None


class Memory:
    """Running sales and what is left of them, at most a moment old; the ledger decides.

    Args:
        desk: The plugin's.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sales: _Kept[Mapping[str, Sale]] = _Kept(desk, self._find)
        self._left: _Kept[Mapping[str, int]] = _Kept(desk, self._count)

    async def running(self) -> Mapping[str, Sale]:
        """Sales that run or will, by id."""
        return await self._sales.get()

    async def left(self, sale: str, sku: str) -> int:
        """Pieces that can still be had."""
        return (await self._left.get()).get(accounts.quota(sale, sku), 0)

    async def _find(self) -> Mapping[str, Sale]:
        found = await sales(self._desk, sql.SHOWN, self._desk.now())
        return {one.id: one for one in found}

    async def _count(self) -> Mapping[str, int]:
        running = await self._sales.get()
        named = [
            accounts.quota(sale.id, item.sku) for sale in running.values() for item in sale.items
        ]
        stands = await self._desk.balances(named) if named else {}
        return {account: one.available for account, one in stands.items()}

    def forget(self) -> None:
        """Look again at the next question; somebody changed a sale here."""
        self._sales.forget()
        self._left.forget()
