"""The plugin's declaration and its hooks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

import msgspec
from litestar.types import ControllerRouterHandler

from jishi.dossiers import Leaving
from jishi.effects import Effect, Event
from jishi.events import JobKind, Listener, Schedule
from jishi.fulfilment import Consignment, DeliveryOption
from jishi.membership import Member, Merge, ProfileSection
from jishi.orders import Objection, Order, OrderDraft, Transition
from jishi.payments import Gateway
from jishi.personal import PersonalTable
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Basket, Lane, Nets, Offer
from jishi_loyalty.burning import offer_of_points
from jishi_loyalty.jobs import POINTS_JOBS
from jishi_loyalty.load_shopper import Shopper, load_shopper
from jishi_loyalty.move_points import Movable, effects_of_move, load_movable
from jishi_loyalty.personal import POINTS_PERSONAL
from jishi_loyalty.profile import section_of
from jishi_loyalty.purses import survivor
from jishi_loyalty.read_points import read_holding, read_member, standing
from jishi_loyalty.routes import POINTS_ROUTES
from jishi_loyalty.settings import LoyaltySettings
from jishi_loyalty.tables import POINTS_TABLES
from jishi_loyalty.tier_lanes import offer_of_delivery, offers_of_tier
from jishi_loyalty.value.lots import Left
from jishi_loyalty.value.part import StoredValue
from jishi_loyalty.value.personal import VALUE_PERSONAL
from jishi_loyalty.value.routes import VALUE_ROUTES
from jishi_loyalty.value.tables import VALUE_TABLES
from jishi_loyalty.value.till_routes import TILL_ROUTES

_MOST = 190
"""Effects of one merge; what is left is swept up after it."""


class Moves(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge moves: lots of points, top-ups, and the moment, UTC."""

    points: Movable
    value: tuple[Left, ...]
    at: datetime


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
            "ledger:value",
            "members:read",
            "orders:read",
            "payments:provider",
        ),
        tables=(*POINTS_TABLES, *VALUE_TABLES),
        migrations="jishi_loyalty.migrations",
        live_settings="yes",
    )

    def __init__(self, settings: LoyaltySettings) -> None:
        self.settings = settings
        self.value = StoredValue(self, settings.value)

    @hookimpl
    def register_gateways(self) -> Sequence[Gateway] | None:
        """Stored value as a way to pay."""
        return self.value.gateways()

    @hookimpl
    def register_routes(self) -> Sequence[ControllerRouterHandler]:
        """Routes below ``/loyalty``."""
        return [*POINTS_ROUTES, *VALUE_ROUTES, *TILL_ROUTES]

    @hookimpl
    def register_jobs(self) -> Sequence[Schedule | JobKind | Listener]:
        """What is done by itself, and what is heard."""
        return [*POINTS_JOBS, *self.value.jobs()]

    @hookimpl
    def register_personal_data(self) -> Sequence[PersonalTable]:
        """What the tables know about people."""
        return [*POINTS_PERSONAL, *VALUE_PERSONAL]

    @hookimpl
    async def review_erasure(self, leaving: Leaving) -> list[Objection] | None:
        """Nobody is forgotten with money at the shop."""
        return await self.value.objections_to_leaving(leaving.member)

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
        nets = Nets(
            lines=self.settings.goods([item.sku for item in basket.items], nets.lines),
            delivery=nets.delivery,
        )
        if lane == "member" and tier is not None:
            return offers_of_tier(tier, basket, nets.lines, shopper.prices)
        offer = None
        if lane == "points" and shopper.purse is not None:
            offer = offer_of_points(self.settings, basket, nets.lines, shopper.purse)
        elif lane == "delivery" and tier is not None:
            offer = offer_of_delivery(tier, nets)
        return [offer] if offer else None

    @hookimpl
    def offer_delivery(self, consignment: Consignment) -> list[DeliveryOption] | None:
        """A top-up need not be carried."""
        return self.value.delivery(consignment)

    @hookimpl
    async def review_checkout(self, draft: OrderDraft) -> list[Objection] | None:
        """Top-ups are for members, alone, and within the limits."""
        return await self.value.objections(draft)

    @hookimpl
    def effects_of_order(self, order: Order, transition: Transition) -> list[Effect] | None:
        """Top-ups; and tell ourselves of what the core tells nobody before the money has gone."""
        effects = self.value.effects(order, transition)
        if transition in ("refund", "cancel") and order.paid_at is not None:
            key = f"changed:{order.version}"
            told = Event(name="loyalty.order_changed", data={"number": order.number}, key=key)
            effects.append(told)
        return effects or None

    @hookimpl
    async def load_profile(self, member: Member) -> list[ProfileSection] | None:
        """Points, tier and stored value, for the member and for staff."""
        points = section_of(await read_holding(self.desk, self.settings, member.id))
        return [points, *await self.value.sections(member.id)]

    @hookimpl
    async def load_merge(self, merge: Merge) -> Moves | None:
        """The lots of both kinds that move."""
        return Moves(
            points=await load_movable(self.desk, merge),
            value=await self.value.moving(merge),
            at=self.desk.now(),
        )

    @hookimpl
    def effects_of_merge(self, merge: Merge, loaded: Mapping[str, object]) -> list[Effect] | None:
        """Lots move by entries: value first, then as many points as fit beside it."""
        moves = loaded.get("loyalty")
        if not isinstance(moves, Moves):
            return None
        value = self.value.moved(merge, moves.value, moves.at)
        return [*value, *effects_of_move(merge, moves.points, _MOST - len(value))] or None
