"""Money: an integer of the smallest unit with its currency, shared out exactly."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

Fen = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""An amount in the currency's smallest unit (fen for CNY); bounded so that JSON keeps it exact."""


class Money(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """An amount of money.

    Attributes:
        amount: In the smallest unit of the currency (fen for CNY).
        currency: ISO 4217, three capital letters.
    """

    amount: int
    currency: str = "CNY"

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(amount=self.amount + other.amount, currency=self.currency)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Share ``total`` out by ``weights`` so that the shares sum to it exactly.

    Largest remainder; equal remainders go to the earlier weight. Weights are not negative; when
    all are zero, everything falls on the first share, so nothing is lost.
    """
    if not weights:
        if total:
            raise ValueError("there is nobody to share the amount out to")
        return []
    whole = sum(weights)
    if whole == 0:
        return [total] + [0] * (len(weights) - 1)
    sign, size = (-1, -total) if total < 0 else (1, total)
    shares = [size * weight // whole for weight in weights]
    left = size - sum(shares)
    if left:
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
        for index in by_remainder[:left]:
            shares[index] += 1
    return [sign * share for share in shares]


def share_of(amount: int, basis_points: int) -> int:
    """``amount`` times ``basis_points`` / 10,000, rounded half up (away from zero)."""
    sign, size = (-1, -amount) if amount < 0 else (1, amount)
    return sign * ((size * basis_points + 5000) // 10000)
