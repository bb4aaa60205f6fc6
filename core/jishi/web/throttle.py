"""Slows down who knocks too often: a bucket of tokens per address, in this process."""

from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from jishi.problems import TooMany

_ADDRESSES = 20_000


class Throttle:
    """Lets an address pass a number of times a minute.

    Args:
        per_minute: How many requests a minute; as many may come at once.
        time: Seconds that only grow.
    """

    def __init__(self, per_minute: int, time: Callable[[], float]) -> None:
        self._most = float(per_minute)
        self._rate = per_minute / 60
        self._time = time
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def knock(self, address: str) -> None:
        """Take a token.

        Raises:
            TooMany: There is none; ``retry_after`` says when there will be.
        """
        now = self._time()
        tokens, seen = self._buckets.pop(address, (self._most, now))
        tokens = min(self._most, tokens + (now - seen) * self._rate)
        passed = tokens >= 1
        self._buckets[address] = (tokens - 1 if passed else tokens, now)
        if len(self._buckets) > _ADDRESSES:
            self._buckets.popitem(last=False)
        if not passed:
            wait = ceil((1 - tokens) / self._rate)
            raise TooMany(
                "Too many attempts to log in from this address.",
                next_step=f"Try again in {wait} seconds.",
                retry_after=wait,
            )
