"""Pieces of orders that ended without goods go back to their sale while it runs."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from jishi.effects import Credit, Debit, DeskEffect
from jishi.events import Happened
from jishi.plugins import Desk, NotEnough, Writing
from jishi.shop import Shop
from jishi_flash_sale import accounts, sql
from jishi_flash_sale.sales import end, find_sale, sales

_ENDED = ("cancelled", "expired")


class _Bought(msgspec.Struct, frozen=True):
    sale: str
    sku: str
    member: str
    quantity: int


class Follower:
    """Keeps quotas as orders are, and ends sales whose time is over.

    Args:
        desk: The plugin's.
        label: ``flash_sale@version``.
    """

    def __init__(self, desk: Desk, label: str) -> None:
        self._desk = desk
        self._label = label

    async def hear(self, shop: Shop, happened: Happened) -> None:
        """Listener: an order was cancelled or ran out of time."""
        order = happened.subject
        for bought in await self._desk.fetch_as(_Bought, sql.PURCHASES, order):
            await self._put_back(order, bought)

    async def hear_paid(self, shop: Shop, happened: Happened) -> None:
        """Listener: an order was paid; late money brings one back that had come to nothing."""
        order = happened.subject
        for bought in await self._desk.fetch_as(_Bought, sql.ENDED_PURCHASES, order):
            try:
                await self._desk.atomically(lambda w, what=bought: self._back(w, order, what))  # type: ignore[misc]
            except NotEnough:
                self._desk.log.warning("sold_beside_quota", order=order, sale=bought.sale)

    async def _back(self, w: Writing, order: str, bought: _Bought) -> None:
        """The order took its piece from the shelf once more: the quota gives one for it."""
        rows = await w.fetch(sql.ORDER, order)
        if not rows or rows[0][0] in _ENDED:
            return
        found = await w.fetch(sql.LOCK_SALE, bought.sale)
        ((state,),) = await w.fetch(sql.STATE, order, bought.sku)
        runs = found and found[0][2] == "scheduled"
        if state == "returned" and not runs:
            return  # what it gave back to the quota left with the rest of it
        if not await w.execute(sql.LIVES, order, bought.sku, str(state)) or state == "shelved":
            return
        sale, reason = await find_sale(self._desk, bought.sale), f"order {order} was paid late"
        amount, key = bought.quantity, f"{order}:{bought.sku}:late"
        shelf, quota = accounts.shelf(sale, bought.sku), accounts.quota(sale.id, bought.sku)
        out = Debit(account=quota, amount=amount, key=f"{key}:quota", reason=reason)
        back = Credit(account=shelf, amount=amount, key=f"{key}:shelf", reason=reason)
        await w.apply([out, back], owner=order)

    async def _put_back(self, order: str, bought: _Bought) -> None:
        try:
            await self._desk.atomically(lambda w: self._write(w, order, bought, "returned"))
        except NotEnough:  # somebody bought them from the shelf meanwhile
            await self._desk.atomically(lambda w: self._write(w, order, bought, "shelved"))

    async def _write(
        self, w: Writing, order: str, bought: _Bought, where: Literal["returned", "shelved"]
    ) -> None:
        rows = await w.fetch(sql.ORDER, order)
        if not rows or rows[0][0] not in _ENDED:
            return
        # Under the sale's lock: it may be ending at this moment.
        found = await w.fetch(sql.LOCK_SALE, bought.sale)
        runs = found and found[0][2] == "scheduled"
        # An order that came back by late money has given its pieces to the quota once before.
        before = [f"desk:flash_sale:{order}:{bought.sku}:quota"]
        again = await w.fetch(sql.GIVEN_BACK, before)
        place = where if runs and not again else "shelved"
        if not await w.execute(sql.CAME_BACK, order, bought.sku, place):
            return
        effects = self._share(order, bought) if rows[0][1] is not None else []
        if place == "returned":
            effects += await self._to_quota(order, bought)
        if effects:
            await w.apply(effects, owner=order)

    async def _to_quota(self, order: str, bought: _Bought) -> list[DeskEffect]:
        sale = await find_sale(self._desk, bought.sale)
        what = (bought.quantity, f"{order}:{bought.sku}", f"order {order} came to nothing")
        amount, key, reason = what
        shelf, quota = accounts.shelf(sale, bought.sku), accounts.quota(sale.id, bought.sku)
        return [
            Debit(account=shelf, amount=amount, key=f"{key}:shelf", reason=reason),
            Credit(account=quota, amount=amount, key=f"{key}:quota", reason=reason),
        ]

    def _share(self, order: str, bought: _Bought) -> list[DeskEffect]:
        """A paid order used the member's share up; an unpaid one gave it back by itself."""
        account = accounts.share(bought.sale, bought.sku, bought.member)
        key = f"{order}:{bought.sku}:share"
        return [Credit(account=account, amount=bought.quantity, key=key, reason=f"order {order}")]

    async def end_those_over(self, shop: Shop) -> None:
        """Schedule: put back what is left of sales whose time is over."""
        over: Sequence[str] = [
            one.id for one in await sales(self._desk, sql.OVER, self._desk.now())
        ]
        for sale in over:
            await end(self._desk, sale, "over", self._label)
