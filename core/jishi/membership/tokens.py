"""Members' tokens: random, kept as a hash, revocable within a second."""

import hashlib
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import msgspec

from jishi.callers import Caller
from jishi.db import Transaction
from jishi.identifiers import new_id, new_secret
from jishi.membership import sql
from jishi.membership.guests import guest_of
from jishi.membership.structs import KeptToken
from jishi.membership.tables import TokenTable
from jishi.problems import NotFound
from jishi.shop import Shop

LIFETIME = timedelta(days=30)
_FRESH = timedelta(seconds=1)
_REMEMBERED = 10_000


class _Known(msgspec.Struct, frozen=True):
    id: str
    member_id: str
    """Who the token's member is now."""
    expires_at: datetime


_memory: WeakKeyDictionary[Shop, dict[str, tuple[_Known, datetime]]] = WeakKeyDictionary()
"""Tokens each shop saw during the last second, by their hash."""


async def caller_from_token(shop: Shop, token: str) -> Caller | None:
    """Who sends this token: a guest, a member, or None.

    A member's token that was good is believed for one second, so a revocation or a merge made in
    another process is seen a second later at most. The token of somebody who turned out to be
    another is the other's.
    """
    if token.startswith("g."):
        guest = guest_of(shop, token)
        return Caller(kind="guest", id=guest) if guest else None
    if not token.startswith("m."):
        return None
    known = await _look_up(shop, hash_of(token))
    return Caller(kind="member", id=known.member_id) if known else None


async def give_token(
    tx: Transaction, shop: Shop, member_id: str, channel: str
) -> tuple[str, datetime]:
    """A new token for a member and the moment it expires."""
    now, token = shop.clock.now(), f"m.{new_secret()}"
    expires = now + LIFETIME
    columns = ("id", "member_id", "hash", "channel", "created_at", "expires_at")
    row = (new_id(), member_id, hash_of(token), channel, now, expires)
    await tx.insert(TokenTable, columns, [row])
    return token, expires


def forget_tokens(shop: Shop) -> None:
    """Look every token up again: whose they are may have changed."""
    _memory.pop(shop, None)


async def list_tokens(shop: Shop, member_id: str) -> list[KeptToken]:
    """Where the member is logged in, the oldest login first."""
    return await shop.database.fetch_as(KeptToken, sql.SESSIONS, member_id, shop.clock.now())


async def end_token(shop: Shop, member_id: str, token_id: str) -> None:
    """Log the member out in one place.

    Raises:
        NotFound: He has no such token.
    """
    async with shop.database.transaction() as tx:
        ended = await tx.one_as(str, sql.END_SESSION, member_id, token_id, shop.clock.now())
    if ended is None:
        raise NotFound("You have no such token.")
    _memory.get(shop, {}).pop(ended, None)


async def log_out(shop: Shop, token: str) -> None:
    """End the token itself; a token that is over already stays so."""
    async with shop.database.transaction() as tx:
        await tx.execute(sql.END_SESSION_BY_HASH, hash_of(token), shop.clock.now())
    _memory.get(shop, {}).pop(hash_of(token), None)


def hash_of(token: str) -> str:
    """What is kept of a token; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


async def _look_up(shop: Shop, digest: str) -> _Known | None:
    now, memory = shop.clock.now(), _memory.setdefault(shop, {})
    known, seen = memory.get(digest, (None, now))
    if known and timedelta(0) <= now - seen < _FRESH and now < known.expires_at:
        return known
    known = await shop.database.one_as(_Known, sql.SESSION, digest, now)
    if len(memory) >= _REMEMBERED:
        memory.clear()
    if known:
        memory[digest] = (known, now)
    else:
        memory.pop(digest, None)
    return known
