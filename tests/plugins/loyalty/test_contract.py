"""What every plugin and every plugin of prices promises, on both databases."""

from typing import ClassVar

import pytest

from jishi.testing.contracts import PricingContract
from jishi_loyalty import Loyalty, sql
from jishi_loyalty.recount_tier import Standing
from jishi_loyalty.scheme import scheme_of

LADDER = [
    {"code": "silver", "title": "银卡", "reach": 100_000, "percent_off": 5},
    {
        "code": "gold",
        "title": "金卡",
        "reach": 500_000,
        "percent_off": 10,
        "points_percent": 200,
        "free_delivery_from": 9_900,
    },
]


class TestLoyalty(PricingContract):
    """Loyalty as it comes, with a ladder, for a gold member."""

    plugin = Loyalty
    settings: ClassVar = {"tiers": LADDER}
    baskets = 5

    @pytest.fixture(autouse=True)
    async def _gold(self, shop):
        """Have the contract's member be a gold one."""
        desk = scheme_of(shop).desk
        to = Standing("gold", shop.clock.now(), shop.clock.now())

        async def work(w):
            await w.execute(sql.KEEP_MEMBER, "member-1", shop.clock.now())
            await w.execute(sql.SET_TIER, ["member-1"], to.tier, to.since_at, to.until_at)

        await desk.atomically(work)
