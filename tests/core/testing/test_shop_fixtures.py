"""The shop that tests stand on sells."""

import pytest


@pytest.mark.parametrize("stage", ["placed", "paid", "fulfilling", "completed"])
async def test_an_order_comes_as_far_as_is_asked(seller, shopper, stage):
    await seller.product("tea", price=990, stock=3)
    order = await shopper.up_to(stage, {"tea": 2})
    assert order["status"] == stage
    assert order["lines"][0]["quantity"] == 2
