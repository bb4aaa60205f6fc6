"""What WeChat is to be told of an order's shipments, as a pure function.

WeChat keeps the money of a payment in a mini program until it knows what was shipped. Goods that
travel with a carrier may be told parcel by parcel (split); whatever goes another way is told in
one piece, when everything is handed over.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from jishi.fulfilment import Shipment
from jishi.orders import Order
from jishi_wechat_miniprogram.calls import (
    Contact,
    LogisticsType,
    OrderKey,
    Parcel,
    Payer,
    ShippingInfo,
)
from jishi_wechat_miniprogram.settings import WechatMiniprogramSettings
from jishi_wechat_miniprogram.wording import BEIJING, goods_of

EXPRESS: Final = 1
SAME_CITY: Final = 2
VIRTUAL: Final = 3
PICKUP: Final = 4
UNIFIED: Final = 1
SPLIT: Final = 2

MOST_PARCELS = 15
DESCRIPTION = 120
"""Characters of ``item_desc``."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One upload, and which shipments WeChat knows after it."""

    info: ShippingInfo
    shipments: tuple[str, ...]
    is_last: bool


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that WeChat holds.

    Attributes:
        transaction: WeChat's number.
        openid: Who paid.
    """

    transaction: str
    openid: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What WeChat knows of a payment's shipping.

    Attributes:
        shipments: Their ids.
        closed: Whether it was told that nothing more will come.
    """

    shipments: tuple[str, ...] = ()
    closed: bool = False


class ByHand(Exception):
    """WeChat's rules have no way to say this; staff enter it in WeChat's console."""


def plan_upload(
    order: Order,
    shipments: Sequence[Shipment],
    known: Known,
    payment: Payment,
    settings: WechatMiniprogramSettings,
    now: datetime,
) -> Plan | None:
    """The next thing to tell WeChat about a payment; None when there is nothing (yet).

    Args:
        order: The order as it is.
        shipments: Everything that left the house, oldest first.
        known: What WeChat knows.
        payment: Which payment it is about.
        settings: Names of carriers, riders, deliveries without goods.
        now: UTC.

    Raises:
        ByHand: Some parcels have numbers and the last goods went another way.
    """
    done = not any(line.to_ship for line in order.lines)
    kinds = {each.id: logistics_of(order, each, settings) for each in shipments}
    fresh = [each for each in shipments if each.id not in known.shipments]
    if not fresh and (known.closed or not done or not known.shipments):
        return None
    if not fresh:  # the rest will never come: its money went back
        fresh = [each for each in shipments if each.id == known.shipments[-1]]
    if any(kinds[each.id] != EXPRESS for each in fresh):
        return _unified(order, fresh, kinds, known, payment, settings, now) if done else None
    told, rest = fresh[:MOST_PARCELS], fresh[MOST_PARCELS:]
    is_last = done and not rest
    alone = is_last and not known.shipments and len(told) == 1
    parcels = tuple(_parcel(order, each, settings) for each in told)
    info = _info(payment, EXPRESS, UNIFIED if alone else SPLIT, parcels, now, is_last=is_last)
    after = dict.fromkeys([*known.shipments, *(each.id for each in told)])
    return Plan(info=info, shipments=tuple(after), is_last=is_last)


def logistics_of(
    order: Order, shipment: Shipment, settings: WechatMiniprogramSettings
) -> LogisticsType:
    """How goods travelled, in WeChat's numbers."""
    if order.delivery.code in settings.virtual:
        return VIRTUAL
    if order.delivery.kind == "pickup":
        return PICKUP
    own = order.delivery.kind == "local" or shipment.carrier in settings.riders
    return SAME_CITY if own or not shipment.tracking else EXPRESS


def _unified(
    order: Order,
    fresh: Sequence[Shipment],
    kinds: dict[str, LogisticsType],
    known: Known,
    payment: Payment,
    settings: WechatMiniprogramSettings,
    now: datetime,
) -> Plan:
    """Everything in one piece, now that all of it is handed over."""
    if known.shipments or EXPRESS in kinds.values():
        raise ByHand("parcels with and without a carrier's number in one order")
    parcel = Parcel(item_desc=_description(order, fresh))
    info = _info(payment, kinds[fresh[-1].id], UNIFIED, (parcel,), now, is_last=True)
    return Plan(info=info, shipments=tuple(each.id for each in fresh), is_last=True)


def _info(
    payment: Payment,
    kind: LogisticsType,
    mode: Literal[1, 2],
    parcels: tuple[Parcel, ...],
    now: datetime,
    *,
    is_last: bool,
) -> ShippingInfo:
    return ShippingInfo(
        order_key=OrderKey(transaction_id=payment.transaction),
        logistics_type=kind,
        delivery_mode=mode,
        is_all_delivered=is_last,
        shipping_list=parcels,
        upload_time=now.astimezone(BEIJING).isoformat(timespec="milliseconds"),
        payer=Payer(openid=payment.openid),
    )


def _parcel(order: Order, shipment: Shipment, settings: WechatMiniprogramSettings) -> Parcel:
    company = settings.carriers.get(shipment.carrier, shipment.carrier)
    phone = order.address.phone if order.address is not None else ""
    return Parcel(
        tracking_no=shipment.tracking,
        express_company=company,
        item_desc=_description(order, [shipment]),
        contact=Contact(receiver_contact=masked(phone)) if company == "SF" and phone else None,
    )


def _description(order: Order, shipments: Sequence[Shipment]) -> str:
    titles = {line.sku: line.title for line in order.lines}
    pieces: dict[str, int] = {}
    for shipment in shipments:
        for sku, quantity in shipment.lines:
            title = titles.get(sku, sku)
            pieces[title] = pieces.get(title, 0) + quantity
    return goods_of(list(pieces.items()), DESCRIPTION) or "商品"


def masked(phone: str) -> str:
    """A telephone number as WeChat wants it: the last four digits stay, ``189****1234``."""
    digits = "".join(each for each in phone if each.isdigit())
    return f"{digits[-11:-8]}****{digits[-4:]}"
