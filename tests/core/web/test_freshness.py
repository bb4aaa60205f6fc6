"""Stock on pages is fresh within a second, whichever process sold it."""

import asyncio

import pytest

from jishi.callers import Caller
from jishi.checkout import Counter, PlaceOrder, WantedLine, place_order
from jishi.clock import FakeClock
from jishi.fulfilment import Address
from jishi.identifiers import new_id
from jishi.testing.patience import in_time
from jishi.web import open_shop

HOME = Address(
    name="李雷", phone="13800138000", region="浙江省", city="杭州市", street="文三路 1 号"
)


@pytest.mark.measured
async def test_what_another_process_sold_is_seen_within_a_second(
    shop, shop_config, shop_plugins, seller, client
):
    await seller.product("tea", stock=3)

    async def available() -> int:
        shown = (await client.get("/store/products/tea")).json()
        return int(shown["skus"][0]["available"])

    assert await available() == 3
    elsewhere = await open_shop(shop_config, FakeClock(shop.clock.now()), shop_plugins)
    counter = Counter(elsewhere)
    await counter.start()
    try:
        wanted = PlaceOrder(lines=(WantedLine(sku="tea", quantity=2),), address=HOME)
        guest = Caller(kind="guest", id=new_id())
        await place_order(elsewhere, counter, guest, wanted, new_id())
    finally:
        await counter.stop()
        await elsewhere.database.stop()
    with in_time(1):
        async with asyncio.timeout(60):
            while await available() != 1:  # noqa: ASYNC110 - another process tells nobody
                await asyncio.sleep(0.05)
