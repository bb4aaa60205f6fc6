"""Passwords: kept as argon2id, checked in a thread, as long for strangers as for staff."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from jishi.staff.problems import WeakPassword

SHORTEST = 12

# OWASP's first choice for argon2id: 19 MiB, two rounds, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


async def hash_password(password: str, email: str) -> str:
    """What is kept of a password.

    Raises:
        WeakPassword: It is shorter than 12 characters, or hardly more than the address.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(
            f"A password has at least {SHORTEST} characters.",
            field="password",
            next_step="A few unrelated words make a good one.",
        )
    name = email.partition("@")[0].lower()
    if len(set(password)) < 4 or password.lower() in (email.lower(), name):
        raise WeakPassword("This password is too easy to guess.", field="password")
    return await asyncio.to_thread(_HASHER.hash, password)


async def verify_password(password: str, kept: str | None) -> bool:
    """Whether it is the password; with nothing kept it takes as long and says no."""
    right = await asyncio.to_thread(_verify, password, kept or _nobodys())
    return right and kept is not None


def is_dated(kept: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


def _verify(password: str, kept: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
