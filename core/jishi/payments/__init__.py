"""Payments: money comes in and goes back, each once, whatever the gateways and the net do."""

from jishi.payments.attempts import attempts_of, find_attempt, payments_of
from jishi.payments.end_order import cancel_order, expire_due, expire_unpaid
from jishi.payments.gateway import (
    Answer,
    CoverRequest,
    Gateway,
    GatewayRefused,
    GatewayUnknown,
    Method,
    Notice,
    NoticeMisplaced,
    NoticeRefused,
    PaymentRef,
    PaymentReport,
    PaymentRequest,
    PaymentStarted,
    PaymentStatus,
    Purse,
    RefundReport,
    RefundRequest,
    RefundStatus,
)
from jishi.payments.gateways import find_gateway, gateways_of, stop_gateways
from jishi.payments.pay_back import retry_refund, settle_refund
from jishi.payments.pay_parts import attempt_with_order, begin_again, pay_parts
from jishi.payments.query_payment import check_payment
from jishi.payments.refund_order import refund_order
from jishi.payments.requests import Pay
from jishi.payments.settle_payment import settle
from jishi.payments.start_payment import begin, start_payment
from jishi.payments.structs import (
    Alert,
    Attempt,
    Payments,
    Refund,
    Refunded,
    Settled,
    Started,
    Way,
)
from jishi.payments.write_attempts import check_way, new_attempt, write_attempts

__all__ = [
    "Alert",
    "Answer",
    "Attempt",
    "CoverRequest",
    "Gateway",
    "GatewayRefused",
    "GatewayUnknown",
    "Method",
    "Notice",
    "NoticeMisplaced",
    "NoticeRefused",
    "Pay",
    "PaymentRef",
    "PaymentReport",
    "PaymentRequest",
    "PaymentStarted",
    "PaymentStatus",
    "Payments",
    "Purse",
    "Refund",
    "RefundReport",
    "RefundRequest",
    "RefundStatus",
    "Refunded",
    "Settled",
    "Started",
    "Way",
    "attempt_with_order",
    "attempts_of",
    "begin",
    "begin_again",
    "cancel_order",
    "check_payment",
    "check_way",
    "expire_due",
    "expire_unpaid",
    "find_attempt",
    "find_gateway",
    "gateways_of",
    "new_attempt",
    "pay_parts",
    "payments_of",
    "refund_order",
    "retry_refund",
    "settle",
    "settle_refund",
    "start_payment",
    "stop_gateways",
    "write_attempts",
]
