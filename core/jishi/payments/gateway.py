"""The contract between the core and whoever moves money.

A gateway talks to the outside world; it never sees the database and is never called inside a
transaction. An unknown outcome is not a failure: raise ``GatewayUnknown`` and the core asks again
later; ``GatewayRefused`` means that nothing happened and nothing will.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

import msgspec

PaymentStatus = Literal["waiting", "paid", "closed", "refused"]
"""How a payment stands at the gateway."""

RefundStatus = Literal["processing", "refunded", "closed", "abnormal"]
"""How a refund stands at the gateway; ``abnormal`` needs a person."""


class GatewayRefused(Exception):
    """The gateway said no: nothing happened.

    Attributes:
        code: The gateway's own code.
        message: The gateway's own words.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class GatewayUnknown(Exception):
    """Nobody knows whether it happened: time-out, broken line, the gateway's own trouble."""


class NoticeRefused(Exception):
    """A notice is forged, stale or not for us; it changes nothing.

    Attributes:
        status: The HTTP status to answer (4xx).
        message: Why, in words that give nothing away.
    """

    def __init__(self, message: str, status: int = 401) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class NoticeMisplaced(NoticeRefused):
    """A notice is proved to be the gateway's but is not for us, or makes no sense.

    It changes nothing either, but a person should look: the gateway means something by it.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message, status)


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """One way to pay at a gateway.

    Attributes:
        code: Names it inside the gateway (``native``, ``jsapi``, ``h5``).
        title: What the shopper reads.
        needs: Members of ``PaymentRequest.payer`` that it needs (``openid``). ``member`` is the
            member whose order it is: the core says it, and no client can.
    """

    code: str
    title: str
    needs: tuple[str, ...] = ()


class PaymentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway is asked to collect.

    Attributes:
        attempt: The number of this attempt at the gateway; unique, 6–32 of ``[0-9A-Za-z]``.
        method: One of the gateway's methods.
        amount: In fen.
        currency: ISO 4217.
        description: What is paid for, ≤ 127 bytes where the gateway asks for it.
        expires_at: When the payment must have happened, UTC.
        notify_url: Where notices go.
        return_url: Where the shopper's browser goes afterwards.
        channel: The sales channel (app ids differ per channel).
        payer: What is known of the payer: ``openid``, ``address`` (IP), ``member``.
        order: The order's id.
        skus: What is bought, as SKU codes.
    """

    attempt: str
    method: str
    amount: int
    currency: str
    description: str
    expires_at: datetime
    notify_url: str
    return_url: str = ""
    channel: str = "web"
    payer: Mapping[str, str] = {}
    order: str = ""
    skus: tuple[str, ...] = ()


class CoverRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a purse is asked before it pays.

    Attributes:
        order: The order's id.
        method: One of the gateway's methods.
        amount: What is open of the order, in fen.
        currency: ISO 4217.
        channel: The sales channel.
        payer: As in ``PaymentRequest``.
        skus: What is bought, as SKU codes.
    """

    order: str
    method: str
    amount: int
    currency: str
    channel: str
    payer: Mapping[str, str] = {}
    skus: tuple[str, ...] = ()


class PaymentStarted(msgspec.Struct, frozen=True, kw_only=True):
    """What the shopper's device needs in order to pay.

    Attributes:
        merchant: The merchant number the money goes to; compared with every notice.
        app: The app id; compared with every notice.
        parameters: For the client, by name: ``code_url``, ``h5_url``, ``timeStamp`` …
        reference: The gateway's own name for the attempt (``prepay_id``); may be empty.
        report: How the payment stands, where it was made at once (`Purse`); else None.
    """

    merchant: str
    app: str
    parameters: dict[str, str]
    reference: str = ""
    report: "PaymentReport | None" = None


class PaymentRef(msgspec.Struct, frozen=True, kw_only=True):
    """How the core names an attempt when it asks the gateway again.

    Attributes:
        attempt: The number given in ``PaymentRequest``.
        merchant: As answered in ``PaymentStarted``.
        app: As answered in ``PaymentStarted``.
        transaction: The gateway's own number once paid; may be empty.
    """

    attempt: str
    merchant: str
    app: str
    transaction: str = ""


class PaymentReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a payment stands, from a query or a notice.

    Attributes:
        attempt: Our number.
        status: Waiting, paid, closed or refused.
        transaction: The gateway's number; empty unless paid.
        amount: What was collected, in fen.
        currency: ISO 4217.
        merchant: Who was paid.
        app: Through which app.
        paid_at: UTC; None unless paid.
    """

    attempt: str
    status: PaymentStatus
    transaction: str = ""
    amount: int = 0
    currency: str = ""
    merchant: str = ""
    app: str = ""
    paid_at: datetime | None = None


class RefundRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Money to be given back.

    Attributes:
        refund: Our number of this refund; the gateway's idempotency key.
        payment: The payment it is taken from.
        amount: To be given back now, in fen.
        captured: What the payment collected in all, in fen.
        currency: ISO 4217.
        reason: For the shopper, ≤ 80 bytes.
        notify_url: Where notices go.
    """

    refund: str
    payment: PaymentRef
    amount: int
    captured: int
    currency: str
    reason: str
    notify_url: str


class RefundReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a refund stands, from a query or a notice.

    Attributes:
        refund: Our number.
        status: Processing, refunded, closed or abnormal.
        reference: The gateway's own number; may be empty.
        amount: In fen.
        currency: ISO 4217; may be empty where the gateway does not say.
    """

    refund: str
    status: RefundStatus
    reference: str = ""
    amount: int = 0
    currency: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A verified message from the gateway.

    Attributes:
        id: The gateway's id of the message, for the inbox.
        report: What it says.
    """

    id: str
    report: PaymentReport | RefundReport


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway wants to hear after its notice: status, body, media type."""

    status: int
    body: bytes = b""
    media_type: str = "application/json"


class Gateway(Protocol):
    """Somebody who moves money. Every call is bounded in time by the core (8 s)."""

    @property
    def name(self) -> str:
        """One word; also the last part of ``/notify/<name>``."""

    @property
    def title(self) -> str:
        """What the shopper reads."""

    def methods(self, channel: str) -> tuple[Method, ...]:
        """The ways to pay in a channel, best first."""

    async def create(self, request: PaymentRequest) -> PaymentStarted:
        """Open a payment. The same attempt may be asked again with the same content."""

    async def query(self, payment: PaymentRef) -> PaymentReport:
        """Say how a payment stands."""

    async def close(self, payment: PaymentRef) -> None:
        """Make sure that the payment can no longer be made.

        Raises:
            GatewayRefused: It was paid already (ask ``query``).
        """

    async def refund(self, request: RefundRequest) -> RefundReport:
        """Give money back; the same ``refund`` number is one refund, however often it is asked."""

    async def query_refund(self, refund: str, payment: PaymentRef) -> RefundReport | None:
        """Say how a refund stands; None when the gateway never heard of it."""

    async def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Verify and read a message; header names are lower case.

        Raises:
            NoticeMisplaced: It is genuine but not for us, or makes no sense.
            NoticeRefused: It is forged, stale or malformed.
        """

    def answer(self, problem: str | None) -> Answer:
        """What to reply: None for accepted, a sentence for "deliver it again later"."""

    async def stop(self) -> None:
        """Close connections at the shop's end."""


@runtime_checkable
class Purse(Gateway, Protocol):
    """A gateway that pays from a balance kept here: a part of an order, and at once.

    ``create`` pays or refuses, and answers with the ``report``; asked again under the same number
    it answers the same. ``close`` is final for a number that was never opened, too: from then on
    ``create`` refuses it. So a purse always knows whether it has paid, also when its answer was
    lost.
    """

    async def covers(self, request: CoverRequest) -> int:
        """How much of ``request.amount`` can be paid for this payer now, in fen; 0 for nothing.

        The order is then asked for at most that much. It is a forecast: ``create`` decides.

        Raises:
            GatewayRefused: Nothing can be paid, and the shopper should know why.
        """
