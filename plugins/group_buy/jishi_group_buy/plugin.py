"""The plugin's declaration and its hooks."""

from datetime import timedelta
from typing import ClassVar

from litestar.types import ControllerRouterHandler

from jishi.events import JobKind, Listener, Schedule
from jishi.orders import Objection, Order, OrderDraft
from jishi.personal import PersonalTable
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Basket, Lane, Nets, Offer
from jishi_group_buy.follow_orders import Follower
from jishi_group_buy.personal import PERSONAL
from jishi_group_buy.routes import shopper_routes, staff_routes
from jishi_group_buy.settings import GroupBuySettings
from jishi_group_buy.settle_seat import Settler
from jishi_group_buy.settle_team import Decider
from jishi_group_buy.store import find_team, seat_of_order
from jishi_group_buy.tables import CampaignTable, SeatTable, TeamTable
from jishi_group_buy.take_seat import Refusal, Wanted, look, offer, wants

_ROUND = timedelta(seconds=10)
"""How long a team whose time is over waits at most."""

_EVENTS = ("order.paid", "order.cancelled", "order.expired", "order.refunded")


class GroupBuy(Plugin):
    """Tiered group buying: teams, seats, settlement with one refund per member."""

    declaration: ClassVar[Declaration] = Declaration(
        name="group_buy",
        version="0.1.0",
        settings=GroupBuySettings,
        scopes=("orders:read",),
        tables=(CampaignTable, TeamTable, SeatTable),
        migrations="jishi_group_buy.migrations",
    )

    def __init__(self, settings: GroupBuySettings) -> None:
        self._settings = settings

    @hookimpl
    async def load_pricing(self, basket: Basket) -> Wanted | Refusal | None:
        """The seat that the basket asks for, or why it cannot be had."""
        return await look(self.desk, basket.extras, basket.member, basket.at)

    @hookimpl
    def adjust_price(self, basket: Basket, lane: Lane, nets: Nets) -> list[Offer] | None:
        """The price of the smallest step; the offer that wins takes the seat."""
        wanted = basket.loaded.get("group_buy")
        if lane != "activity" or not isinstance(wanted, Wanted):
            return None
        found = offer(wanted, basket, nets)
        return [found] if found is not None else None

    @hookimpl
    async def review_checkout(self, draft: OrderDraft) -> list[Objection] | None:
        """Nobody who asked for a team gets an order without one."""
        label = self.declaration.label
        if not wants(draft.extras) or any(one.plugin == label for one in draft.quote.adjustments):
            return None
        found = await look(self.desk, draft.extras, draft.member, draft.placed_at)
        if isinstance(found, Refusal):
            return [Objection(code=found.code, message=found.message)]
        message = "这些商品现在不能按团价购买：不在活动里、件数太多，或者别的优惠更低。"
        return [Objection(code="no_team_price", message=message)]

    @hookimpl
    async def review_shipment(self, order: Order) -> list[Objection] | None:
        """Goods of a team stay here until it is sure that the team is filled."""
        row = await seat_of_order(self.desk, order.id)
        if row is None or row.seat.state in ("gone", "settled"):
            return None
        team = await find_team(self.desk, row.seat.team)
        if team.is_sure:
            return None
        message = f"这个订单在拼团中，成团后才能发货（{team.ends_at:%Y-%m-%d %H:%M} UTC 截止）。"
        return [Objection(code="team_not_filled", message=message)]

    @hookimpl
    def register_personal_data(self) -> tuple[PersonalTable, ...]:
        """What the tables know about people."""
        return PERSONAL

    @hookimpl
    def register_jobs(self) -> list[Schedule | JobKind | Listener]:
        """Seats follow their orders; teams end; seats are settled."""
        follower = Follower(self.desk)
        decider = Decider(self.desk, follower)
        settler = Settler(self.desk, self.declaration.label)
        return [
            Schedule(name="round", every=_ROUND, do=decider.look_round),
            JobKind(name="decide", do=decider.decide),
            JobKind(name="settle", do=settler.settle),
            *(Listener(event=event, do=follower.hear, name="seats") for event in _EVENTS),
        ]

    @hookimpl
    def register_routes(self) -> list[ControllerRouterHandler]:
        """Shoppers' pages and the merchant's."""
        settings = self._settings
        return [*shopper_routes(self.desk, settings), *staff_routes(self.desk, settings)]
