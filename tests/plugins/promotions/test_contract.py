"""Promotions keep what every plugin and everybody who changes prices promises."""

from typing import ClassVar

import pytest

from jishi.shop import Shop
from jishi.testing.contracts import PricingContract
from jishi_promotions import Promotions
from jishi_promotions.campaigns import make_campaign, start_campaign

from .conftest import rule_of

RULES = (
    rule_of(),
    rule_of(title="二", group="two", benefit={"kind": "percent", "steps": [{"off": 777}]}),
    rule_of(title="三", benefit={"kind": "nth_item", "nth": 2, "off": 5000}),
    rule_of(title="四", benefit={"kind": "free_delivery", "reach": 9900}),
)


class TestPromotions(PricingContract):
    plugin = Promotions
    baskets: ClassVar[int] = 10

    @pytest.fixture
    async def shop(self, shop: Shop) -> Shop:
        """Give something to promise about: a shop with four campaigns that are on."""
        plugin = shop.hooks.plugin("promotions")
        assert isinstance(plugin, Promotions)
        for rule in RULES:
            made = await make_campaign(plugin.desk, rule, "staff:test")
            await start_campaign(plugin.desk, made.id, "staff:test")
        return shop
