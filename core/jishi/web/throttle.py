"""Slows down who knocks too often: so many requests a minute per address.

Counted by each process for itself, or by all of them together in Redis or Valkey. When that is
away the processes count for themselves: a limit is then at most as many times higher as there are
processes, and nobody is locked out of a shop because a cache is down. Codes, passwords and second
factors have limits of their own in the database, which never depend on this.
"""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Protocol

import msgspec
from litestar.types import HTTPScope

from jishi.problems import TooMany
from jishi.web.settings import WebSettings

_ADDRESSES = 20_000


class Kind(msgspec.Struct, frozen=True):
    """What is counted together."""

    name: str
    paths: tuple[str, ...]
    said: str
    whose: str = "everybody's"


LOGINS = Kind("logins", ("/store/login", "/admin/login", "/login"), "Too many attempts to log in")
VISITORS = Kind(
    "visitors",
    ("/store/sessions", "/store/carts", "/cart/lines"),
    "Too many new visitors",
    "others'",
)
"""This machine's own addresses are a proxy's or a test's, and stand for many people."""


class Shared(Protocol):
    """Counts for all processes."""

    async def wait_for(self, kind: str, address: str, per_minute: int) -> float | None:
        """Seconds until another request may pass, 0 for now; None: nobody can say."""


class Throttles:
    """The limits of one process, shared with the others where there is a place to share.

    Args:
        settings: How many a minute.
        time: Seconds that only grow.
        shared: Where all processes count together.
    """

    def __init__(
        self, settings: WebSettings, time: Callable[[], float], shared: Shared | None = None
    ) -> None:
        self._shared = shared
        self._kinds = (
            (LOGINS, settings.logins_per_minute, Throttle(settings.logins_per_minute, time)),
            (VISITORS, settings.visitors_per_minute, Throttle(settings.visitors_per_minute, time)),
        )

    async def knock(self, scope: HTTPScope, address: str) -> None:
        """Count a request, if it is of a kind that is counted.

        Raises:
            TooMany: There were too many; ``retry_after`` says when there may be another.
        """
        if scope["method"] != "POST":
            return
        path = scope["path"]
        for kind, per_minute, own in self._kinds:
            if _counts(kind, path) and (kind.whose != "others'" or not _is_own(address)):
                await self._take(kind, per_minute, own, bundled(address))

    async def _take(self, kind: Kind, per_minute: int, own: "Throttle", address: str) -> None:
        wait = None
        if self._shared:
            wait = await self._shared.wait_for(kind.name, address, per_minute)
        if wait is None:
            wait = own.take(address)
        if wait > 0:
            seconds = ceil(wait)
            raise TooMany(
                f"{kind.said} from this address.",
                next_step=f"Try again in {seconds} seconds.",
                retry_after=seconds,
            )


class Throttle:
    """A bucket of tokens per address, in this process.

    Args:
        per_minute: How many requests a minute; as many may come at once.
        time: Seconds that only grow.
    """

    def __init__(self, per_minute: int, time: Callable[[], float]) -> None:
        self._most = float(per_minute)
        self._rate = per_minute / 60
        self._time = time
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> float:
        """Take a token and give 0; or, if there is none, the seconds until there is."""
        now = self._time()
        tokens, seen = self._buckets.pop(address, (self._most, now))
        tokens = min(self._most, tokens + (now - seen) * self._rate)
        passed = tokens >= 1
        self._buckets[address] = (tokens - 1 if passed else tokens, now)
        if len(self._buckets) > _ADDRESSES:
            self._buckets.popitem(last=False)
        return 0.0 if passed else (1 - tokens) / self._rate


def bundled(address: str) -> str:
    """An address as it is counted: whoever has one of IPv6 has its whole /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _counts(kind: Kind, path: str) -> bool:
    if kind is VISITORS:
        return path.rstrip("/") in kind.paths
    return path.startswith(kind.paths)


def _is_own(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return not address
