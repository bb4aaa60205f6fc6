"""Remembers the nonces of accepted notices for as long as their timestamps are accepted."""

from collections import deque
from datetime import datetime

from jishi_wechat_pay.problems import Replayed
from jishi_wechat_pay.signature import WINDOW, Stamp


class ReplayWindow:
    """Accepts each signed message once.

    Only stamps that were verified belong here, so a stranger cannot fill it. It lives in one
    process: with several, the inbox of the shop is what makes a notice count once.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._expiries: deque[tuple[datetime, tuple[str, str]]] = deque()

    def accept(self, stamp: Stamp, now: datetime) -> None:
        """Remember this stamp.

        Raises:
            Replayed: It was accepted before.
        """
        self._forget_old(now)
        key = (stamp.timestamp, stamp.nonce)
        if key in self._seen:
            raise Replayed("this very message was accepted before")
        self._seen.add(key)
        # A timestamp may lie one window ahead and stays valid for another one.
        self._expiries.append((now + 2 * WINDOW, key))

    def _forget_old(self, now: datetime) -> None:
        while self._expiries and self._expiries[0][0] <= now:
            self._seen.discard(self._expiries.popleft()[1])
