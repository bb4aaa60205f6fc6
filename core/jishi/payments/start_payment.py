"""Start a payment: written down first, then asked for, so that no money comes unknown."""

from collections.abc import Mapping

import msgspec

from jishi.db import Transaction
from jishi.orders import Order, find_order, hold_order
from jishi.payments import sql
from jishi.payments.attempts import attempts_of, find_attempt, shown
from jishi.payments.gateway import GatewayRefused, GatewayUnknown, PaymentRequest
from jishi.payments.gateways import bounded, find_gateway
from jishi.payments.keep_started import keep_started
from jishi.payments.payers import open_payer
from jishi.payments.problems import NothingToPay, PaymentRefused, PaymentUnknown
from jishi.payments.purses import covered, purse_of, skus_of
from jishi.payments.settle_payment import settle
from jishi.payments.structs import LIVE, Attempt, Started, Way
from jishi.payments.write_attempts import check_way, new_attempt, write_attempts
from jishi.problems import TooMany
from jishi.shop import Shop

_MOST_ATTEMPTS = 20


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

    Asked again with the same method and payer, the live attempt is given once more. A purse is
    asked for what it covers, and has paid it when this returns.

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
        The attempt, waiting for the payer, or paid.

    Raises:
        NothingToPay: The order is paid, over, or out of time.
        NothingCovered: The purse has nothing for this order.
        NoGateway: One cannot pay this way in the order's channel.
        Invalid: Something about the payer is missing.
        PaymentRefused: The gateway said no.
        PaymentUnknown: The gateway does not answer; ask again.
    """
    order = await find_order(shop.database, order_id)
    way = check_way(shop, order, gateway, method, payer)
    most = amount
    if purse_of(shop, gateway) is not None and not await _under_way(shop, order, way):
        _must_be_payable(shop, order)
        most = await covered(shop, order, way)
        if most is not None and amount is not None:
            most = min(most, amount)

    async def write(tx: Transaction) -> Attempt:
        return await _open_attempt(tx, shop, order_id, way, actor, most)

    attempt = await shop.database.atomically(write)
    if attempt.status == "waiting" and purse_of(shop, gateway) is None:
        return attempt
    return await ask_to_collect(shop, attempt, order)


async def _under_way(shop: Shop, order: Order, way: Way) -> bool:
    """Whether a payment of this kind was begun and has not ended; then it is gone on with."""
    attempts = await attempts_of(shop.database, order.id)
    return any(_way_of(one) == way and one.status in LIVE for one in attempts)


def _way_of(attempt: Attempt) -> Way:
    return Way(attempt.gateway, attempt.method, attempt.payer)


async def _open_attempt(
    tx: Transaction,
    shop: Shop,
    order_id: str,
    way: Way,
    actor: str,
    amount: int | None,
) -> Attempt:
    """The live attempt of this kind, or a new one, under the order's lock."""
    await hold_order(tx, order_id)
    order = await find_order(tx, order_id)
    _must_be_payable(shop, order)
    now = shop.clock.now()
    wanted = min(order.open_amount, amount or order.open_amount)
    attempts = await attempts_of(tx, order_id)
    is_purse = purse_of(shop, way.gateway) is not None
    for one in attempts:
        same = _way_of(one) == way and (is_purse or one.amount == wanted)
        if same and one.status in LIVE and one.expires_at > now:
            return one
    if len(attempts) >= _MOST_ATTEMPTS:
        raise TooMany("Too many payments were started for this order.", next_step="Order again.")
    attempt = new_attempt(order, way, wanted, now)
    await write_attempts(tx, shop, [(attempt, actor)])
    return attempt


def _must_be_payable(shop: Shop, order: Order) -> None:
    if order.status == "placed" and order.open_amount > 0 and order.expires_at > shop.clock.now():
        return
    raise NothingToPay(
        "The time to pay is over."
        if order.status == "placed" and order.open_amount
        else f"The order is {order.status}.",
        next_step="Look at the order again.",
    )


async def ask_to_collect(shop: Shop, attempt: Attempt, order: Order) -> Attempt:
    """Ask the gateway to open a payment that is written down; a repeat opens it once.

    Args:
        shop: The shop.
        attempt: What was written down.
        order: Its order.

    Raises:
        PaymentRefused: The gateway said no.
        PaymentUnknown: The gateway does not answer.
    """
    gateway = find_gateway(shop, attempt.gateway)
    try:
        started = await bounded(gateway.create(_request(shop, attempt, order)))
    except GatewayRefused as error:
        # Only what nobody opened: a second request may be refused because the first was paid.
        await _write(shop, sql.REFUSED, attempt.id)
        raise PaymentRefused(
            "The payment service refused the payment."
            if purse_of(shop, attempt.gateway) is None
            else error.message,
            next_step="Pay another way, or ask the shop.",
            gateway_code=error.code,
        ) from error
    except GatewayUnknown as error:
        await _write(shop, sql.UNKNOWN, attempt.id)
        raise PaymentUnknown(
            "The payment service does not answer right now.", next_step="Try again in a moment."
        ) from error
    kept = await keep_started(shop, attempt, started)
    if started.report is None:
        return kept
    # Paid already: what is lost between here and there is found by the query job.
    await settle(shop, started.report, gateway=attempt.gateway, source="return")
    return await find_attempt(shop.database, attempt.id)


async def begin(shop: Shop, attempt: Attempt, order: Order) -> Started:
    """Open a payment that was written down with its order, and show how it stands.

    The order stands whatever the gateway says; ``refused`` and ``unknown`` are told as such.
    """
    try:
        attempt = await ask_to_collect(shop, attempt, order)
    except PaymentRefused:
        attempt = msgspec.structs.replace(attempt, status="refused")
    except PaymentUnknown:
        attempt = msgspec.structs.replace(attempt, status="unknown")
    return shown(attempt)


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
        payer=msgspec.json.decode(open_payer(shop.database, attempt).payer, type=dict[str, str]),
        order=order.id,
        skus=skus_of(order),
    )
