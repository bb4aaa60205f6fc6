"""Promotions keep what every plugin and everybody who changes prices promises."""

from typing import ClassVar

import pytest

from jishi.shop import Shop
from jishi.testing.contracts import PricingContract
from jishi_promotions import Promotions
from jishi_promotions.campaigns import make_campaign, start_campaign
from jishi_promotions.structs import (
    FreeDelivery,
    NthItem,
    Percent,
    PercentStep,
    Reduction,
    Rule,
    Step,
)

STEP = PercentStep(off=777)
RULES = (
    Rule(title="一", benefit=Reduction(steps=(Step(reach=10_000, off=1000),))),
    Rule(title="二", group="two", benefit=Percent(steps=(STEP,))),
    Rule(title="三", benefit=NthItem(off=5000)),
    Rule(title="四", benefit=FreeDelivery(reach=9900)),
)


class TestPromotions(PricingContract):
    plugin = Promotions
    baskets: ClassVar[int] = 5

    @pytest.fixture
    async def shop(self, shop: Shop) -> Shop:
        """Give something to promise about: a shop with four campaigns that are on."""
        plugin = shop.hooks.plugin("promotions")
        assert isinstance(plugin, Promotions)
        for rule in RULES:
            made = await make_campaign(plugin.desk, rule, "staff:test")
            await start_campaign(plugin.desk, made.id, "staff:test")
        return shop
