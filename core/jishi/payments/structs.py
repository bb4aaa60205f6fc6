"""What flows through payments: attempts, refunds, alerts, and what became of a report."""

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from jishi.orders import Order
from jishi.payments.gateway import Method

AttemptStatus = Literal["new", "waiting", "unknown", "paid", "closed", "refused"]
"""How an attempt stands; the first three are live: money may still come."""

LIVE: frozenset[AttemptStatus] = frozenset({"new", "waiting", "unknown"})

Source = Literal["notice", "query", "return"]
"""Who told us how a payment stands."""


class Way(NamedTuple):
    """How somebody pays: the gateway, one of its methods, and what is known of him, as JSON."""

    gateway: str
    method: str
    payer: str


class Attempt(msgspec.Struct, frozen=True):
    """One try to collect money for an order.

    Attributes:
        id: The attempt's id.
        order: The order's id.
        number: Its name at the gateway.
        gateway: Which gateway.
        method: One of the gateway's methods.
        amount: In fen.
        currency: ISO 4217.
        status: How it stands.
        captured: 0, or the amount once paid, in fen.
        refunded: What of it went back or is on its way back, in fen.
        merchant: Who is to be paid; empty until the gateway has answered.
        app: Through which app; empty until the gateway has answered.
        transaction: The gateway's number, once paid.
        parameters: What the shopper's device needs, as JSON.
        payer: What is known of the payer, as JSON.
        channel: The sales channel.
        started_at: UTC.
        expires_at: UTC.
        paid_at: UTC; None before.
    """

    id: str
    order: str
    number: str
    gateway: str
    method: str
    amount: int
    currency: str
    status: AttemptStatus
    captured: int
    refunded: int
    merchant: str
    app: str
    transaction: str
    parameters: str
    payer: str
    channel: str
    started_at: datetime
    expires_at: datetime
    paid_at: datetime | None


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt as the shopper sees it.

    Attributes:
        id: The attempt's id.
        gateway: Which gateway.
        method: One of its methods.
        amount: In fen.
        currency: ISO 4217.
        status: How it stands.
        parameters: What the device needs in order to pay.
        expires_at: UTC.
        refusal: Why it was refused, in the gateway's code; only in the answer that tells so.
        first: The part that a purse paid before, where that was asked for.
    """

    id: str
    gateway: str
    method: str
    amount: int
    currency: str
    status: AttemptStatus
    parameters: dict[str, str]
    expires_at: datetime
    refusal: str | msgspec.UnsetType = msgspec.UNSET
    first: "Started | msgspec.UnsetType" = msgspec.UNSET


class WayToPay(msgspec.Struct, frozen=True, kw_only=True):
    """One gateway's methods in a channel.

    Attributes:
        gateway: Its name.
        title: What the shopper reads.
        methods: Those that are possible for this order, best first.
        covers: How much of the order this way can pay, in fen; only where that may be a part.
    """

    gateway: str
    title: str
    methods: tuple[Method, ...]
    covers: int | msgspec.UnsetType = msgspec.UNSET


class Payments(msgspec.Struct, frozen=True, kw_only=True):
    """How an order can be paid and what was tried.

    Attributes:
        open_amount: What is still to be paid, in fen.
        currency: ISO 4217.
        ways: Empty when the order needs no payment any more.
        attempts: Oldest first.
    """

    open_amount: int
    currency: str
    ways: tuple[WayToPay, ...]
    attempts: tuple[Started, ...]


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a report.

    Attributes:
        outcome: ``paid``: it paid the order, or a part; ``repeated``: that was known;
            ``returned``: the money came too late and goes back; ``noted``: not paid, written
            down or of no interest; ``mismatch``: it does not fit, nothing was changed.
        detail: Why it does not fit; else empty.
        message: ``kept`` when the gateway's message was written down along with it.
    """

    outcome: Literal["paid", "repeated", "returned", "noted", "mismatch"]
    detail: str = ""
    message: Literal["", "kept"] = ""


RefundState = Literal["owed", "sent", "processing", "refunded", "failed"]


class Refund(msgspec.Struct, frozen=True):
    """Money that one payment gives back.

    Attributes:
        id: The refund's id.
        order: The order's id.
        attempt: The payment it is taken from; empty where there is none.
        gateway: Which gateway.
        number: Its name at the gateway.
        kind: ``order`` for a refund of the order, ``late`` for money that came too late.
        amount: In fen.
        currency: ISO 4217.
        status: ``failed`` needs a person.
        reason: For the shopper.
        actor: Who gave it back.
        reference: The gateway's number.
        problem: Why it failed.
        requested_at: UTC.
        settled_at: UTC; None before.
    """

    id: str
    order: str
    attempt: str
    gateway: str
    number: str
    kind: Literal["order", "late"]
    amount: int
    currency: str
    status: RefundState
    reason: str
    actor: str
    reference: str
    problem: str
    requested_at: datetime
    settled_at: datetime | None


class Refunded(msgspec.Struct, frozen=True, kw_only=True):
    """An order after a refund was decided, the payments that give it back, and a repeat's mark."""

    order: Order
    refunds: tuple[Refund, ...]
    replayed: Literal["no", "yes"] = "no"


class Alert(msgspec.Struct, frozen=True):
    """Something about money that a person should look at."""

    id: str
    kind: str
    gateway: str
    number: str
    order: str
    detail: str
    raised_at: datetime
