"""Remembers the nonces of accepted notices for as long as their timestamps are accepted."""

from collections import deque

from jishi.clock import Clock

from jishi_wechat_pay.problems import Replayed
from jishi_wechat_pay.signature import WINDOW, Stamp


class ReplayWindow:
    """Accepts each signed message once.

    Only stamps that were verified belong here, so a stranger cannot fill it. It lives in one
    process: with several, the inbox of the shop is what makes a notice count once.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: set[tuple[str, str]] = set()
        self._expiries: deque[tuple[float, tuple[str, str]]] = deque()

    def accept(self, stamp: Stamp) -> None:
        """Remember this stamp.

        Raises:
            Replayed: It was accepted before.
        """
        self._forget_old()
        key = (stamp.timestamp, stamp.nonce)
        if key in self._seen:
            raise Replayed("this very message was accepted before")
        self._seen.add(key)
        # A timestamp may lie one window ahead and stays valid for another one.
        expires = self._clock.now().timestamp() + 2 * WINDOW.total_seconds()
        self._expiries.append((expires, key))

    def forget(self, stamp: Stamp) -> None:
        """Take a stamp back, because what it announced could not be handled."""
        self._seen.discard((stamp.timestamp, stamp.nonce))

    def _forget_old(self) -> None:
        now = self._clock.now().timestamp()
        while self._expiries and self._expiries[0][0] <= now:
            self._seen.discard(self._expiries.popleft()[1])
