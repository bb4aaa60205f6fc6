"""The plugin keeps what every plugin that changes prices promises."""

from datetime import timedelta
from typing import ClassVar

import msgspec
import pytest

from jishi.testing.contracts import PluginContract, PricingContract
from jishi_flash_sale import FlashSale, sales
from jishi_flash_sale.settings import FlashSaleSettings
from jishi_flash_sale.structs import ItemPlan, Plan


class TestFlashSale(PluginContract):
    """With the settings that a shop begins with."""

    plugin = FlashSale
    settings: ClassVar = {"per_second": 10}


class TestPrices(PricingContract):
    """Baskets that ask for a sale."""

    plugin = FlashSale
    settings: ClassVar = {}
    baskets = 12
    sale = ""

    @pytest.fixture(autouse=True)
    async def started(self, shop, seller):
        desk = shop.hooks.plugin("flash_sale").desk
        now = desk.now()
        for at in range(0, 20, 3):
            await seller.product(f"SKU-{at}", stock=100_000)
        items = tuple(
            ItemPlan(sku=f"SKU-{at}", price=7 * at, quota=90_000, per_member=9999)
            for at in range(0, 20, 3)
        )
        plan = Plan(title="全场", starts_at=now, ends_at=now + timedelta(days=1), items=items)
        written = await sales.write_down(desk, plan, FlashSaleSettings(), "test")
        self.sale = (await sales.schedule(desk, written.id, "test")).id

    def _baskets(self, shop):
        for basket in super()._baskets(shop):
            extras = {"flash_sale.sale": self.sale}
            yield msgspec.structs.replace(basket, extras=extras, member="member-1")
