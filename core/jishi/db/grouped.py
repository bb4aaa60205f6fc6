"""Group commit: calls that wait at the same moment are served together.

There is no timer: a batch is whatever queued while the one before was being served. So the first
call never waits for a second one, and under load one commit serves hundreds.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

W = TypeVar("W")
A = TypeVar("A")

MOST = 256
"""Calls of one batch; more would hold locks longer than anybody waits."""


class Grouped(Generic[W, A]):
    """Serves calls in batches, one batch after the other.

    Args:
        serve: Serves many calls at once: for each its answer, or the exception that it gets.
        may_repeat: Whether calls whose batch failed as a whole are served again one by one, so
            that nobody sinks the rest; False where the failure may have left something behind.
        most: Calls of one batch.
    """

    def __init__(
        self,
        serve: Callable[[Sequence[W]], Awaitable[Sequence[A | Exception]]],
        may_repeat: Callable[[Exception], bool],
        most: int = MOST,
    ) -> None:
        self._serve = serve
        self._may_repeat = may_repeat
        self._most = most
        self._queue: deque[tuple[W, asyncio.Future[A]]] = deque()
        self._serving: asyncio.Task[None] | None = None
        self.batches = 0
        """Batches so far."""
        self.served = 0
        """Calls in them; divided by the batches it tells how well they are grouped."""

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn."""
        return len(self._queue)

    async def ask(self, work: W) -> A:
        """Queue a call and wait for its answer; who gives up waiting may be served all the same.

        Raises:
            Exception: What `serve` answered with.
        """
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._queue.append((work, answer))
        if self._serving is None:
            # In a context of its own: a batch belongs to no single request.
            self._serving = asyncio.create_task(self._work(), name="grouped", context=Context())
        return await answer

    async def idle(self) -> None:
        """Wait until nobody waits."""
        while self._serving is not None:
            await asyncio.wait({self._serving})

    async def _work(self) -> None:
        try:
            while self._queue:
                size = min(self._most, len(self._queue))
                await self._batch([self._queue.popleft() for _ in range(size)])
        finally:
            self._serving = None

    async def _batch(self, batch: Sequence[tuple[W, asyncio.Future[A]]]) -> None:
        self.batches += 1
        self.served += len(batch)
        try:
            answers = await self._served([work for work, _ in batch])
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    async def _served(self, works: Sequence[W]) -> Sequence[A | Exception]:
        try:
            return await self._serve(works)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to who called
            if len(works) == 1 or not self._may_repeat(error):
                return [error] * len(works)
        return [answer for work in works for answer in await self._served([work])]
