"""What shop and WeChat Pay say to each other about orders and refunds, field by field.

Ours to send are strict; WeChat's may grow fields that we do not know. Amounts are fen.
Source: https://pay.weixin.qq.com/doc/v3/merchant/ (4012791870 JSAPI, 4012791878 Native, 4012791880
H5, 4012791862 refunds).
"""

from typing import Literal

import msgspec

TradeState = Literal[
    "SUCCESS", "REFUND", "NOTPAY", "CLOSED", "REVOKED", "USERPAYING", "PAYERROR", "ACCEPT"
]
RefundStatus = Literal["PROCESSING", "SUCCESS", "CLOSED", "ABNORMAL"]
OrderKind = Literal["jsapi", "native", "h5", "app"]


class Outgoing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something we send; what is not set is left out."""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """Something WeChat sends."""


class OrderAmount(Outgoing, frozen=True, kw_only=True):
    """What is to be paid."""

    total: int
    currency: str


class Payer(Outgoing, frozen=True, kw_only=True):
    """Who pays."""

    openid: str


class H5Info(Outgoing, frozen=True, kw_only=True):
    """In which kind of browser an H5 payment starts."""

    type: Literal["Wap", "iOS", "Android"]


class SceneInfo(Outgoing, frozen=True, kw_only=True):
    """Where the payer is."""

    payer_client_ip: str
    h5_info: H5Info | None = None


class OrderRequest(Outgoing, frozen=True, kw_only=True):
    """A prepay order; ``time_expire`` is RFC 3339."""

    appid: str
    mchid: str
    description: str
    out_trade_no: str
    notify_url: str
    amount: OrderAmount
    time_expire: str | None = None
    attach: str | None = None
    payer: Payer | None = None
    scene_info: SceneInfo | None = None


class CloseRequest(Outgoing, frozen=True, kw_only=True):
    """Closes an unpaid order."""

    mchid: str


class RefundRequestAmount(Outgoing, frozen=True, kw_only=True):
    """How much goes back, of how much that was paid."""

    refund: int
    total: int
    currency: str


class RefundRequest(Outgoing, frozen=True, kw_only=True):
    """A refund; ``out_refund_no`` is its idempotency key, every repeat must reuse it."""

    out_trade_no: str
    out_refund_no: str
    amount: RefundRequestAmount
    notify_url: str
    reason: str | None = None


class OrderAnswer(Incoming, frozen=True, kw_only=True):
    """A placed order: what the customer's device needs, by the kind of order."""

    prepay_id: str | None = None
    code_url: str | None = None
    h5_url: str | None = None


class PaidAmount(Incoming, frozen=True, kw_only=True):
    """What was asked for and what the payer paid."""

    total: int
    currency: str
    payer_total: int | None = None
    payer_currency: str | None = None


class PaidBy(Incoming, frozen=True, kw_only=True):
    """Who paid."""

    openid: str | None = None


class Transaction(Incoming, frozen=True, kw_only=True):
    """An order as WeChat knows it; also the plaintext of a payment notice."""

    appid: str
    mchid: str
    out_trade_no: str
    trade_state: TradeState
    transaction_id: str | None = None
    trade_type: str | None = None
    trade_state_desc: str | None = None
    success_time: str | None = None
    attach: str | None = None
    payer: PaidBy | None = None
    amount: PaidAmount | None = None


class RefundAmount(Incoming, frozen=True, kw_only=True):
    """What goes back; a notice names no currency."""

    refund: int
    total: int
    currency: str = ""


class Refund(Incoming, frozen=True, kw_only=True):
    """A refund as WeChat answers it."""

    refund_id: str
    out_refund_no: str
    transaction_id: str
    out_trade_no: str
    status: RefundStatus
    amount: RefundAmount
    success_time: str | None = None
    user_received_account: str | None = None


class RefundNews(Incoming, frozen=True, kw_only=True):
    """The plaintext of a refund notice, which calls the status ``refund_status``."""

    mchid: str
    refund_id: str
    out_refund_no: str
    transaction_id: str
    out_trade_no: str
    refund_status: RefundStatus
    amount: RefundAmount
    success_time: str | None = None
    user_received_account: str | None = None
