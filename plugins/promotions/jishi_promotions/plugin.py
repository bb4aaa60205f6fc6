"""The plugin's declaration and its hooks."""

import zoneinfo
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from jishi.effects import Effect
from jishi.membership import Merge
from jishi.personal import PersonalTable
from jishi.plugins import Declaration, hookimpl
from jishi.pricing import Basket, Lane, Nets, Offer
from jishi_promotions.hear import Ears
from jishi_promotions.load import Rules, load
from jishi_promotions.merge import UsedUp, effects_of_used_up, load_used_up
from jishi_promotions.offers import LANES, Loaded, Terms, offers_of
from jishi_promotions.personal import PERSONAL
from jishi_promotions.routes import ROUTES
from jishi_promotions.settings import PromotionsSettings
from jishi_promotions.tables import TABLES

if TYPE_CHECKING:
    from litestar.types import ControllerRouterHandler


class Promotions(Ears):
    """Promotions and coupons for Jishi: full reductions, ladders, gifts, limits that hold."""

    declaration: ClassVar[Declaration] = Declaration(
        name="promotions",
        version="0.1.0",
        settings=PromotionsSettings,
        scopes=("ledger:read", "orders:read"),
        tables=TABLES,
        migrations="jishi_promotions.migrations",
        live_settings="yes",
    )

    def __init__(self, settings: PromotionsSettings | None = None) -> None:
        super().__init__(settings)
        self.settings = settings or PromotionsSettings()
        self.rules = Rules()
        self.terms = Terms(
            zone=zoneinfo.ZoneInfo(self.settings.timezone),
            language=self.settings.language,
            coupons_per_order=self.settings.coupons_per_order,
        )

    @hookimpl
    async def load_pricing(self, basket: Basket) -> Loaded | None:
        """The rules, what the shopper holds, and how much of it is left."""
        loaded = await load(self.desk, self.rules, basket, self.terms, self.settings.held_coupons)
        return loaded if loaded.index.live else None

    @hookimpl
    def adjust_price(self, basket: Basket, lane: Lane, nets: Nets) -> list[Offer] | None:
        """The rules that win in this lane."""
        if lane not in LANES:
            return None
        loaded = basket.loaded.get("promotions")
        if not isinstance(loaded, Loaded):
            return None
        return offers_of(loaded, basket, lane, nets, self.terms)

    @hookimpl
    def register_personal_data(self) -> "Sequence[PersonalTable]":
        """What the tables know about people."""
        return PERSONAL

    @hookimpl
    def register_routes(self) -> "Sequence[ControllerRouterHandler]":
        """Campaigns for staff, coupons for shoppers and tills."""
        return ROUTES

    @hookimpl
    async def load_merge(self, merge: Merge) -> tuple[UsedUp, ...]:
        """What the absorbed member has used of what each member may use so often."""
        return await load_used_up(self.desk, merge)

    @hookimpl
    def effects_of_merge(self, merge: Merge, loaded: Mapping[str, object]) -> list[Effect]:
        """What one has used up, the other has used up."""
        used = loaded.get("promotions") or ()
        return effects_of_used_up(merge, cast("Sequence[UsedUp]", used))
