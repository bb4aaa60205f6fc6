"""What staff see of payments."""

import msgspec

from jishi.db import Database
from jishi.payments import sql
from jishi.payments.payers import open_payer
from jishi.payments.structs import Alert, Attempt, Refund


class AlertPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some alerts, the youngest first, and where to go on; ``next`` is None at the end."""

    items: tuple[Alert, ...]
    next: str | None


class OrderPayments(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was tried, captured and given back for an order."""

    attempts: tuple[Attempt, ...]
    refunds: tuple[Refund, ...]


async def order_payments(database: Database, order_id: str) -> OrderPayments:
    """Attempts and refunds of an order, oldest first."""
    found = await database.fetch_as(Attempt, sql.ATTEMPTS_OF, order_id)
    return OrderPayments(
        attempts=tuple(open_payer(database, one) for one in found),
        refunds=tuple(await database.fetch_as(Refund, sql.REFUNDS_OF, order_id)),
    )


async def list_alerts(database: Database, cursor: str | None = None, limit: int = 50) -> AlertPage:
    """Alerts, the youngest first.

    Args:
        database: The shop's.
        cursor: ``next`` of the page before.
        limit: Alerts on a page.
    """
    rows = await database.fetch_as(Alert, sql.ALERTS, cursor or "~", limit + 1)
    here = rows[:limit]
    return AlertPage(items=tuple(here), next=here[-1].id if len(rows) > limit else None)
