"""Tells the shop, in the shop's words, what WeChat said."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Literal

from jishi.payments import (
    GatewayRefused,
    GatewayUnknown,
    PaymentReport,
    RefundReport,
)
from jishi_wechat_pay import messages
from jishi_wechat_pay.messages import Refund, RefundNews, Transaction
from jishi_wechat_pay.problems import OutcomeUnknown, Refused, Throttled

PAYMENT_STATUS: dict[messages.TradeState, Literal["waiting", "paid", "closed", "refused"]] = {
    "SUCCESS": "paid",
    "REFUND": "paid",  # paid, and some or all of it was given back since
    "NOTPAY": "waiting",
    "USERPAYING": "waiting",
    "ACCEPT": "waiting",
    "CLOSED": "closed",
    "REVOKED": "closed",
    "PAYERROR": "refused",
}
REFUND_STATUS: dict[
    messages.RefundStatus, Literal["processing", "refunded", "closed", "abnormal"]
] = {
    "PROCESSING": "processing",
    "SUCCESS": "refunded",
    "CLOSED": "closed",
    "ABNORMAL": "abnormal",
}


def payment_report(transaction: Transaction) -> PaymentReport:
    """How a payment stands."""
    amount = transaction.amount
    return PaymentReport(
        attempt=transaction.out_trade_no,
        status=PAYMENT_STATUS[transaction.trade_state],
        transaction=transaction.transaction_id or "",
        amount=amount.total if amount else 0,
        currency=amount.currency if amount else "",
        merchant=transaction.mchid,
        app=transaction.appid,
        paid_at=_moment(transaction.success_time),
    )


def refund_report(refund: Refund) -> RefundReport:
    """How a refund stands, as WeChat answered."""
    return RefundReport(
        refund=refund.out_refund_no,
        status=REFUND_STATUS[refund.status],
        reference=refund.refund_id,
        amount=refund.amount.refund,
        currency=refund.amount.currency,
    )


def refund_news_report(news: RefundNews) -> RefundReport:
    """How a refund stands, as WeChat's notice told."""
    return RefundReport(
        refund=news.out_refund_no,
        status=REFUND_STATUS[news.refund_status],
        reference=news.refund_id,
        amount=news.amount.refund,
        currency=news.amount.currency,
    )


@asynccontextmanager
async def shop_words() -> AsyncIterator[None]:
    """Raise the contract's errors: refused only where surely nothing happened and nothing will."""
    try:
        yield
    except Throttled as error:
        raise GatewayUnknown(str(error)) from error
    except Refused as error:
        raise GatewayRefused(error.code, error.message) from error
    except OutcomeUnknown as error:
        raise GatewayUnknown(str(error)) from error


def _moment(written: str | None) -> datetime | None:
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
