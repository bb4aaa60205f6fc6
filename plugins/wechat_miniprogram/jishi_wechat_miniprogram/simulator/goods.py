"""Shipping of paid goods: the money is frozen until WeChat knows what was shipped.

Source: WeChat's documentation for mini programs, 小程序发货信息管理服务. That parcels of a split
shipping add up over several calls is how shops in production use it; the documentation leaves it
open.
"""

import re
from typing import Any

from jishi_wechat_miniprogram.simulator.refusals import Refusal
from jishi_wechat_miniprogram.simulator.world import App, Parcel, Payment, World

EXPRESS, SPLIT = 1, 2
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)")


def upload(world: World, app: App, body: dict[str, Any]) -> dict[str, object]:
    """``/wxa/sec/order/upload_shipping_info``."""
    _check_time(body)
    payment = _payment(world, app, body.get("order_key"))
    _check_payer(payment, body)
    _ship(payment, body)
    return {}


def upload_combined(world: World, app: App, body: dict[str, Any]) -> dict[str, object]:
    """``/wxa/sec/order/upload_combined_shipping_info``: all parts, or none."""
    _check_time(body)
    parts = body.get("sub_orders") or []
    if not 1 <= len(parts) <= 50:
        raise Refusal(10060014, "参数错误: sub_orders")
    found = [(_payment(world, app, part.get("order_key")), part) for part in parts]
    for payment, _ in found:
        _check_payer(payment, body)
    for payment, part in found:
        _ship(payment, part)
    return {}


def show(world: World, app: App, body: dict[str, Any]) -> dict[str, object]:
    """``/wxa/sec/order/get_order``."""
    number = str(body.get("transaction_id", ""))
    payment = world.payments.get(number)
    if payment is None or payment.appid != app.appid:
        raise Refusal(10060001, "支付单不存在")
    shipping = {
        "delivery_mode": payment.delivery_mode,
        "logistics_type": payment.logistics_type,
        "finish_shipping": payment.state >= 2,
        "shipping_list": payment.parcels,
    }
    order = {
        "transaction_id": payment.transaction_id,
        "merchant_id": payment.mchid,
        "merchant_trade_no": payment.out_trade_no,
        "openid": payment.openid,
        "paid_amount": payment.amount,
        "order_state": payment.state,
        "shipping": shipping,
    }
    return {"order": order}


def _payment(world: World, app: App, key: object) -> Payment:
    if not isinstance(key, dict) or key.get("order_number_type") not in (1, 2):
        raise Refusal(268485194, "订单单号类型 order_number_type 非法")
    if key["order_number_type"] == 2:
        if not key.get("transaction_id"):
            raise Refusal(268485195, "微信支付单号形式 transaction_id 字段不能为空")
        found = world.payments.get(str(key["transaction_id"]))
    else:
        if not key.get("mchid"):
            raise Refusal(268485196, "商户侧单号形式 mchid 字段不能为空")
        wanted = (key["mchid"], key.get("out_trade_no"))
        payments = world.payments.values()
        found = next((one for one in payments if (one.mchid, one.out_trade_no) == wanted), None)
    if found is None or found.appid != app.appid:
        raise Refusal(10060001, "支付单不存在")
    return found


def _check_time(body: dict[str, Any]) -> None:
    if not _TIME.fullmatch(str(body.get("upload_time", ""))):
        raise Refusal(268485216, "上传时间 upload_time 非法")


def _check_payer(payment: Payment, body: dict[str, Any]) -> None:
    payer = body.get("payer")
    if not isinstance(payer, dict) or payer.get("openid") != payment.openid:
        raise Refusal(10060031, "该笔支付单不属于 openid 所指定的用户")


def _ship(payment: Payment, body: dict[str, Any]) -> None:
    kind, mode = body.get("logistics_type"), body.get("delivery_mode")
    if kind not in (1, 2, 3, 4):
        raise Refusal(10060005, "物流类型有误")
    if mode not in (1, SPLIT):
        raise Refusal(268485224, "发货模式 delivery_mode 非法")
    if mode == SPLIT and kind != EXPRESS:
        raise Refusal(10060006, "非快递发货时不允许分拆发货")
    if mode == SPLIT and not isinstance(body.get("is_all_delivered"), bool):
        raise Refusal(10060007, "分拆发货模式下必须填写 is_all_delivered 字段")
    parcels = _parcels(kind, mode, body.get("shipping_list"))
    if payment.state >= 3:
        raise Refusal(10060004, "支付单处于不可发货的状态")
    if payment.state == 2:
        _ship_again(payment, kind, mode, parcels)
        return
    known = {one.tracking_no for one in payment.parcels}
    fresh = [one for one in parcels if mode != SPLIT or one.tracking_no not in known]
    is_last = mode != SPLIT or bool(body["is_all_delivered"])
    if not fresh and not is_last:
        raise Refusal(10060023, "发货信息未更新")
    if len(payment.parcels) + len(fresh) > 15:
        raise Refusal(10060024, "物流信息列表太长")
    payment.parcels = [*payment.parcels, *fresh]
    payment.logistics_type, payment.delivery_mode = kind, mode
    payment.state = 2 if is_last else 1


def _ship_again(payment: Payment, kind: int, mode: int, parcels: list[Parcel]) -> None:
    """After everything was told it may be told anew once."""
    last = payment.parcels[-len(parcels) :]
    if (kind, mode, parcels) == (payment.logistics_type, payment.delivery_mode, last):
        raise Refusal(10060023, "发货信息未更新")
    if payment.reshipped:
        raise Refusal(10060003, "支付单已使用重新发货机会")
    payment.reshipped = True
    payment.parcels, payment.logistics_type, payment.delivery_mode = parcels, kind, mode


def _parcels(kind: int, mode: int, listed: object) -> list[Parcel]:
    if not isinstance(listed, list) or not listed:
        raise Refusal(10060014, "参数错误: shipping_list")
    if len(listed) > 15:
        raise Refusal(10060024, "物流信息列表太长")
    if mode != SPLIT and len(listed) != 1:
        raise Refusal(10060014, "参数错误: 统一发货只能有一个物流单")
    return [_parcel(kind, each) for each in listed]


def _parcel(kind: int, told: dict[str, Any]) -> Parcel:
    described = str(told.get("item_desc", ""))
    if not described:
        raise Refusal(10060008, "商品描述 item_desc 字段不能为空")
    if len(described) > 120:
        raise Refusal(10060009, "商品描述 item_desc 字段太长")
    number, company = str(told.get("tracking_no", "")), str(told.get("express_company", ""))
    if kind == EXPRESS and not (number and company):
        raise Refusal(10060014, "参数错误: 快递发货必须填写物流单号和物流公司")
    if len(number) > 128:
        raise Refusal(10060026, "物流单号太长")
    if len(company) > 128:
        raise Refusal(10060025, "物流公司编码太长")
    contact = (told.get("contact") or {}).get("receiver_contact", "")
    if kind == EXPRESS and company == "SF" and not re.fullmatch(r".*\*.*\d{4}", contact):
        raise Refusal(10060014, "参数错误: 顺丰必须填写掩码后的联系方式")
    return Parcel(tracking_no=number, express_company=company, item_desc=described)
