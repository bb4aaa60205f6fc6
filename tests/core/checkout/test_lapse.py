"""What is held or kept past its time goes by itself."""

from datetime import timedelta

import pytest

from jishi.checkout import find_cart
from jishi.checkout.jobs import forget_carts, lapse_holds
from jishi.ledger import check
from jishi.problems import NotFound


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


async def test_a_cart_that_nobody_touches_is_forgotten_after_ninety_days(mall):
    tea, shopper = await mall.sells("TEA"), mall.guest()
    old = await mall.cart(shopper, (tea, 1))
    mall.shop.clock.advance(timedelta(days=89))
    young = await mall.cart(shopper, (tea, 1))
    await forget_carts(mall.shop)
    assert await find_cart(mall.shop.database, shopper.owner, old.id) == old
    mall.shop.clock.advance(timedelta(days=2))
    await forget_carts(mall.shop)
    with pytest.raises(NotFound):
        await find_cart(mall.shop.database, shopper.owner, old.id)
    assert await find_cart(mall.shop.database, shopper.owner, young.id) == young
