"""What is held past its time comes back by itself."""

from datetime import timedelta

from jishi.checkout.jobs import lapse_holds
from jishi.ledger import check


async def test_a_hold_outlives_its_order_by_half_an_hour(mall):
    tea = await mall.sells("TEA", stock=3)
    order = await mall.order(mall.guest(), mall.now((tea, 2)))
    mall.shop.clock.advance(order.expires_at - mall.shop.clock.now() + timedelta(minutes=29))
    await lapse_holds(mall.shop)
    assert await mall.held(tea) == 2
    mall.shop.clock.advance(timedelta(minutes=2))
    await lapse_holds(mall.shop)
    assert await mall.held(tea) == 0
    assert await check(mall.shop.database) == []
