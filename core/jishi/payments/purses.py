"""Purses: gateways that pay a part of an order at once, from a balance kept here."""

import msgspec

from jishi.orders import Order
from jishi.payments.gateway import CoverRequest, GatewayRefused, GatewayUnknown, Purse
from jishi.payments.gateways import bounded, gateways_of
from jishi.payments.problems import NothingCovered, PaymentRefused, PaymentUnknown
from jishi.payments.structs import Way
from jishi.shop import Shop


def purse_of(shop: Shop, gateway: str) -> Purse | None:
    """The gateway of that name, if it is a purse."""
    found = gateways_of(shop).get(gateway)
    return found if isinstance(found, Purse) else None


async def covered(shop: Shop, order: Order, way: Way) -> int | None:
    """How much of what is open this way can pay, in fen; None where it is always everything.

    Raises:
        NothingCovered: The purse has nothing for this order.
        PaymentRefused: The purse says why it pays nothing.
        PaymentUnknown: It does not answer.
    """
    purse = purse_of(shop, way.gateway)
    if purse is None:
        return None
    try:
        found = await bounded(purse.covers(_request(order, way)))
    except GatewayRefused as error:
        raise PaymentRefused(
            error.message or "The purse cannot pay.",
            next_step="Pay another way.",
            gateway_code=error.code,
        ) from error
    except GatewayUnknown as error:
        raise PaymentUnknown(
            "The payment service does not answer right now.", next_step="Try again in a moment."
        ) from error
    if type(found) is not int or found <= 0:
        raise NothingCovered(f"{purse.title} has nothing for it.", next_step="Pay another way.")
    return min(found, order.open_amount)


def _request(order: Order, way: Way) -> CoverRequest:
    return CoverRequest(
        order=order.id,
        method=way.method,
        amount=order.open_amount,
        currency=order.currency,
        channel=order.channel,
        payer=msgspec.json.decode(way.payer, type=dict[str, str]),
        skus=skus_of(order),
    )


def skus_of(order: Order) -> tuple[str, ...]:
    """What is bought."""
    return tuple(line.sku for line in order.lines)
