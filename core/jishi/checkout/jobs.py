"""What the checkout has done by itself."""

from datetime import timedelta

from jishi.events import Handlers
from jishi.ledger import lapse
from jishi.shop import Shop

_SOME = 500
"""Holds of one transaction."""


def register(handlers: Handlers) -> None:
    """Sign up the schedule."""
    handlers.every("checkout.lapse_holds", timedelta(minutes=1), lapse_holds)


async def lapse_holds(shop: Shop) -> None:
    """Give back what is held past its time.

    An order that expires gives back its own holds; this is for holds whose order never will, for
    instance because its gateway has not answered for long.
    """
    given_back = _SOME
    while given_back == _SOME:
        now = shop.clock.now()
        given_back = len(await shop.database.atomically(lambda tx: lapse(tx, now, _SOME)))  # noqa: B023
