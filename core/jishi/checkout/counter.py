"""The counter: requests that wait at the same moment are placed in one transaction.

There is no timer: a batch is whatever queued while the last one was committed (group commit).
Measured on two cores, this places several thousand orders a second, also when everybody wants
the same SKU. Several processes meet at the ledger's row locks, taken in the same order.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import structlog

from jishi.checkout.place_batch import place_batch
from jishi.checkout.structs import Placed, Placing
from jishi.db import Busy, Conflict, Retry, Unavailable
from jishi.problems import OutOfService, Problem
from jishi.shop import Shop

log = structlog.get_logger(__name__)

_MOST = 256
"""Orders of one transaction; more would hold the locks longer than a shopper waits."""

_WAITING = 5000
"""Orders that may wait; beyond, the honest answer is 503 before memory grows."""

Outcome = Placed | Problem


class Counter:
    """Places orders, many at once."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._queue: deque[tuple[Placing, asyncio.Future[Placed]]] = deque()
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self.batches = 0
        """Transactions so far."""
        self.served = 0
        """Orders decided in them; divided by the batches it tells how well they are grouped."""

    @property
    def is_open(self) -> bool:
        """Whether orders are taken."""
        return self._task is not None and not self._task.done()

    @property
    def waiting(self) -> int:
        """Orders that wait for their turn."""
        return len(self._queue)

    async def start(self) -> None:
        """Open the counter."""
        self._task = asyncio.create_task(self._serve(), name="counter")

    async def stop(self) -> None:
        """Serve who is waiting, then close."""
        if self._task:
            await self._idle.wait()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def place(self, placing: Placing) -> Placed:
        """Queue an order and wait until it is committed or refused.

        Who gives up waiting may still find the order placed: ask again with the same key.

        Raises:
            Problem: The order was refused; nothing was written.
        """
        if not self.is_open:
            raise OutOfService("The counter is closed.", next_step="Try again in a moment.")
        if len(self._queue) >= _WAITING:
            raise OutOfService(
                "Too many orders are waiting.", next_step="Try again in a few seconds."
            )
        answer: asyncio.Future[Placed] = asyncio.get_running_loop().create_future()
        self._queue.append((placing, answer))
        self._idle.clear()
        self._arrived.set()
        return await answer

    async def _serve(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(_MOST, len(self._queue)))]
                self.batches += 1
                self.served += len(batch)
                outcomes = await self._place([placing for placing, _ in batch])
                for (_, answer), outcome in zip(batch, outcomes, strict=True):
                    if answer.done():
                        continue
                    if isinstance(outcome, Problem):
                        answer.set_exception(outcome)
                    else:
                        answer.set_result(outcome)
            self._idle.set()

    async def _place(self, placings: Sequence[Placing]) -> list[Outcome]:
        """Place a batch; when it fails as a whole, one by one: nobody sinks the rest.

        A database that is away is nobody's fault. What it may have committed before its answer was
        lost is found by the keys when the batch is placed again; one that is away for longer gets
        the whole batch sent home, rather than each order after a wait of its own.
        """
        try:
            return await self._place_again(placings)
        except Problem as problem:
            if isinstance(problem, Unavailable | Busy | Retry):
                log.warning("placing_failed", error=type(problem).__name__, orders=len(placings))
                return [_later() for _ in placings]
            if len(placings) == 1:
                return [_later() if isinstance(problem, Conflict) else problem]
        except Exception:
            log.exception("placing_failed", orders=len(placings))
            if len(placings) == 1:
                return [OutOfService("The order could not be placed.")]
        outcomes: list[Outcome] = []
        for placing in placings:
            outcomes += await self._place([placing])
        return outcomes

    async def _place_again(self, placings: Sequence[Placing]) -> list[Outcome]:
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
