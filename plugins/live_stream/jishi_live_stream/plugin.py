"""The plugin's declaration and its hooks."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import ClassVar

from litestar.types import ControllerRouterHandler

from jishi.effects import ORDER, Effect, Record
from jishi.events import Listener, Schedule
from jishi.orders import Objection, OrderDraft
from jishi.personal import PersonalTable
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Basket, Lane, Nets, Offer
from jishi_live_stream.claim_prizes import Keeper
from jishi_live_stream.follow_orders import Follower
from jishi_live_stream.memory import Memory
from jishi_live_stream.personal import PERSONAL
from jishi_live_stream.prices import WISH, Seen, card_offers, coupon_offers, look
from jishi_live_stream.routes import staff_routes, viewer_routes
from jishi_live_stream.settings import LiveStreamSettings
from jishi_live_stream.tables import (
    DrawTable,
    EntryTable,
    OrderTable,
    SessionTable,
    VisitTable,
    WinTable,
)

_ROUND = timedelta(seconds=5)
"""How late a session or a draw ends at most; it sells and takes nothing meanwhile."""


class LiveStream(Plugin):
    """Live streams: session prices, coupons of a session, fair draws, visits to a store."""

    declaration: ClassVar[Declaration] = Declaration(
        name="live_stream",
        version="0.1.0",
        settings=LiveStreamSettings,
        scopes=("orders:read", "ledger:read"),
        tables=(SessionTable, OrderTable, DrawTable, EntryTable, WinTable, VisitTable),
        migrations="jishi_live_stream.migrations",
    )

    def __init__(self, settings: LiveStreamSettings) -> None:
        self._settings = settings

    @cached_property
    def _memory(self) -> Memory:
        return Memory(self.desk, timedelta(minutes=self._settings.coupon_minutes))

    @hookimpl
    async def load_pricing(self, basket: Basket) -> Seen | None:
        """What the basket can have of the session that it was filled in."""
        return await look(self.desk, self._memory, self._settings, basket)

    @hookimpl
    def adjust_price(self, basket: Basket, lane: Lane, nets: Nets) -> list[Offer] | None:
        """The session's prices, and its coupons."""
        seen = basket.loaded.get("live_stream")
        if not isinstance(seen, Seen):
            return None
        if lane == "activity":
            return card_offers(seen, basket, nets) or None
        return coupon_offers(seen, nets) or None if lane == "coupon" else None

    @hookimpl
    async def review_checkout(self, draft: OrderDraft) -> list[Objection] | None:
        """A session that never was is no reason for an order; one that ended only has no price."""
        wish = draft.extras.get(WISH)
        if not wish or wish in await self._memory.lately():
            return None
        return [Objection(code="session_over", message="这场直播已经结束，或者没有这场直播。")]

    @hookimpl
    def effects_of_placing(self, draft: OrderDraft) -> Sequence[Effect] | None:
        """The order is remembered as one of the session and its host."""
        session = self._memory.known(draft.extras.get(WISH, ""))
        if session is None:
            return None
        row: dict[str, object] = {
            "order_id": ORDER,
            "session": session.id,
            "host": session.plan.host,
            "placed_at": draft.placed_at,
        }
        return [Record(table="live_stream_orders", row=row, key="session")]  # type: ignore[arg-type]

    @hookimpl
    def register_jobs(self) -> Sequence[Schedule | Listener]:
        """Sessions and draws end, unclaimed prizes go back, and what cancelled orders took."""
        keeper = Keeper(self.desk, self._settings, self.declaration.label)
        return [
            Schedule(name="round", every=_ROUND, do=keeper.look_round),
            Listener(event="order.cancelled", name="pieces", do=Follower(self.desk).hear),
        ]

    @hookimpl
    def register_routes(self) -> list[ControllerRouterHandler]:
        """Viewers' routes, the operator's desk, the store's."""
        what = (self.desk, self._memory, self._settings)
        return [*viewer_routes(*what), *staff_routes(*what)]

    @hookimpl
    def register_personal_data(self) -> Sequence[PersonalTable]:
        """Who took part, won and came."""
        return PERSONAL
