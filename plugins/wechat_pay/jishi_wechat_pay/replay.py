"""Remembers the nonces of genuine notices for as long as their timestamps are accepted."""

import hashlib
from collections import deque
from datetime import datetime

from jishi_wechat_pay.problems import Replayed
from jishi_wechat_pay.signature import WINDOW, Stamp


class ReplayWindow:
    """Gives each nonce to one message.

    The very same message may come again, from a proxy that repeats bytes whose answer it lost, or
    after an answer of "not now": settling it anew changes nothing, and refusing it would leave a
    payment unheard. Another message under a nonce that was used is refused.

    Only stamps that were verified belong here, so a stranger cannot fill it. It lives in one
    process: with several, the inbox of the shop is what makes a notice count once.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], bytes] = {}
        self._expiries: deque[tuple[datetime, tuple[str, str]]] = deque()

    def accept(self, stamp: Stamp, body: bytes, now: datetime) -> None:
        """Remember this stamp and what it was on.

        Raises:
            Replayed: It was on another message before.
        """
        self._forget_old(now)
        key, digest = (stamp.timestamp, stamp.nonce), hashlib.sha256(body).digest()
        known = self._seen.setdefault(key, digest)
        if known is digest:
            # A timestamp may lie one window ahead and stays valid for another one.
            self._expiries.append((now + 2 * WINDOW, key))
        elif known != digest:
            raise Replayed("this nonce was used for another message")

    def _forget_old(self, now: datetime) -> None:
        while self._expiries and self._expiries[0][0] <= now:
            self._seen.pop(self._expiries.popleft()[1], None)
