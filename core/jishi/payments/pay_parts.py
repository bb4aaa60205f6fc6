"""Pay an order as its shopper wishes: from a purse as far as that goes, and the rest elsewhere."""

from collections.abc import Mapping
from contextlib import suppress

import msgspec

from jishi.orders import Order, find_order
from jishi.payments.attempts import attempts_of, shown
from jishi.payments.problems import (
    NothingCovered,
    NothingToPay,
    PaymentRefused,
    PaymentUnknown,
)
from jishi.payments.purses import purse_of
from jishi.payments.requests import Pay
from jishi.payments.start_payment import start_payment
from jishi.payments.structs import Attempt, Started
from jishi.payments.write_attempts import check_way, new_attempt
from jishi.problems import TooMany
from jishi.shop import Shop


def attempt_with_order(
    shop: Shop, order: Order, pay: Pay, payer: Mapping[str, str]
) -> Attempt | None:
    """The payment that is written down together with its order.

    Returns:
        The attempt, not yet written; None when nothing is to be paid, or when a purse has to be
        asked first how much it covers: `begin_again` does so once the order stands.

    Raises:
        NoGateway: One cannot pay this way in the order's channel.
        Invalid: Something about the payer is missing.
    """
    way = check_way(shop, order, pay.gateway, pay.method, payer)
    if pay.first is not None:
        check_way(shop, order, pay.first.gateway, pay.first.method, payer)
    if pay.first is not None or purse_of(shop, pay.gateway) is not None or not order.total:
        return None
    return new_attempt(order, way, order.total, order.placed_at)


async def pay_parts(
    shop: Shop, order_id: str, pay: Pay, payer: Mapping[str, str], actor: str
) -> Started:
    """Start what a shopper wishes; the shop decides how much each part is.

    With ``first``, that purse pays what it covers, at once, and the other way is asked for what
    is open then. A purse that has nothing is passed over; one that refuses, or does not answer,
    stops it all: nobody is asked for more than he expects.

    Args:
        shop: The shop.
        order_id: The order's id; it is the caller's own.
        pay: The wish.
        payer: What is known of the payer: ``openid``, ``address``.
        actor: Who pays: ``guest``, ``member``.

    Returns:
        The payment of the rest, with the part under ``first``; the part alone when that was all.

    Raises:
        NothingToPay, NothingCovered, NoGateway, Invalid, PaymentRefused, PaymentUnknown: As in
            `start_payment`.
    """
    part = None
    if pay.first is not None:
        wanted = pay.first
        with suppress(NothingCovered):
            part = await start_payment(shop, order_id, wanted.gateway, wanted.method, payer, actor)
    if part is not None and (await find_order(shop.database, order_id)).status != "placed":
        return shown(part)
    rest = await start_payment(shop, order_id, pay.gateway, pay.method, payer, actor)
    return msgspec.structs.replace(
        shown(rest), first=msgspec.UNSET if part is None else shown(part)
    )


async def begin_again(
    shop: Shop, order: Order, pay: Pay, payer: Mapping[str, str], actor: str
) -> Started | None:
    """The payment that a placing begins once its order stands, or began when it came before.

    A purse that has paid its part is not asked for more, however often the placing is repeated.

    Returns:
        How the payment stands; None if there is none.
    """
    done = await attempts_of(shop.database, order.id)
    if pay.first is not None and _has_paid(done, pay.first.gateway):
        pay = msgspec.structs.replace(pay, first=None)
    refusal: str | msgspec.UnsetType = msgspec.UNSET
    if purse_of(shop, pay.gateway) is None or not _has_paid(done, pay.gateway):
        try:
            return await pay_parts(shop, order.id, pay, payer, actor)
        except PaymentRefused as refused:
            refusal = str(refused.extra.get("gateway_code", ""))
        except (NothingToPay, NothingCovered, PaymentUnknown, TooMany):
            pass
    attempts = await attempts_of(shop.database, order.id)
    if not attempts:
        return None
    return msgspec.structs.replace(shown(attempts[-1]), refusal=refusal)


def _has_paid(attempts: list[Attempt], gateway: str) -> bool:
    return any(one.gateway == gateway and one.status == "paid" for one in attempts)
