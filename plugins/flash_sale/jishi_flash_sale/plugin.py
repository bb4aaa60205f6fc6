"""The plugin's declaration and its hooks."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import ClassVar

from litestar.types import ControllerRouterHandler

from jishi.events import Listener, Schedule
from jishi.orders import Objection, OrderDraft
from jishi.personal import PersonalTable
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Basket, Lane, Nets, Offer
from jishi_flash_sale.follow_orders import Follower
from jishi_flash_sale.memory import Memory
from jishi_flash_sale.personal import PERSONAL
from jishi_flash_sale.routes import shopper_routes, staff_routes
from jishi_flash_sale.settings import FlashSaleSettings
from jishi_flash_sale.tables import PurchaseTable, SaleTable, TurnTable
from jishi_flash_sale.take_pieces import Refusal, Wanted, look, offers

_ROUND = timedelta(seconds=10)
"""How long a sale whose time is over keeps its rest at most; it sells nothing meanwhile."""


class FlashSale(Plugin):
    """Flash sales: a quota of its own, limits per member, a fair queue."""

    declaration: ClassVar[Declaration] = Declaration(
        name="flash_sale",
        version="0.1.0",
        settings=FlashSaleSettings,
        scopes=("orders:read", "ledger:read", "ledger:stock"),
        tables=(SaleTable, PurchaseTable, TurnTable),
        migrations="jishi_flash_sale.migrations",
    )

    def __init__(self, settings: FlashSaleSettings) -> None:
        self._settings = settings

    @cached_property
    def _memory(self) -> Memory:
        return Memory(self.desk)

    @hookimpl
    async def load_pricing(self, basket: Basket) -> Wanted | Refusal | None:
        """The pieces that the basket asks for, or why they cannot be had."""
        wanted = {item.sku: item.quantity for item in basket.items}
        rest = (basket.extras, basket.member, wanted, basket.at)
        return await look(self.desk, self._memory, self._settings, *rest)

    @hookimpl
    def adjust_price(self, basket: Basket, lane: Lane, nets: Nets) -> list[Offer] | None:
        """The sale's prices; an offer that wins takes pieces out of the quota."""
        wanted = basket.loaded.get("flash_sale")
        if lane != "activity" or not isinstance(wanted, Wanted):
            return None
        return offers(wanted, basket, nets) or None

    @hookimpl
    async def review_checkout(self, draft: OrderDraft) -> list[Objection] | None:
        """Nobody who asked for the sale gets an order without its price."""
        wanted = {line.sku: line.quantity for line in draft.quote.lines}
        rest = (draft.extras, draft.member, wanted, draft.placed_at)
        found = await look(self.desk, self._memory, self._settings, *rest)
        if found is None:
            return None
        if isinstance(found, Refusal):
            return [Objection(code=found.code, message=found.message, sku=found.sku)]
        label, sale = self.declaration.label, found.sale
        if any(one.plugin == label and one.rule == sale.id for one in draft.quote.adjustments):
            return None
        return [Objection(code="no_sale_price", message="这些商品现在不能按秒杀价购买。")]

    @hookimpl
    def register_jobs(self) -> Sequence[Schedule | Listener]:
        """Pieces of orders that came to nothing go back; sales end."""
        follower = Follower(self.desk, self.declaration.label)
        return [
            Schedule(name="round", every=_ROUND, do=follower.end_those_over),
            Listener(event="order.cancelled", name="pieces", do=follower.hear),
            Listener(event="order.expired", name="pieces", do=follower.hear),
            Listener(event="order.paid", name="pieces", do=follower.hear_paid),
        ]

    @hookimpl
    def register_routes(self) -> list[ControllerRouterHandler]:
        """Shoppers' pages and the merchant's."""
        what = (self.desk, self._memory, self._settings)
        return [*shopper_routes(*what), *staff_routes(*what)]

    @hookimpl
    def register_personal_data(self) -> Sequence[PersonalTable]:
        """Who bought in a sale, and who stood in a queue."""
        return PERSONAL
