"""Orders at the simulated WeChat Pay: place, pay, query, close."""

import re
import secrets
from datetime import datetime, timedelta

import msgspec

from jishi_wechat_pay.simulator.incoming import OrderIn
from jishi_wechat_pay.simulator.refusals import Refusal, invalid_request, wrong_parameter
from jishi_wechat_pay.simulator.world import BEIJING, Order, World, beijing_time

LIFETIME = timedelta(hours=2)
LONGEST = {"native": timedelta(days=7)}
LONGEST_ELSE = timedelta(days=15)

_LOCAL_URL = re.compile(r"http://(127\.0\.0\.1|localhost|[\w-]+)(:\d+)?/")


def place(world: World, kind: str, order: OrderIn) -> dict[str, object]:
    """Place an order, or answer again for the same one.

    Raises:
        Refusal: As WeChat would.
    """
    _check(world, kind, order)
    fingerprint = kind.encode() + msgspec.json.encode(order)
    known = find(world, order.out_trade_no)
    if known is None:
        known = _remember(world, kind, order, fingerprint)
    elif known.state == "CLOSED":
        raise Refusal(400, "ORDER_CLOSED", "该订单已关闭，请重新下单")
    elif known.state != "NOTPAY":
        raise invalid_request("该订单已支付")
    elif known.fingerprint != fingerprint:
        raise Refusal(403, "OUT_TRADE_NO_USED", "商户订单号重复，请核实商户订单号是否重复提交")
    return _answer(world, known)


def find(world: World, out_trade_no: str) -> Order | None:
    """An order by the merchant's number; one whose time is up is closed by now."""
    order = world.orders.get(out_trade_no)
    if order is not None and order.state == "NOTPAY" and world.clock.now() >= order.expires_at:
        order.state = "CLOSED"
        world.write("order_expired", out_trade_no=out_trade_no)
    return order


def pay(world: World, order: Order, openid: str | None = None) -> None:
    """The customer pays; the caller says whether that is still possible."""
    now = world.clock.now()
    order.state = "SUCCESS"
    order.paid_at = now
    order.openid = openid or order.openid or f"oSimulator{secrets.token_hex(9)}"
    order.transaction_id = (
        f"4200{secrets.randbelow(10**6):06d}{now.astimezone(BEIJING):%Y%m%d}"
        f"{secrets.randbelow(10**10):010d}"
    )
    world.write(
        "order_paid",
        out_trade_no=order.out_trade_no,
        transaction_id=order.transaction_id,
        total=order.total,
    )


def close(world: World, out_trade_no: str) -> None:
    """Close an unpaid order; again is fine."""
    order = find(world, out_trade_no)
    if order is None:
        raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")
    if order.state not in ("NOTPAY", "CLOSED"):
        raise Refusal(400, world.terms.paid_code, "该订单已支付")
    order.state = "CLOSED"
    world.write("order_closed", out_trade_no=out_trade_no)


def describe(world: World, order: Order) -> dict[str, object]:
    """An order as queries and notices tell it."""
    told: dict[str, object] = {
        "appid": order.appid,
        "mchid": world.keys.merchant.mchid,
        "out_trade_no": order.out_trade_no,
        "trade_state": order.state,
        "trade_state_desc": _STATES[order.state],
        "amount": {"total": order.total, "currency": order.currency},
    }
    if order.attach is not None:
        told["attach"] = order.attach
    if order.paid_at is None:
        return told
    return told | {
        "transaction_id": order.transaction_id,
        "trade_type": _TRADE_TYPES[order.kind],
        "bank_type": "OTHERS",
        "success_time": beijing_time(order.paid_at),
        "payer": {"openid": order.openid},
        "amount": {
            "total": order.total,
            "payer_total": order.total,
            "currency": order.currency,
            "payer_currency": order.currency,
        },
    }


_STATES = {
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "NOTPAY": "订单未支付",
    "CLOSED": "订单已关闭",
}
_TRADE_TYPES = {"jsapi": "JSAPI", "native": "NATIVE", "h5": "MWEB", "app": "APP"}


def _check(world: World, kind: str, order: OrderIn) -> None:
    merchant = world.keys.merchant
    if order.mchid != merchant.mchid:
        raise wrong_parameter("/mchid", "与签名的商户号不一致", order.mchid)
    if order.appid not in merchant.appids:
        raise Refusal(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    if order.notify_url.startswith("http:") and not _LOCAL_URL.match(order.notify_url):
        raise wrong_parameter("/notify_url", "必须为https", order.notify_url)
    if kind == "jsapi" and order.payer is None:
        raise wrong_parameter("/payer/openid", "JSAPI支付必须传openid")
    if kind == "h5" and (order.scene_info is None or order.scene_info.h5_info is None):
        raise wrong_parameter("/scene_info/h5_info", "H5支付必须传场景信息")
    _check_expiry(world, kind, order.time_expire)


def _check_expiry(world: World, kind: str, expires: datetime | None) -> None:
    if expires is None:
        return
    if expires.tzinfo is None:
        raise wrong_parameter("/time_expire", "必须为带时区的RFC3339格式")
    now = world.clock.now()
    if not now < expires <= now + LONGEST.get(kind, LONGEST_ELSE):
        raise wrong_parameter("/time_expire", "支付结束时间不在允许范围内", expires.isoformat())


def _remember(world: World, kind: str, asked: OrderIn, fingerprint: bytes) -> Order:
    now = world.clock.now()
    order = Order(
        kind=kind,
        appid=asked.appid,
        out_trade_no=asked.out_trade_no,
        description=asked.description,
        total=asked.amount.total,
        currency=asked.amount.currency,
        notify_url=asked.notify_url,
        fingerprint=fingerprint,
        created_at=now,
        expires_at=asked.time_expire or now + LIFETIME,
        prepay_id=f"wx{now.astimezone(BEIJING):%d%H%M%S}{secrets.token_hex(13)}",
        code=secrets.token_urlsafe(7)[:9],
        openid=asked.payer.openid if asked.payer else None,
        attach=asked.attach,
    )
    world.orders[order.out_trade_no] = order
    world.write("order_placed", out_trade_no=order.out_trade_no, total=order.total, kind=kind)
    return order


def _answer(world: World, order: Order) -> dict[str, object]:
    if order.kind == "native":
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={order.code}"}
    if order.kind == "h5":
        return {"h5_url": f"{world.public_url}/pay/{order.code}"}
    return {"prepay_id": order.prepay_id}
