"""300 buyers, 60 units, at once: 60 orders and 240 clean refusals."""

import asyncio

import pytest

from jishi.checkout.problems import OutOfStock
from jishi.ledger import check

BUYERS, UNITS = 300, 60


async def rush(mall, sku: str) -> list[object]:
    return await asyncio.gather(
        *(mall.order(mall.guest(), mall.now((sku, 1))) for _ in range(BUYERS)),
        return_exceptions=True,
    )


@pytest.mark.bar("B01")
async def test_three_hundred_buyers_place_sixty_orders(mall):
    tea = await mall.sells("TEA", stock=UNITS)
    answers = await rush(mall, tea)
    placed = [answer for answer in answers if not isinstance(answer, BaseException)]
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(placed) == UNITS
    assert {type(one) for one in refused} == {OutOfStock}
    assert await mall.held(tea) == UNITS
    assert await check(mall.shop.database) == []


@pytest.mark.bar("B01")
async def test_two_counters_do_not_sell_a_unit_twice(mall, mall_with):
    tea, other = await mall.sells("TEA", stock=UNITS), await mall_with()
    answers = await asyncio.gather(rush(mall, tea), rush(other, tea))
    placed = [one for part in answers for one in part if not isinstance(one, BaseException)]
    assert len(placed) == UNITS
    assert await check(mall.shop.database) == []


@pytest.mark.control
async def test_without_the_guard_the_same_rush_oversells(mall, without_guards):
    """The positive control: the tests above would notice."""
    tea = await mall.sells("TEA", stock=UNITS)
    await without_guards(mall.shop.database)
    answers = await rush(mall, tea)
    assert sum(not isinstance(answer, BaseException) for answer in answers) == BUYERS
    assert [one.kind for one in await check(mall.shop.database)] == ["floor"]
