"""Give back what was held for too long."""

from datetime import datetime

from jishi.db import Transaction
from jishi.ledger import sql
from jishi.ledger.apply_groups import apply
from jishi.ledger.operations import Group, Void
from jishi.ledger.structs import LiveHold


async def lapse(tx: Transaction, now: datetime, limit: int = 500) -> list[LiveHold]:
    """Void holds whose time has passed.

    Args:
        tx: An open transaction.
        now: The shop's time.
        limit: At most so many, the longest overdue first.

    Returns:
        What was given back, with its owners; shorter than ``limit`` when nothing is left.
    """
    overdue = await tx.fetch_as(LiveHold, sql.LAPSED, now, limit)
    groups = [
        Group(operations=(Void(hold=one.key, key=f"lapse:{one.key}"),), reference=one.owner)
        for one in overdue
    ]
    outcomes = await apply(tx, groups, now)
    # A hold that was posted or voided while we waited for its account is not ours to report.
    return [
        hold
        for hold, outcome in zip(overdue, outcomes, strict=True)
        if not outcome.refusals and outcome.replayed == "no"
    ]
