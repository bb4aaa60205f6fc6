"""Refunds at the simulated WeChat Pay: request, settle, query."""

import secrets
from datetime import timedelta

from jishi_wechat_pay.simulator import orders
from jishi_wechat_pay.simulator.incoming import RefundIn
from jishi_wechat_pay.simulator.refusals import Refusal, invalid_request, wrong_parameter
from jishi_wechat_pay.simulator.world import BEIJING, Order, Refund, World, beijing_time

MOST_PER_ORDER = 50
WITHIN = timedelta(days=365)


def request(world: World, asked: RefundIn) -> Refund:
    """Start a refund, or answer again for the same one; the caller lets it settle.

    Raises:
        Refusal: As WeChat would.
    """
    order = _order(world, asked)
    known = world.refunds.get(asked.out_refund_no)
    if known is not None:
        same = (order.out_trade_no, asked.amount.refund, asked.amount.total)
        if (known.out_trade_no, known.amount, known.total) != same:
            raise invalid_request("订单金额或退款金额与之前请求不一致，请核实后再试")
        return known
    _check(world, order, asked)
    return _remember(world, order, asked)


def find(world: World, out_refund_no: str) -> Refund:
    """A refund by the merchant's number; raises RESOURCE_NOT_EXISTS."""
    if out_refund_no not in world.refunds:
        raise Refusal(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    return world.refunds[out_refund_no]


def settle(world: World, refund: Refund, status: str) -> None:
    """The refund comes to its end."""
    refund.status = status
    refund.settled_at = world.clock.now()
    world.write("refund_settled", out_refund_no=refund.out_refund_no, status=status)


def describe(world: World, refund: Refund) -> dict[str, object]:
    """A refund as answers tell it."""
    told: dict[str, object] = {
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "transaction_id": refund.transaction_id,
        "out_trade_no": refund.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": beijing_time(refund.created_at),
        "status": refund.status,
        "funds_account": "AVAILABLE",
        "amount": {
            "total": refund.total,
            "refund": refund.amount,
            "payer_total": refund.total,
            "payer_refund": refund.amount,
            "settlement_refund": refund.amount,
            "settlement_total": refund.total,
            "discount_refund": 0,
            "currency": "CNY",
        },
    }
    if refund.settled_at is not None and refund.status == "SUCCESS":
        told["success_time"] = beijing_time(refund.settled_at)
    return told


def news(world: World, refund: Refund) -> dict[str, object]:
    """A refund as its notice tells it: another name for the status, no channel."""
    told: dict[str, object] = {
        "mchid": world.keys.merchant.mchid,
        "out_trade_no": refund.out_trade_no,
        "transaction_id": refund.transaction_id,
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.refund_id,
        "refund_status": refund.status,
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": refund.total,
            "refund": refund.amount,
            "payer_total": refund.total,
            "payer_refund": refund.amount,
        },
    }
    if refund.settled_at is not None and refund.status == "SUCCESS":
        told["success_time"] = beijing_time(refund.settled_at)
    return told


def _order(world: World, asked: RefundIn) -> Order:
    if asked.out_trade_no is not None:
        order = orders.find(world, asked.out_trade_no)
    elif asked.transaction_id is not None:
        matches = (o for o in world.orders.values() if o.transaction_id == asked.transaction_id)
        order = next(matches, None)
    else:
        raise wrong_parameter("/out_trade_no", "transaction_id和out_trade_no必须二选一")
    if order is None:
        raise Refusal(404, "RESOURCE_NOT_EXISTS", "订单不存在")
    return order


def _check(world: World, order: Order, asked: RefundIn) -> None:
    if order.paid_at is None:
        raise invalid_request("订单未支付，不能退款")
    if asked.amount.total != order.total:
        raise invalid_request("订单金额或退款金额与之前请求不一致，请核实后再试")
    earlier = [r for r in world.refunds.values() if r.out_trade_no == order.out_trade_no]
    given = sum(r.amount for r in earlier if r.status != "CLOSED")
    if given + asked.amount.refund > order.total:
        raise invalid_request("申请退款金额大于订单可退金额")
    now = world.clock.now()
    if now > order.paid_at + WITHIN:
        raise invalid_request("订单已超过可退款的最大期限")
    if len(earlier) >= MOST_PER_ORDER:
        raise invalid_request("一笔订单最多支持50次退款")
    pause = timedelta(seconds=world.terms.refund_spacing / world.speed)
    if any(now - r.created_at < pause for r in earlier):
        raise Refusal(429, "FREQUENCY_LIMITED", "频率限制，请降低对该订单的退款频率")
    if world.terms.balance is not None and asked.amount.refund > world.terms.balance:
        raise Refusal(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")


def _remember(world: World, order: Order, asked: RefundIn) -> Refund:
    now = world.clock.now()
    refund = Refund(
        refund_id=f"5030{secrets.randbelow(10**6):06d}{now.astimezone(BEIJING):%Y%m%d}"
        f"{secrets.randbelow(10**11):011d}",
        out_refund_no=asked.out_refund_no,
        out_trade_no=order.out_trade_no,
        transaction_id=order.transaction_id or "",
        amount=asked.amount.refund,
        total=order.total,
        notify_url=asked.notify_url,
        created_at=now,
    )
    if world.terms.balance is not None:
        world.terms.balance -= refund.amount
    world.refunds[refund.out_refund_no] = refund
    order.state = "REFUND"
    world.write("refund_requested", out_refund_no=refund.out_refund_no, amount=refund.amount)
    return refund
