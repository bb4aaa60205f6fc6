"""Counts requests for all processes together, in Redis or Valkey; needs ``jishi[fleet]``."""

import time
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from redis.asyncio import Redis

PATIENCE = 0.25
"""Seconds that the store may take; whoever waits is a customer."""

CONNECTIONS = 4
"""Enough for thousands of questions a second; a rush does not open hundreds at once."""

PAUSE = 5.0
"""Seconds for which a store that did not answer is not asked again."""

# One number per address: when its bucket will be full again, in milliseconds. Read, decided and
# written in one step, by the store's own clock, so processes need not agree on the time.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local each = 60000 / ARGV[1]
local full = tonumber(redis.call('GET', KEYS[1]) or now)
if full < now then full = now end
local wait = full - now - 60000 + each
if wait > 0.5 then return math.ceil(wait) end
full = full + each
redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil(full - now))
return 0
"""

log = structlog.get_logger("jishi.web")


class SharedLimits:
    """The buckets of all processes.

    Args:
        address: ``redis://:password@host:6379/0``; also ``rediss://`` and ``unix://``.
        shop: Names the keys, so that several shops may share a store.
    """

    def __init__(self, address: str, shop: str) -> None:
        self._address = address
        self._shop = shop
        self._store: Redis | None = None
        self._silent_until = 0.0

    async def wait_for(self, kind: str, address: str, per_minute: int) -> float | None:
        """Take a token.

        Returns:
            0, or the seconds until there is another; None while the store does not answer.
        """
        from redis.exceptions import RedisError

        if time.monotonic() < self._silent_until:
            return None
        try:
            key = f"jishi:{self._shop}:{kind}:{address}"
            wait = await self._opened().eval(_TAKE, 1, key, str(per_minute))
        except (RedisError, OSError, TimeoutError) as error:
            if time.monotonic() >= self._silent_until:  # one of those who asked together
                self._silent_until = time.monotonic() + PAUSE
                log.warning("shared_limits_away", error=type(error).__name__, pause=PAUSE)
            return None
        return int(wait) / 1000

    async def close(self) -> None:
        """Give the connections back."""
        store, self._store = self._store, None
        if store is not None:
            await store.aclose()

    def _opened(self) -> "Redis":
        if self._store is None:
            from redis.asyncio import BlockingConnectionPool, Redis
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff

            pool = BlockingConnectionPool.from_url(
                self._address,
                max_connections=CONNECTIONS,
                timeout=PATIENCE,
                socket_timeout=PATIENCE,
                socket_connect_timeout=PATIENCE,
                retry=Retry(NoBackoff(), 0),
            )
            self._store = Redis.from_pool(pool)
        return self._store
