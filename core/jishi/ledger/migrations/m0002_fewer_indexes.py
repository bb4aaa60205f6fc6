"""Live holds are paged by their key alone: only the ledger's check does it, every sale paid it."""

from jishi.db import Operation, sql

_DROP = "DROP INDEX ledger_holds_live"

OPERATIONS: tuple[Operation, ...] = (sql(sqlite=_DROP, postgresql=_DROP),)
