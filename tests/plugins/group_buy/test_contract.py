"""The plugin keeps what every plugin that changes prices promises."""

from datetime import timedelta
from typing import ClassVar

import msgspec
import pytest

from jishi.testing.contracts import PricingContract
from jishi_group_buy import GroupBuy, campaigns
from jishi_group_buy.settings import GroupBuySettings


class TestTeams(PricingContract):
    """Baskets that open a team: whole, explained, the same in whatever order the lines come."""

    plugin = GroupBuy
    settings: ClassVar = {"ladder": {"2": 7, "3": 33}}
    baskets = 8
    campaign = ""

    @pytest.fixture(autouse=True)
    async def started(self, shop):
        """Have a campaign that every basket is part of."""
        desk = shop.hooks.plugin("group_buy").desk
        now = desk.now()
        plan = campaigns.Plan(
            title="全场",
            starts_at=now,
            ends_at=now + timedelta(days=1),
            skus=tuple(f"SKU-{at}" for at in range(0, 20, 2)),
        )
        settings = GroupBuySettings(ladder={"2": 7, "3": 33})
        written = await campaigns.write_down(desk, plan, settings, "test")
        self.campaign = (await campaigns.start(desk, written.id, "test")).id

    def _baskets(self, shop):
        for basket in super()._baskets(shop):
            extras = {"group_buy.open": self.campaign}
            yield msgspec.structs.replace(basket, extras=extras, member="member-1")

    async def test_a_basket_of_a_team_has_a_team_price(self, shop):
        """Else the other promises would be about nothing."""
        assert len(await self._offers(shop)) == self.baskets
