"""That it is the member who pays: a payment password, kept as argon2id, or a code to his phone.

A proof is good for one payment, up to an amount, for some minutes.
"""

import asyncio
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from jishi.identifiers import new_id
from jishi.plugins import Desk, Writing
from jishi_loyalty.value import sql
from jishi_loyalty.value.problems import PasswordLocked, ProofWrong
from jishi_loyalty.value.tables import ProofTable

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=30)

# OWASP's first choice for argon2id: 19 MiB, two rounds, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_COLUMNS = ("id", "member", "most", "way", "used_for", "expires_at")


async def has_password(desk: Desk, member: str) -> bool:
    """Whether the member has a payment password."""
    rows = await desk.fetch(sql.MEMBER, member)
    return bool(rows and rows[0][0])


async def set_password(desk: Desk, member: str, password: str) -> None:
    """Keep a new payment password; whoever calls has had it proved that it may be set."""
    kept = await asyncio.to_thread(_HASHER.hash, password)

    async def work(w: Writing) -> None:
        await w.execute(sql.KEEP_MEMBER, member)
        await w.execute(sql.REPLACE, member, kept)

    await desk.atomically(work)


async def check_password(desk: Desk, member: str, password: str) -> None:
    """Compare a payment password; the try is counted before it is looked at.

    Raises:
        PasswordLocked: It was wrong too often a moment ago.
        ProofWrong: It is wrong, or there is none.
    """
    now = desk.now()

    async def begin(w: Writing) -> str:
        await w.execute(sql.KEEP_MEMBER, member)
        await w.execute(sql.COUNT_FAILURE, member, now)
        ((kept, failures, locked_until),) = await w.fetch(sql.MEMBER, member)
        if isinstance(locked_until, datetime) and locked_until > now:
            return _LOCKED
        if int(str(failures)) > MOST_FAILURES:
            await w.execute(sql.LOCK_OUT, member, now + LOCKED_FOR, MOST_FAILURES)
            return _LOCKED
        return str(kept)

    kept = await desk.atomically(begin)
    if kept == _LOCKED:
        raise PasswordLocked(
            "The payment password was wrong too often.",
            next_step="Wait half an hour, or use a code.",
            retry_after=int(LOCKED_FOR.total_seconds()),
        )
    right = await asyncio.to_thread(_verify, password, kept or _nobodys())
    if not right or not kept:
        raise ProofWrong("The payment password is wrong.", field="password")

    async def well(w: Writing) -> None:
        await w.execute(sql.WENT_WELL, member)

    await desk.atomically(well)


async def keep_proof(desk: Desk, member: str, most: int, way: str, minutes: int) -> str:
    """Keep a proof that was given; the next payment of so much uses it up. Gives its id."""
    proof, until = new_id(), desk.now() + timedelta(minutes=minutes)

    async def work(w: Writing) -> None:
        await w.insert(ProofTable, _COLUMNS, [(proof, member, most, way, "", until)])

    await desk.atomically(work)
    return proof


_LOCKED = "locked"


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


def _verify(password: str, kept: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
