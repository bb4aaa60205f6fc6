"""Start a payment: written down first, then asked for, so that no money comes unknown."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from jishi.db import Transaction
from jishi.events import Job, enqueue
from jishi.identifiers import new_id, new_order_number
from jishi.orders import Order, find_order, hold_order, note
from jishi.payments import sql
from jishi.payments.attempts import attempts_of, find_attempt
from jishi.payments.gateway import (
    GatewayRefused,
    GatewayUnknown,
    Method,
    PaymentRequest,
    PaymentStarted,
)
from jishi.payments.gateways import bounded, find_gateway
from jishi.payments.problems import NoGateway, NothingToPay, PaymentRefused, PaymentUnknown
from jishi.payments.structs import LIVE, Attempt
from jishi.payments.tables import AttemptTable
from jishi.problems import Invalid, TooMany
from jishi.shop import Shop

ASKED_AFTER = tuple(timedelta(seconds=s) for s in (5, 30, 60, 180, 300, 600, 1800))
"""When the gateway is asked by itself how a payment stands, counted from its start."""

_MOST_ATTEMPTS = 20

_COLUMNS = (
    "id",
    "order_id",
    "number",
    "gateway",
    "method",
    "amount",
    "currency",
    "status",
    "captured",
    "refunded",
    "merchant",
    "app",
    "transaction_id",
    "reference",
    "parameters",
    "payer",
    "channel",
    "started_at",
    "expires_at",
)


async def start_payment(
    shop: Shop,
    order_id: str,
    gateway: str,
    method: str,
    payer: Mapping[str, str],
    actor: str,
    amount: int | None = None,
) -> Attempt:
    """Ask a gateway to collect what is open of an order.

    Asked again with the same method and payer, the live attempt is given once more.

    Args:
        shop: The shop.
        order_id: The order's id; it is the caller's own.
        gateway: The gateway's name.
        method: One of its methods in the order's channel.
        payer: What is known of the payer: ``openid``, ``address``.
        actor: Who pays: ``guest``, ``member``.
        amount: A part of what is open, in fen, decided by the shop and never by a client; None
            for all of it.

    Returns:
        The attempt, waiting for the payer.

    Raises:
        NothingToPay: The order is paid, over, or out of time.
        NoGateway: One cannot pay this way in the order's channel.
        Invalid: Something about the payer is missing.
        PaymentRefused: The gateway said no.
        PaymentUnknown: The gateway does not answer; ask again.
    """
    order = await find_order(shop.database, order_id)
    _check_method(shop, order, gateway, method, payer)
    text = msgspec.json.encode(dict(sorted(payer.items()))).decode()

    async def write(tx: Transaction) -> Attempt:
        return await _open_attempt(tx, shop, order_id, (gateway, method, text), actor, amount)

    attempt = await shop.database.atomically(write)
    if attempt.status == "waiting":
        return attempt
    return await ask_to_collect(shop, attempt)


def _check_method(
    shop: Shop, order: Order, gateway: str, method: str, payer: Mapping[str, str]
) -> Method:
    for found in find_gateway(shop, gateway).methods(order.channel):
        if found.code != method:
            continue
        for name in found.needs:
            if not payer.get(name):
                raise Invalid(f"{found.title} needs the payer's {name}.", field=name)
        return found
    raise NoGateway(
        f"{gateway} has no method {method[:40]!r} here.",
        field="method",
        next_step="Choose one of the methods in `ways`.",
    )


async def _open_attempt(
    tx: Transaction,
    shop: Shop,
    order_id: str,
    way: tuple[str, str, str],
    actor: str,
    amount: int | None,
) -> Attempt:
    """The live attempt of this kind, or a new one, under the order's lock."""
    await hold_order(tx, order_id)
    order = await find_order(tx, order_id)
    now = shop.clock.now()
    if order.status != "placed" or order.open_amount <= 0 or order.expires_at <= now:
        raise NothingToPay(
            "The time to pay is over."
            if order.status == "placed" and order.open_amount
            else f"The order is {order.status}.",
            next_step="Look at the order again.",
        )
    wanted = min(order.open_amount, amount or order.open_amount)
    attempts = await attempts_of(tx, order_id)
    for one in attempts:
        same = (one.gateway, one.method, one.payer) == way and one.amount == wanted
        if same and one.status in LIVE and one.expires_at > now:
            return one
    if len(attempts) >= _MOST_ATTEMPTS:
        raise TooMany("Too many payments were started for this order.", next_step="Order again.")
    gateway, method, payer = way
    attempt_id, number = new_id(), new_order_number()
    values = (attempt_id, order_id, number, gateway, method, wanted, order.currency, "new", 0, 0)
    row = (*values, "", "", "", "", "{}", payer, order.channel, now, order.expires_at)
    await tx.insert(AttemptTable, _COLUMNS, [row])
    await note(tx, order_id, "payment_started", actor, now, f"{gateway} {method}, {wanted} fen")
    await enqueue(tx, shop, [query_job(attempt_id, 0, now)])
    return await find_attempt(tx, attempt_id)


def query_job(attempt_id: str, turn: int, started_at: datetime) -> Job:
    """The job that asks the gateway by itself for the ``turn``-th time, counted from 0."""
    last = len(ASKED_AFTER) - 1
    wait = ASKED_AFTER[min(turn, last)] + max(0, turn - last) * ASKED_AFTER[last]
    return Job(
        kind="payments.query",
        payload={"attempt": attempt_id, "turn": turn},
        key=f"payments.query:{attempt_id}:{turn}",
        run_at=started_at + wait,
    )


async def ask_to_collect(shop: Shop, attempt: Attempt) -> Attempt:
    """Ask the gateway to open a payment that is written down; a repeat opens it once.

    Raises:
        PaymentRefused: The gateway said no.
        PaymentUnknown: The gateway does not answer.
    """
    order = await find_order(shop.database, attempt.order)
    gateway = find_gateway(shop, attempt.gateway)
    try:
        started = await bounded(gateway.create(_request(shop, attempt, order)))
    except GatewayRefused as error:
        # Only what nobody opened: a second request may be refused because the first was paid.
        await _write(shop, sql.REFUSED, attempt.id)
        raise PaymentRefused(
            "The payment service refused the payment.",
            next_step="Pay another way, or ask the shop.",
            gateway_code=error.code,
        ) from error
    except GatewayUnknown as error:
        await _write(shop, sql.UNKNOWN, attempt.id)
        raise PaymentUnknown(
            "The payment service does not answer right now.", next_step="Try again in a moment."
        ) from error
    await _keep(shop, attempt, started)
    return await find_attempt(shop.database, attempt.id)


async def _keep(shop: Shop, attempt: Attempt, started: PaymentStarted) -> None:
    parameters = msgspec.json.encode(started.parameters).decode()
    await _write(
        shop,
        sql.STARTED,
        attempt.id,
        started.merchant,
        started.app,
        parameters,
        started.reference,
    )


async def _write(shop: Shop, statement: str, *values: str) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute(statement, *values)

    await shop.database.atomically(work)


def _request(shop: Shop, attempt: Attempt, order: Order) -> PaymentRequest:
    base = shop.config.shop.base_url.rstrip("/")
    return PaymentRequest(
        attempt=attempt.number,
        method=attempt.method,
        amount=attempt.amount,
        currency=attempt.currency,
        description=f"{shop.config.shop.name} {order.number}",
        expires_at=attempt.expires_at,
        notify_url=f"{base}/notify/{attempt.gateway}",
        return_url=f"{base}/orders/{order.id}",
        channel=attempt.channel,
        payer=msgspec.json.decode(attempt.payer, type=dict[str, str]),
    )
