"""Stored value as a way to pay: a purse of the core's payments."""

from collections.abc import Mapping
from datetime import datetime

from jishi.payments import (
    Answer,
    CoverRequest,
    GatewayRefused,
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
from jishi.plugins import Desk, Plugin
from jishi.problems import Problem
from jishi_loyalty.purses import survivor
from jishi_loyalty.value import sql
from jishi_loyalty.value.book import Payment, find_payment, left_of, number
from jishi_loyalty.value.give_back import GivingBack, refund_payment
from jishi_loyalty.value.problems import ProofNeeded
from jishi_loyalty.value.settings import ValueSettings
from jishi_loyalty.value.spend import Spending, give_up, spend

MERCHANT = "stored_value"
APP = "balance"


class StoredValueGateway:
    """Pays from a member's top-ups, at once, as much as there is.

    Args:
        plugin: Whose desk it works at.
        settings: Limits.
    """

    name = "stored_value"
    title = "储值余额"

    def __init__(self, plugin: Plugin, settings: ValueSettings) -> None:
        self._plugin = plugin
        self._settings = settings

    @property
    def _desk(self) -> Desk:
        return self._plugin.desk

    def methods(self, channel: str) -> tuple[Method, ...]:
        """One, for members."""
        return (Method(code="balance", title="储值余额", needs=("member",)),)

    async def covers(self, request: CoverRequest) -> int:
        """What is there, within the limits; nothing for top-ups."""
        if any(self._settings.plan(sku) for sku in request.skus):
            return 0
        member = await survivor(self._desk, request.payer["member"])
        there = sum(one.total for one in await left_of(self._desk, member))
        most = min(request.amount, there)
        if self._settings.most_payment:
            paid = await number(self._desk, sql.PAID_FOR, request.order)
            most = min(most, self._settings.most_payment - paid)
        return max(0, most)

    async def create(self, request: PaymentRequest) -> PaymentStarted:
        """Pay. Raises ``GatewayRefused`` with the code of the problem when it cannot be."""
        if any(self._settings.plan(sku) for sku in request.skus):
            raise GatewayRefused("value_not_possible", "A top-up is not paid from a balance.")
        wanted = Spending(
            id=request.attempt,
            member=request.payer["member"],
            amount=request.amount,
            currency=request.currency,
            order=request.order,
        )
        try:
            paid = await spend(self._desk, self._settings, wanted)
        except ProofNeeded as problem:
            told = f"{problem.detail} {problem.next_step}"
            raise GatewayRefused(problem.code, told) from problem
        except Problem as problem:
            if problem.status >= 500:
                raise
            raise GatewayRefused(problem.code, problem.detail) from problem
        return PaymentStarted(merchant=MERCHANT, app=APP, parameters={}, report=_report(paid))

    async def query(self, payment: PaymentRef) -> PaymentReport:
        """How a payment stands: paid, given up, or not made yet."""
        found = await find_payment(self._desk, payment.attempt)
        if found is None:
            return PaymentReport(attempt=payment.attempt, status="waiting")
        return _report(found)

    async def close(self, payment: PaymentRef) -> None:
        """Give a number up for good; one that has paid refuses."""
        if await give_up(self._desk, payment.attempt, self._desk.now()) == "paid":
            raise GatewayRefused("PAID", "It was paid.")

    async def refund(self, request: RefundRequest) -> RefundReport:
        """Give back to the lots it came from."""
        back = GivingBack(
            id=request.refund, payment=request.payment.attempt, amount=request.amount
        )
        try:
            await refund_payment(self._desk, back)
        except Problem as problem:
            if problem.status >= 500:
                raise
            raise GatewayRefused(problem.code, problem.detail) from problem
        return _refunded(request.refund, request.amount)

    async def query_refund(self, refund: str, payment: PaymentRef) -> RefundReport | None:
        """A refund that was made; None for others."""
        rows = await self._desk.fetch(sql.REFUND, refund)
        return _refunded(refund, int(str(rows[0][1]))) if rows else None

    async def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """There are none: whoever sends one is not us."""
        raise NoticeRefused("stored value sends no notices")

    def answer(self, problem: str | None) -> Answer:
        """Plain words."""
        if problem is None:
            return Answer(status=200, body=b"", media_type="text/plain")
        return Answer(status=400, body=problem.encode(), media_type="text/plain")

    async def stop(self) -> None:
        """Nothing is open."""


def _report(payment: Payment) -> PaymentReport:
    if payment.status != "paid":
        return PaymentReport(attempt=payment.id, status="closed")
    return PaymentReport(
        attempt=payment.id,
        status="paid",
        transaction=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        merchant=MERCHANT,
        app=APP,
        paid_at=payment.paid_at,
    )


def _refunded(refund: str, amount: int) -> RefundReport:
    return RefundReport(refund=refund, status="refunded", reference=refund, amount=amount)
