"""Tell people about money that does not fit."""

import structlog

from jishi.db import Transaction
from jishi.identifiers import new_id
from jishi.payments.tables import AlertTable
from jishi.shop import Shop

log = structlog.get_logger("jishi.payments")

_COLUMNS = ("id", "kind", "gateway", "number", "order_id", "detail", "raised_at")


async def alert(
    shop: Shop, kind: str, *, gateway: str, number: str, order: str = "", detail: str = ""
) -> None:
    """Write an alert in a transaction of its own, once per trouble, and a warning into the log."""
    log.warning(kind, gateway=gateway, number=number, order=order, detail=detail)

    async def work(tx: Transaction) -> None:
        row = (new_id(), kind, gateway, number[:64], order, detail[:500], shop.clock.now())
        await tx.insert(AlertTable, _COLUMNS, [row], on_conflict="ignore")

    await shop.database.atomically(work)
