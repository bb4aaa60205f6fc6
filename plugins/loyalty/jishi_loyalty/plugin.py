"""The plugin's declaration and its hooks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from litestar.types import ControllerRouterHandler

from jishi.effects import Effect, Event
from jishi.events import JobKind, Listener, Schedule
from jishi.membership import Member, Merge, ProfileSection
from jishi.orders import Order, Transition
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Basket, Lane, Nets, Offer
from jishi_loyalty.burning import offer_of_points
from jishi_loyalty.jobs import POINTS_JOBS
from jishi_loyalty.load_shopper import Shopper, load_shopper
from jishi_loyalty.move_points import Movable, effects_of_move, load_movable
from jishi_loyalty.profile import section_of
from jishi_loyalty.purses import survivor
from jishi_loyalty.read_points import read_holding, read_member, standing
from jishi_loyalty.routes import POINTS_ROUTES
from jishi_loyalty.settings import LoyaltySettings
from jishi_loyalty.tables import POINTS_TABLES
from jishi_loyalty.tier_lanes import offer_of_delivery, offers_of_tier


class Loyalty(Plugin):
    """Points with lots, tiers and stored value: one member in the mall and at the till."""

    declaration: ClassVar[Declaration] = Declaration(
        name="loyalty",
        version="0.1.0",
        settings=LoyaltySettings,
        scopes=(
            "catalogue:read",
            "ledger:points",
            "ledger:points_debt",
            "ledger:points_pending",
            "ledger:read",
            "members:read",
        ),
        tables=(*POINTS_TABLES,),
        migrations="jishi_loyalty.migrations",
        live_settings="yes",
    )

    def __init__(self, settings: LoyaltySettings) -> None:
        self.settings = settings

    @hookimpl
    def register_routes(self) -> Sequence[ControllerRouterHandler]:
        """Routes below ``/loyalty``."""
        return [*POINTS_ROUTES]

    @hookimpl
    def register_jobs(self) -> Sequence[Schedule | JobKind | Listener]:
        """What is done by itself, and what is heard."""
        return [*POINTS_JOBS]

    @hookimpl
    async def load_groups(self, member: str, at: datetime) -> list[str] | None:
        """The member's tier, as a group."""
        row = await read_member(self.desk, await survivor(self.desk, member))
        tier, _ = standing(self.settings, row, at)
        return [tier] if self.settings.tier(tier) else None

    @hookimpl
    async def load_pricing(self, basket: Basket) -> Shopper | None:
        """The member's tier and what he could spend."""
        return await load_shopper(self.desk, self.settings, basket)

    @hookimpl
    def adjust_price(self, basket: Basket, lane: Lane, nets: Nets) -> list[Offer] | None:
        """What the tier takes off, what points pay, whether delivery is free."""
        shopper = basket.loaded.get("loyalty")
        if not isinstance(shopper, Shopper):
            return None
        tier = shopper.tier
        if lane == "member" and tier is not None:
            return offers_of_tier(tier, basket, nets.lines, shopper.prices)
        offer = None
        if lane == "points" and shopper.purse is not None:
            offer = offer_of_points(self.settings, basket, nets.lines, shopper.purse)
        elif lane == "delivery" and tier is not None:
            offer = offer_of_delivery(tier, nets)
        return [offer] if offer else None

    @hookimpl
    def effects_of_order(self, order: Order, transition: Transition) -> list[Effect] | None:
        """Tell ourselves of what the core tells nobody before the money has gone back."""
        if transition not in ("refund", "cancel") or order.paid_at is None:
            return None
        key = f"changed:{order.version}"
        return [Event(name="loyalty.order_changed", data={"number": order.number}, key=key)]

    @hookimpl
    async def load_profile(self, member: Member) -> list[ProfileSection] | None:
        """Points and tier, for the member and for staff."""
        return [section_of(await read_holding(self.desk, self.settings, member.id))]

    @hookimpl
    async def load_merge(self, merge: Merge) -> Movable | None:
        """The lots that move."""
        return await load_movable(self.desk, merge)

    @hookimpl
    def effects_of_merge(self, merge: Merge, loaded: Mapping[str, object]) -> list[Effect] | None:
        """Lots move by entries."""
        movable = loaded.get("loyalty")
        return effects_of_move(merge, movable) if isinstance(movable, Movable) else None
