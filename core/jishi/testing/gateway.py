"""A gateway on paper: it keeps the books of an outside party and does what a test tells it.

```
gateway = PaperGateway()
attempt = await start_payment(shop, order.id, "paper", "scan", {}, "guest")
notice = gateway.pay(attempt.number)
await shop_client.post("/notify/paper", content=notice.body, headers=notice.headers)
```
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from jishi.clock import Clock, SystemClock
from jishi.payments import (
    Answer,
    GatewayRefused,
    GatewayUnknown,
    Method,
    Notice,
    NoticeRefused,
    PaymentRef,
    PaymentReport,
    PaymentRequest,
    PaymentStarted,
    PaymentStatus,
    RefundReport,
    RefundRequest,
    RefundStatus,
)

Mood = Literal["well", "refuses", "silent", "deaf"]
"""``silent`` does what it is asked and does not answer; ``deaf`` neither does nor answers."""

_SECRET = b"paper"


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it would come: headers by lower-case names, and the body."""

    headers: dict[str, str]
    body: bytes


class PaperGateway:
    """Implements the gateway contract in memory.

    Args:
        clock: Dates payments.
        merchant: Its merchant number.
        app: Its app id.

    Attributes:
        mood: How it behaves when it is called: per call (``create``, ``query``, ``close``,
            ``refund``, ``query_refund``), default ``well``.
        refunds_are: How a refund stands after it was asked for.
        calls: Which calls came, in order.
        refunds: What was given back, by the shop's number of the refund.
    """

    name = "paper"
    title = "Paper"

    def __init__(
        self, clock: Clock | None = None, merchant: str = "M-1", app: str = "A-1"
    ) -> None:
        self.clock = clock or SystemClock()
        self.merchant = merchant
        self.app = app
        self.mood: dict[str, Mood] = {}
        self.refunds_are: RefundStatus = "refunded"
        self.calls: list[str] = []
        self.requests: dict[str, PaymentRequest] = {}
        self.statuses: dict[str, PaymentStatus] = {}
        self.refunds: dict[str, tuple[RefundRequest, RefundStatus]] = {}
        self._paid_at: dict[str, datetime] = {}
        self._notices = 0

    def methods(self, channel: str) -> tuple[Method, ...]:
        """One that needs nothing and one that needs an openid."""
        return (
            Method(code="scan", title="Scan"),
            Method(code="app", title="In the app", needs=("openid",)),
        )

    def pay(self, attempt: str) -> Sheet:
        """Have the payer pay; gives the notice of it."""
        if self.statuses.get(attempt) not in ("waiting", "paid"):
            raise ValueError(f"{attempt} can not be paid: {self.statuses.get(attempt)}")
        self.statuses[attempt] = "paid"
        self._paid_at.setdefault(attempt, self.clock.now())
        return self.notice(self.report(attempt))

    def report(self, attempt: str) -> PaymentReport:
        """How an attempt stands."""
        status = self.statuses.get(attempt, "waiting")
        if status != "paid":
            return PaymentReport(attempt=attempt, status=status)
        request = self.requests[attempt]
        return PaymentReport(
            attempt=attempt,
            status="paid",
            transaction=f"T{attempt}",
            amount=request.amount,
            currency=request.currency,
            merchant=self.merchant,
            app=self.app,
            paid_at=self._paid_at[attempt],
        )

    def notice(self, report: PaymentReport | RefundReport) -> Sheet:
        """A signed notice of anything, also of what is not true."""
        self._notices += 1
        kind = "payment" if isinstance(report, PaymentReport) else "refund"
        body = msgspec.json.encode(
            {"id": f"N{self._notices}", "kind": kind, "report": msgspec.to_builtins(report)}
        )
        return Sheet(headers={"paper-signature": _signature(body)}, body=body)

    def given_back(self, attempt: str) -> int:
        """What of an attempt was given back, in fen."""
        return sum(
            request.amount
            for request, status in self.refunds.values()
            if request.payment.attempt == attempt and status in ("refunded", "processing")
        )

    def finish_refund(self, refund: str, status: RefundStatus = "refunded") -> Sheet:
        """Have a refund end; gives the notice of it."""
        request, _ = self.refunds[refund]
        self.refunds[refund] = (request, status)
        return self.notice(self._refund_report(refund))

    async def create(self, request: PaymentRequest) -> PaymentStarted:
        """Open a payment, once per attempt."""
        silent = self._called("create")
        known = self.requests.setdefault(request.attempt, request)
        if (known.amount, known.currency) != (request.amount, request.currency):
            raise GatewayRefused("SAME_NUMBER", "another amount under the same number")
        self.statuses.setdefault(request.attempt, "waiting")
        self._answers(silent)
        parameters = {"code_url": f"paper://pay/{request.attempt}"}
        return PaymentStarted(merchant=self.merchant, app=self.app, parameters=parameters)

    async def query(self, payment: PaymentRef) -> PaymentReport:
        """Say how a payment stands."""
        self._answers(self._called("query"))
        if payment.merchant != self.merchant:
            raise GatewayRefused("MERCHANT", "not our merchant")
        return self.report(payment.attempt)

    async def close(self, payment: PaymentRef) -> None:
        """Close a payment that was not made."""
        silent = self._called("close")
        if self.statuses.get(payment.attempt) == "paid":
            raise GatewayRefused("PAID", "it was paid")
        self.statuses[payment.attempt] = "closed"
        self._answers(silent)

    async def refund(self, request: RefundRequest) -> RefundReport:
        """Give money back, once per number and never more than was paid."""
        silent = self._called("refund")
        if request.refund not in self.refunds:
            attempt = request.payment.attempt
            left = self.requests[attempt].amount - self.given_back(attempt)
            if self.statuses.get(attempt) != "paid" or request.amount > left:
                raise GatewayRefused("NOT_ENOUGH", f"{left} are left")
            self.refunds[request.refund] = (request, self.refunds_are)
        self._answers(silent)
        return self._refund_report(request.refund)

    async def query_refund(self, refund: str, payment: PaymentRef) -> RefundReport | None:
        """Say how a refund stands."""
        self._answers(self._called("query_refund"))
        return self._refund_report(refund) if refund in self.refunds else None

    async def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Verify and read a notice."""
        if not hmac.compare_digest(headers.get("paper-signature", ""), _signature(body)):
            raise NoticeRefused("the signature is wrong")
        try:
            read = msgspec.json.decode(body, type=_Body)
        except msgspec.DecodeError as error:
            raise NoticeRefused("this is no notice", 400) from error
        if read.kind == "payment":
            return Notice(id=read.id, report=msgspec.convert(read.report, PaymentReport))
        return Notice(id=read.id, report=msgspec.convert(read.report, RefundReport))

    def answer(self, problem: str | None) -> Answer:
        """Plain words."""
        if problem is None:
            return Answer(status=200, body=b"ok", media_type="text/plain")
        return Answer(status=500, body=problem.encode(), media_type="text/plain")

    async def stop(self) -> None:
        """Nothing is open."""

    def _called(self, call: str) -> Mood:
        self.calls.append(call)
        mood = self.mood.get(call, "well")
        if mood == "refuses":
            raise GatewayRefused("NO", "no")
        if mood == "deaf":
            raise GatewayUnknown("nobody answers")
        return mood

    def _answers(self, mood: Mood) -> None:
        if mood == "silent":
            raise GatewayUnknown("the answer was lost")

    def _refund_report(self, refund: str) -> RefundReport:
        request, status = self.refunds[refund]
        return RefundReport(
            refund=refund,
            status=status,
            reference=f"R{refund}",
            amount=request.amount,
            currency=request.currency,
        )


class _Body(msgspec.Struct):
    id: str
    kind: Literal["payment", "refund"]
    report: dict[str, object]


def _signature(body: bytes) -> str:
    return hmac.new(_SECRET, body, hashlib.sha256).hexdigest()
