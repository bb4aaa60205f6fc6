"""Read attempts back, and show them."""

import msgspec

from jishi.db import Database, Transaction
from jishi.orders import Order
from jishi.payments import sql
from jishi.payments.gateway import PaymentRef, Purse
from jishi.payments.gateways import gateways_of
from jishi.payments.payers import open_payer
from jishi.payments.problems import NothingCovered, PaymentRefused, PaymentUnknown
from jishi.payments.purses import covered
from jishi.payments.structs import LIVE, Attempt, Payments, Started, Way, WayToPay
from jishi.problems import NotFound
from jishi.shop import Shop

Reader = Database | Transaction


async def find_attempt(reader: Reader, attempt_id: str) -> Attempt:
    """An attempt that has to be there.

    Raises:
        NotFound: There is none of that id.
    """
    attempt = await reader.one_as(Attempt, sql.ATTEMPT, attempt_id)
    if attempt is None:
        raise NotFound("There is no such payment.")
    return open_payer(reader, attempt)


async def attempts_of(reader: Reader, order_id: str) -> list[Attempt]:
    """What was tried for an order, oldest first."""
    found = await reader.fetch_as(Attempt, sql.ATTEMPTS_OF, order_id)
    return [open_payer(reader, one) for one in found]


async def live_attempts(reader: Reader, order_id: str) -> list[Attempt]:
    """Attempts of an order that may still bring money."""
    return [one for one in await attempts_of(reader, order_id) if one.status in LIVE]


def ref_of(attempt: Attempt) -> PaymentRef:
    """How the gateway is asked about an attempt."""
    return PaymentRef(
        attempt=attempt.number,
        merchant=attempt.merchant,
        app=attempt.app,
        transaction=attempt.transaction,
    )


def shown(attempt: Attempt) -> Started:
    """An attempt as its shopper sees it; what is over cannot be paid any more."""
    parameters: dict[str, str] = {}
    if attempt.status == "waiting":
        parameters = msgspec.json.decode(attempt.parameters, type=dict[str, str])
    return Started(
        id=attempt.id,
        gateway=attempt.gateway,
        method=attempt.method,
        amount=attempt.amount,
        currency=attempt.currency,
        status=attempt.status,
        parameters=parameters,
        expires_at=attempt.expires_at,
    )


async def payments_of(shop: Shop, order: Order) -> Payments:
    """How an order can be paid and what was tried."""
    attempts = await attempts_of(shop.database, order.id)
    payable = order.status == "placed" and order.open_amount > 0
    found = [await _way(shop, order, name) for name in gateways_of(shop)] if payable else []
    return Payments(
        open_amount=order.open_amount if payable else 0,
        currency=order.currency,
        ways=tuple(way for way in found if way is not None),
        attempts=tuple(shown(one) for one in attempts),
    )


async def _way(shop: Shop, order: Order, name: str) -> WayToPay | None:
    """A gateway's ways for an order; None when there is none, or its purse has nothing."""
    gateway = gateways_of(shop)[name]
    methods = tuple(
        one for one in gateway.methods(order.channel) if order.member or "member" not in one.needs
    )
    if not methods:
        return None
    if not isinstance(gateway, Purse):
        return WayToPay(gateway=name, title=gateway.title, methods=methods)
    payer = {"member": order.member} if order.member else {}
    way = Way(name, methods[0].code, msgspec.json.encode(payer).decode())
    try:
        covers = await covered(shop, order, way)
    except (NothingCovered, PaymentRefused, PaymentUnknown):
        return None
    return WayToPay(
        gateway=name,
        title=gateway.title,
        methods=methods,
        covers=msgspec.UNSET if covers is None else covers,
    )
