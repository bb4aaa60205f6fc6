"""Ask gateways how payments stand, and close those that nobody shall pay any more."""

from datetime import timedelta
from typing import Any, Literal

from jishi.db import Transaction
from jishi.events import enqueue
from jishi.orders import Order, find_order
from jishi.payments import sql
from jishi.payments.alerts import alert
from jishi.payments.attempts import find_attempt, ref_of
from jishi.payments.gateway import GatewayRefused, GatewayUnknown, Purse
from jishi.payments.gateways import bounded, find_gateway, gateways_of
from jishi.payments.problems import AskedTooSoon, NoGateway, PaymentRefused, PaymentUnknown
from jishi.payments.settle_payment import settle
from jishi.payments.start_payment import ask_to_collect
from jishi.payments.structs import LIVE, Attempt
from jishi.payments.write_attempts import query_job
from jishi.shop import Shop

_CHECK_EVERY = timedelta(seconds=3)
"""How often a shopper may have a payment looked up."""

_GIVEN_UP_AFTER = timedelta(days=1)
"""How long after its end a payment is looked up that the gateway could not tell about."""

Closed = Literal["closed", "paid", "unknown"]


async def query_turn(shop: Shop, payload: dict[str, Any]) -> None:
    """Job: ask how a payment stands, and come back later while it is open."""
    attempt = await find_attempt(shop.database, payload["attempt"])
    if attempt.status not in LIVE:
        return
    try:
        attempt = await ask(shop, attempt)
    except PaymentUnknown:
        attempt = await find_attempt(shop.database, attempt.id)
    if attempt.status not in LIVE:
        return
    if shop.clock.now() > attempt.expires_at + _GIVEN_UP_AFTER:
        await alert(
            shop,
            "payment_unknown",
            gateway=attempt.gateway,
            number=attempt.number,
            order=attempt.order,
            detail="the gateway does not say how this payment ended",
        )
        return

    async def work(tx: Transaction) -> None:
        turn = int(payload["turn"]) + 1
        await enqueue(tx, shop, [query_job(attempt.id, turn, attempt.started_at)])

    await shop.database.atomically(work)


async def ask(shop: Shop, attempt: Attempt) -> Attempt:
    """Ask the gateway how a payment stands and settle what it says.

    A payment whose opening was never answered is opened once more first, under its own number:
    no shopper can have paid it, and without the answer nothing could be compared.

    Raises:
        PaymentUnknown: The gateway does not answer.
    """
    if not attempt.merchant and not await _open_again(shop, attempt):
        return await find_attempt(shop.database, attempt.id)
    attempt = await find_attempt(shop.database, attempt.id)
    gateway = find_gateway(shop, attempt.gateway)
    try:
        report = await bounded(gateway.query(ref_of(attempt)))
    except (GatewayUnknown, GatewayRefused) as error:
        raise PaymentUnknown(
            "The payment service does not answer right now.", next_step="Try again in a moment."
        ) from error
    await settle(shop, report, gateway=attempt.gateway, source="query")
    return await find_attempt(shop.database, attempt.id)


async def _open_again(shop: Shop, attempt: Attempt) -> bool:
    """Whether the payment is open at the gateway now."""
    order = await find_order(shop.database, attempt.order)
    if order.status != "placed" or attempt.expires_at <= shop.clock.now():
        if await _close_unopened(shop, attempt) == "unknown":
            raise PaymentUnknown("The payment service does not answer right now.")
        return False
    try:
        await ask_to_collect(shop, attempt, order)
    except PaymentRefused:
        return False
    return True


async def check_payment(shop: Shop, attempt: Attempt) -> Attempt:
    """Look a payment up because its shopper wants to know.

    Raises:
        AskedTooSoon: It was looked up a moment ago.
        PaymentUnknown: The gateway does not answer.
    """
    if attempt.status not in LIVE:
        return attempt
    now = shop.clock.now()

    async def work(tx: Transaction) -> int:
        return await tx.execute(sql.ASKED, attempt.id, now, now - _CHECK_EVERY)

    if not await shop.database.atomically(work):
        seconds = int(_CHECK_EVERY.total_seconds())
        raise AskedTooSoon(
            f"A payment can be looked up every {seconds} seconds.",
            next_step="Wait a moment; the order is paid by itself when the money is there.",
            retry_after=seconds,
        )
    return await ask(shop, attempt)


async def close_attempt(shop: Shop, attempt: Attempt) -> Closed:
    """Make sure that an attempt brings no more money; one that was paid is settled instead."""
    if not attempt.merchant:
        return await _close_unopened(shop, attempt)
    try:
        attempt = await ask(shop, attempt)
        if attempt.status == "paid":
            return "paid"
        if attempt.status in LIVE:
            await bounded(find_gateway(shop, attempt.gateway).close(ref_of(attempt)))
            await _end(shop, attempt)
    except GatewayRefused:
        return await _paid_after_all(shop, attempt)
    except (PaymentUnknown, GatewayUnknown, NoGateway):
        return "unknown"  # without its plugin a gateway cannot be asked either
    return "closed"


async def _close_unopened(shop: Shop, attempt: Attempt) -> Closed:
    """Give an attempt up whose opening was never answered.

    Elsewhere nobody can have paid it; a purse may have, and alone can say. It tells what it has
    paid when it is asked for it once more.
    """
    gateway = gateways_of(shop).get(attempt.gateway)
    if gateway is None:
        return "unknown"
    if isinstance(gateway, Purse):
        try:
            await bounded(gateway.close(ref_of(attempt)))
        except GatewayRefused:
            order = await find_order(shop.database, attempt.order)
            return await _told_once_more(shop, attempt, order)
        except GatewayUnknown:
            return "unknown"
    await _end(shop, attempt)
    return "closed"


async def _told_once_more(shop: Shop, attempt: Attempt, order: Order) -> Closed:
    try:
        attempt = await ask_to_collect(shop, attempt, order)
    except PaymentRefused:
        return "closed"
    except PaymentUnknown:
        return "unknown"
    return "paid" if attempt.status == "paid" else "unknown"


async def _paid_after_all(shop: Shop, attempt: Attempt) -> Closed:
    """The gateway refuses to close what was paid a moment ago."""
    try:
        attempt = await ask(shop, attempt)
    except PaymentUnknown:
        return "unknown"
    if attempt.status == "paid":
        return "paid"
    return "unknown" if attempt.status in LIVE else "closed"


async def close_turn(shop: Shop, payload: dict[str, Any]) -> None:
    """Job: close an attempt that nobody shall pay any more.

    Raises:
        PaymentUnknown: The gateway does not answer; the job is done again.
    """
    attempt = await find_attempt(shop.database, payload["attempt"])
    if attempt.status in LIVE and await close_attempt(shop, attempt) == "unknown":
        raise PaymentUnknown("The payment service does not answer right now.")


async def _end(shop: Shop, attempt: Attempt) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute(sql.ENDED, attempt.id, "closed")

    await shop.database.atomically(work)
