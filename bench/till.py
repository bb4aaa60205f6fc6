"""A gateway for measuring: in the shop's own process, its notices signed with a shared secret.

It costs nothing beside what the core does itself; WeChat's own costs signatures on top.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime

import msgspec

from bench.agreed import GATEWAY, METHOD, SIGNATURE, Paid, sign
from jishi.payments import (
    Answer,
    Method,
    Notice,
    NoticeRefused,
    PaymentRef,
    PaymentReport,
    PaymentRequest,
    PaymentStarted,
    RefundReport,
    RefundRequest,
)
from jishi.plugins import Declaration, Plugin, hookimpl

_MERCHANT, _APP = "M-1", "A-1"


class TillGateway:
    """Remembers nothing; whoever has the parameters can pay."""

    name = GATEWAY
    title = "量一量收银"

    def methods(self, channel: str) -> tuple[Method, ...]:
        """One."""
        return (Method(code=METHOD, title="Scan"),)

    async def create(self, request: PaymentRequest) -> PaymentStarted:
        """Open a payment."""
        parameters = {"number": request.attempt, "amount": str(request.amount)}
        return PaymentStarted(merchant=_MERCHANT, app=_APP, parameters=parameters)

    async def query(self, payment: PaymentRef) -> PaymentReport:
        """It always waits: notices alone tell."""
        return PaymentReport(attempt=payment.attempt, status="waiting")

    async def close(self, payment: PaymentRef) -> None:
        """Nothing is open."""

    async def refund(self, request: RefundRequest) -> RefundReport:
        """Give everything back that is asked for."""
        return RefundReport(refund=request.refund, status="refunded", amount=request.amount)

    async def query_refund(self, refund: str, payment: PaymentRef) -> RefundReport | None:
        """Nothing is remembered."""
        return None

    async def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Check the signature and read."""
        if not hmac.compare_digest(headers.get(SIGNATURE, ""), sign(body)):
            raise NoticeRefused("the signature is wrong")
        paid = msgspec.json.decode(body, type=Paid)
        report = PaymentReport(
            attempt=paid.attempt,
            status="paid",
            transaction=f"T{paid.attempt}",
            amount=paid.amount,
            currency="CNY",
            merchant=_MERCHANT,
            app=_APP,
            paid_at=paid.paid_at,
        )
        return Notice(id=f"N{paid.attempt}", report=report)

    def answer(self, problem: str | None) -> Answer:
        """Plain words."""
        return Answer(status=500 if problem else 200, body=(problem or "ok").encode())

    async def stop(self) -> None:
        """Nothing is open."""


class TillPlugin(Plugin):
    """Brings the gateway."""

    declaration = Declaration(name=GATEWAY, version="1.0.0", scopes=("payments:provider",))

    @hookimpl
    def register_gateways(self) -> list[TillGateway]:
        """The gateway."""
        return [TillGateway()]
