"""Stored value's part of the plugin: what it brings and what it answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jishi.effects import Debit, Effect
from jishi.events import Happened, JobKind, Listener
from jishi.fulfilment import Consignment, DeliveryOption
from jishi.membership import Merge, ProfileLine, ProfileSection
from jishi.orders import (
    Objection,
    Order,
    OrderDraft,
    Transition,
    complete_order,
    find_order,
    ship_order,
)
from jishi.payments import Gateway
from jishi.plugins import Desk, Plugin
from jishi.shop import Shop
from jishi_loyalty.purses import survivor
from jishi_loyalty.value.book import left_of
from jishi_loyalty.value.gateway import StoredValueGateway
from jishi_loyalty.value.lots import Left
from jishi_loyalty.value.move import effects_of_moving, load_moving
from jishi_loyalty.value.problems import ValueLimit
from jishi_loyalty.value.returns import PAY_OUT, aside_account, pay_out
from jishi_loyalty.value.settings import ValueSettings
from jishi_loyalty.value.top_up import (
    DELIVERY,
    delivery_code,
    effects_of_lot,
    lots_of_order,
    must_fit,
    promised_gift,
)


class StoredValue:
    """Members' money at the shop.

    Args:
        plugin: Whose desk it works at.
        settings: ``[plugins.loyalty.value]``.
    """

    def __init__(self, plugin: Plugin, settings: ValueSettings) -> None:
        self._plugin = plugin
        self.settings = settings

    @property
    def desk(self) -> Desk:
        """Where it reads and writes."""
        return self._plugin.desk

    def gateways(self) -> list[Gateway]:
        """The purse; none while stored value is off."""
        if self.settings.enabled == "no":
            return []
        return [StoredValueGateway(self._plugin, self.settings)]

    def jobs(self) -> list[JobKind | Listener]:
        """What is done by itself."""
        return [
            JobKind(name=PAY_OUT, do=self.pay_out),
            Listener(event="order.paid", name="value_delivered", do=self.deliver),
        ]

    def delivery(self, consignment: Consignment) -> list[DeliveryOption]:
        """Nothing has to be carried where there are top-ups alone."""
        wanted = [(self.settings.plan(one.sku), one.quantity) for one in consignment.parcels]
        gift = sum(plan.gift * quantity for plan, quantity in wanted if plan is not None)
        if not wanted or any(plan is None for plan, _ in wanted):
            return []
        option = DeliveryOption(
            code=delivery_code(gift), kind="pickup", title="即时到账", fee=0, needs_address="no"
        )
        return [option]

    async def objections(self, draft: OrderDraft) -> list[Objection]:
        """Why a top-up may not be ordered so."""
        plans = [self.settings.plan(line.sku) for line in draft.quote.lines]
        if not any(plans):
            return []
        if draft.member is None:
            return [Objection(code="value_member", message="储值需先登录成为会员。")]
        if len(plans) > 1:
            # One order, one top-up: so what goes back of an order is what was given up.
            return [Objection(code="value_alone", message="储值请单独下单。")]
        if not draft.delivery.code.startswith(DELIVERY):
            return [Objection(code="value_delivery", message="储值无需配送，请选择“即时到账”。")]
        left = await left_of(self.desk, await survivor(self.desk, draft.member))
        more = sum(
            line.total + plan.gift * line.quantity
            for line, plan in zip(draft.quote.lines, plans, strict=True)
            if plan is not None
        )
        try:
            must_fit(left, more, self.settings)
        except ValueLimit:
            return [Objection(code="value_limit", message="储值余额将超过上限。")]
        return []

    def effects(self, order: Order, transition: Transition) -> list[Effect]:
        """A paid top-up is credited; of it goes back what was set aside before, and no more."""
        gift = promised_gift(order)
        if gift is None:
            return []
        if transition == "pay":
            lots = lots_of_order(order, gift, self.settings.spend_order)
            return [effect for lot in lots for effect in effects_of_lot(lot)]
        if transition in ("refund", "cancel") and order.paid_at is not None and order.refunded:
            return [
                Debit(
                    account=aside_account(order.id),
                    amount=order.refunded,
                    key=f"value:refunded:{order.refunded}",
                    reason="given_up",
                )
            ]
        return []

    async def deliver(self, shop: Shop, happened: Happened) -> None:
        """A paid order of top-ups has arrived."""
        order = await find_order(shop.database, happened.subject)
        if promised_gift(order) is None or order.status not in ("paid", "fulfilling"):
            return
        if order.status == "paid":
            await ship_order(shop, order.id, "loyalty", f"value:{order.id}")
        await complete_order(shop, order.id, "loyalty")

    async def pay_out(self, shop: Shop, payload: dict[str, Any]) -> None:
        """Job: pay out what was given up, if the route did not come to it."""
        await pay_out(shop, self.desk, str(payload["return"]))

    async def moving(self, merge: Merge) -> tuple[Left, ...]:
        """What a merge moves; for `load_merge`."""
        return await load_moving(self.desk, merge)

    def moved(self, merge: Merge, moving: Sequence[Left], at: datetime) -> list[Effect]:
        """How it moves; for `effects_of_merge`."""
        return effects_of_moving(merge, moving, at)

    async def objections_to_leaving(self, member: str) -> list[Objection] | None:
        """What a member would lose by leaving."""
        left = sum(one.total for one in await left_of(self.desk, member))
        if not left:
            return None
        message = f"储值余额还有 {left / 100:.2f} 元，请先用完或申请退款。"
        return [Objection(code="value_left", message=message)]

    async def sections(self, member: str) -> list[ProfileSection]:
        """What a profile says; nothing for members without top-ups."""
        left = await left_of(self.desk, member)
        if not left:
            return []
        principal, gift = sum(one.principal for one in left), sum(one.gift for one in left)
        lines = (
            ProfileLine(label="储值本金", value=f"¥{principal / 100:,.2f}"),
            ProfileLine(label="储值赠金", value=f"¥{gift / 100:,.2f}"),
        )
        return [ProfileSection(title="储值", lines=lines)]
