"""Staff tokens: random, kept as a hash, over after twelve hours or at once when revoked."""

import hashlib
from datetime import datetime, timedelta

import msgspec

from jishi.callers import Caller
from jishi.db import Transaction
from jishi.identifiers import new_id, new_secret
from jishi.shop import Shop
from jishi.staff import sql
from jishi.staff.roles import scopes_of
from jishi.staff.settings import needs_second_factor
from jishi.staff.tables import TokenTable

LIFETIME = timedelta(hours=12)


class _Known(msgspec.Struct, frozen=True):
    id: str
    role: str
    scopes: str | None
    second_factor: str | None


async def staff_from_token(shop: Shop, token: str) -> Caller | None:
    """Who of the staff sends this token, with what his role may do now; None for nobody.

    Whose role needs a second factor may do nothing until he has set one up.
    """
    if not token.startswith("s."):
        return None
    known = await shop.database.one_as(_Known, sql.SESSION, hash_of(token), shop.clock.now())
    if known is None:
        return None
    scopes = frozenset(scopes_of(known.role, known.scopes))
    if known.second_factor is None and needs_second_factor(shop, known.role):
        scopes = frozenset()
    return Caller(kind="staff", id=known.id, scopes=scopes)


async def give_token(
    tx: Transaction, shop: Shop, person_id: str, address: str
) -> tuple[str, datetime]:
    """A new token for somebody and the moment it expires."""
    now, token = shop.clock.now(), f"s.{new_secret()}"
    columns = ("id", "person_id", "hash", "address", "created_at", "expires_at")
    row = (new_id(), person_id, hash_of(token), address, now, now + LIFETIME)
    await tx.insert(TokenTable, columns, [row])
    return token, now + LIFETIME


async def end_tokens(tx: Transaction, person_id: str, now: datetime) -> None:
    """Log somebody out everywhere."""
    await tx.execute(sql.END_SESSIONS, person_id, now)


def hash_of(token: str) -> str:
    """What is kept of a token; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
