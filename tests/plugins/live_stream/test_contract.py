"""The plugin keeps what every plugin that changes prices promises."""

from datetime import timedelta
from typing import ClassVar

import msgspec
import pytest

from jishi.testing.contracts import PluginContract, PricingContract
from jishi_live_stream import LiveStream, sessions
from jishi_live_stream.structs import CardPlan, Plan


class TestLiveStream(PluginContract):
    """With a secret."""

    plugin = LiveStream
    settings: ClassVar = {"secret": {"env": "SHOP_SECRET"}}


class TestPrices(PricingContract):
    """Baskets that are filled in a session."""

    plugin = LiveStream
    settings: ClassVar = {"secret": {"env": "SHOP_SECRET"}}
    baskets = 12
    session = ""

    @pytest.fixture(autouse=True)
    async def started(self, shop):
        desk = shop.hooks.plugin("live_stream").desk
        now = desk.now()
        cards = tuple(CardPlan(sku=f"SKU-{at}", price=7 * at) for at in range(0, 20, 3))
        plan = Plan(title="全场", starts_at=now, ends_at=now + timedelta(days=1), cards=cards)
        written = await sessions.write_down(desk, plan, "test")
        self.session = (await sessions.go_live(desk, written.id, "test")).id

    def _baskets(self, shop):
        for basket in super()._baskets(shop):
            extras = {"live_stream.session": self.session}
            yield msgspec.structs.replace(basket, extras=extras, member="member-1")
