"""What a customer gets back who gives a top-up up: 法释〔2025〕4号, articles 14 to 20; pure.

The text was read; the examples in ``prepaid_refund.json`` are worked after it. What a court would
add (article 25: who keeps no ledger has lost) is not for a program.
"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

Reason = Literal["within_days", "merchant", "consumer"]
"""Why: within the days without a reason (art. 14), the merchant's doing, the customer's wish."""


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """A top-up and what came of it.

    Attributes:
        paid: What was prepaid, in fen.
        gift: What was given on top, in fen.
        used: What was spent of it, at face value, in fen.
        undiscounted: What the same goods cost without any discount, in fen; None: as much.
        returned: What has gone back already, in fen.
    """

    paid: int
    gift: int = 0
    used: int = 0
    undiscounted: int | None = None
    returned: int = 0


def of_the_rest(paid: int, gift: int, left: int) -> Used:
    """What comes back to a top-up whose rest went elsewhere is a small one of its own, unused.

    Args:
        paid: What was prepaid, in fen.
        gift: What was given on top, in fen.
        left: What is there, in fen; of it counts as paid what the whole one had of that.
    """
    share = left * paid // (paid + gift)
    return Used(paid=share, gift=left - share)


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What is due.

    Attributes:
        delivered: What the goods that were delivered count for, in fen.
        refund: Of the principal, in fen; a gift is never paid out.
        interest: On top, in fen, from the end of the contract on.
    """

    delivered: int
    refund: int
    interest: int = 0


def due(used: Used, reason: Reason) -> Due:
    """What of the prepayment goes back.

    Not the customer's reason: what he used counts at the price he really paid, the share
    paid / (paid + gift) (art. 18). The customer's own: at the price without a discount (art. 19).
    Never below zero (art. 20). Half fen go to the customer.
    """
    if reason == "consumer":
        delivered = used.used if used.undiscounted is None else used.undiscounted
    else:
        delivered = used.used * used.paid // (used.paid + used.gift) if used.paid else 0
    return Due(delivered=delivered, refund=max(0, used.paid - delivered - used.returned))


def interest(amount: int, rate: int, days: int) -> int:
    """Simple interest (art. 16, 17), in fen, half a fen up.

    Args:
        amount: In fen.
        rate: A year's, in hundredths of a percent.
        days: From the end of the contract.
    """
    return (2 * amount * rate * max(0, days) + 3_650_000) // 7_300_000


def is_within(topped_at: datetime, now: datetime, days: int) -> bool:
    """Whether no reason is needed yet."""
    return now < topped_at + timedelta(days=days)
