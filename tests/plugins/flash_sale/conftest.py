"""A shop with tea and a flash sale of it, and members who buy over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from jishi.callers import Caller
from jishi.membership import Identity, enter
from jishi.testing.people import Shopper
from jishi_flash_sale import FlashSale, sales
from jishi_flash_sale.settings import FlashSaleSettings
from jishi_flash_sale.structs import ItemPlan, Plan

PRICE = 10_000


class Fan(Shopper):
    """A member who waits for sales."""

    async def grab(self, sale: str, pieces: int = 1, **order: Any):
        extras = {"flash_sale.sale": sale}
        return await self.place({"tea": pieces}, extras=extras, **order)


@pytest.fixture
def shop_plugins(shop_plugins):
    return shop_plugins | {"flash_sale": FlashSale}


@pytest.fixture
def shop_tables(shop_tables):
    budgets = {"flash_sale": {"load": 5000, "review": 5000, "pure": 5000}}
    return shop_tables | {"plugins": {"budgets": budgets}}  # a busy machine is no finding here


@pytest.fixture
def desk(shop):
    return shop.hooks.plugin("flash_sale").desk


@pytest.fixture
async def tea(seller):
    await seller.product("tea", price=PRICE, stock=50)


@pytest.fixture
def sale_of(desk, tea) -> Callable[..., Awaitable[str]]:
    """Writes a sale down and schedules it; gives its id."""

    async def make(quota: int = 10, price: int = 1000, each: int = 1, begins: int = 0, **plan):
        start = desk.now() + timedelta(seconds=begins)
        written = await sales.write_down(
            desk,
            Plan(
                title="双十一",
                starts_at=start,
                ends_at=start + timedelta(hours=1),
                items=(ItemPlan(sku="tea", price=price, quota=quota, per_member=each),),
                **plan,
            ),
            FlashSaleSettings(turn_seconds=60),
            "test",
        )
        await sales.schedule(desk, written.id, "staff:1")
        return written.id

    return make


@pytest.fixture
def fan(client, shop) -> Callable[[int], Awaitable[Fan]]:
    """A member, by number."""

    async def join(number: int) -> Fan:
        identity = Identity(kind="phone", value=f"+8613800{number:06d}")

        async def work(tx):
            return await enter(tx, shop, identity, Caller())

        inside = await shop.database.atomically(work)
        one = Fan(client, shop)
        one.id, one.headers = inside.member.id, {"authorization": f"Bearer {inside.token}"}
        return one

    return join
