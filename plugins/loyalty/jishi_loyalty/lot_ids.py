"""Ids that a change gives itself, so that repeating it names the same."""

from hashlib import sha256


def lot_id(key: str) -> str:
    """An id of 32 letters, the same for the same key."""
    return sha256(key.encode()).hexdigest()[:32]
