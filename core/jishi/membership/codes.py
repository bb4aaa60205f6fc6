"""One-time codes: made, kept as a hash, tried at most five times."""

import hmac
import secrets
from datetime import datetime, timedelta

from jishi.db import Transaction
from jishi.membership import sql
from jishi.membership.at_rest import CODE
from jishi.membership.structs import Identity
from jishi.sealing import sealing_of
from jishi.shop import Shop

LIFETIME = timedelta(minutes=5)
TRIES = 5

LOGIN = "login"
"""The purpose of a code that logs in."""


def attaching(member_id: str) -> str:
    """The purpose of a code that adds an identity to this member, and to no other."""
    return f"attach:{member_id}"


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


async def keep_code(
    tx: Transaction, shop: Shop, identity: Identity, purpose: str, code: str
) -> None:
    """Keep a code's hash in the place of an earlier one."""
    now = shop.clock.now()
    row = (*_key(shop, identity, purpose), _hash(shop, identity, purpose, code), now)
    await tx.execute(sql.KEEP_CODE, *row, now + LIFETIME)


async def fits(
    tx: Transaction, shop: Shop, identity: Identity, purpose: str, code: str, now: datetime
) -> bool:
    """Whether a code is the one that was sent; it counts the try and uses the code up.

    The transaction must be committed also when the answer is no, or the try is not counted.
    """
    expected = _hash(shop, identity, purpose, code)
    key = _key(shop, identity, purpose)
    kept = await tx.one_as(str, sql.TRY_CODE, *key, TRIES, now)
    if not hmac.compare_digest(expected, kept or "0" * len(expected)):
        return False
    return await tx.execute(sql.USE_CODE, *key) == 1


def _key(shop: Shop, identity: Identity, purpose: str) -> tuple[str, str, str]:
    found_by = sealing_of(shop.config).fingerprint(identity.value, CODE)
    return identity.kind, found_by, purpose


def _hash(shop: Shop, identity: Identity, purpose: str, code: str) -> str:
    # Keyed: a million possible codes would be tried in no time by whoever reads the table.
    secret = shop.config.shop.secret.reveal().encode()
    text = f"login code\n{identity.kind}\n{identity.value}\n{purpose}\n{code}"
    return hmac.digest(secret, text.encode(), "sha256").hex()
