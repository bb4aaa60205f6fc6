"""Idempotency keys: a request that moves money or goods may be repeated and is done once.

The same key with the same content gives the first answer again, marked with the header
``Idempotent-Replayed: true``; the same key with another content is refused.
"""

from typing import Annotated

from litestar.params import HeaderParameter

from jishi.problems import Invalid

LONGEST = 128
"""Letters of a key."""

REPLAYED = {"Idempotent-Replayed": "true"}
"""The header of an answer that was given before."""

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        required=False,
        description="Names this request; its repeat gives the first answer.",
    ),
]
"""The header as routes take it; `key_of` says clearly when it is missing."""


class KeyReused(Invalid):
    """The same key came with another content."""

    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for another request"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"The Idempotency-Key {key!r} came before with another content.",
            field="Idempotency-Key",
            next_step="Send a new key with a new request.",
        )


def key_of(given: str | None) -> str:
    """The key, which has to be there.

    Raises:
        Invalid: It is missing or too long.
    """
    key = (given or "").strip()
    if not key or len(key) > LONGEST:
        raise Invalid(
            f"This needs an Idempotency-Key of 1 to {LONGEST} letters.",
            field="Idempotency-Key",
            next_step="Send a fresh random key, and the same one when you repeat the request.",
        )
    return key
