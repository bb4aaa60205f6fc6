"""What the checkout has done by itself."""

from datetime import timedelta

from jishi.checkout import sql
from jishi.db import Transaction
from jishi.events import Handlers
from jishi.ledger import lapse
from jishi.shop import Shop

_SOME = 500
"""Holds or carts of one transaction."""

_KEPT = timedelta(days=90)
"""How long an open cart that nobody touches is kept; orders keep what was bought, for ever."""


def register(handlers: Handlers) -> None:
    """Sign up the schedules."""
    handlers.every("checkout.lapse_holds", timedelta(minutes=1), lapse_holds)
    handlers.every("checkout.forget_carts", timedelta(hours=1), forget_carts)


async def lapse_holds(shop: Shop) -> None:
    """Give back what is held past its time.

    An order that expires gives back its own holds; this is for holds whose order never will, for
    instance because its gateway has not answered for long.
    """
    given_back = _SOME
    while given_back == _SOME:
        now = shop.clock.now()
        given_back = len(await shop.database.atomically(lambda tx: lapse(tx, now, _SOME)))  # noqa: B023


async def forget_carts(shop: Shop) -> None:
    """Throw away carts that nobody has touched for long, whatever became of them."""
    before = shop.clock.now() - _KEPT

    async def forget(tx: Transaction) -> int:
        old = await tx.fetch_as(str, sql.OLD_CARTS, before, _SOME)
        await tx.execute(sql.DROP_LINES, old)
        await tx.execute(sql.DROP_CARTS, old)
        return len(old)

    while await shop.database.atomically(forget) == _SOME:
        pass
