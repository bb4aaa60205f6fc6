"""Who writes what plugins ask for at their desks; the shop brings it, far above this room."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from jishi.db import Database, Transaction
from jishi.effects import DeskEffect
from jishi.plugins.declaration import Declaration

if TYPE_CHECKING:
    from jishi.ledger import Balance, Entry


class Books(Protocol):
    """The ledger, the events and the jobs, as far as a desk needs them."""

    async def apply(
        self, tx: Transaction, declaration: Declaration, effects: Sequence[DeskEffect], owner: str
    ) -> Literal["done", "replayed"]:
        """Put effects in force, all or none."""

    async def enqueue(
        self,
        tx: Transaction,
        declaration: Declaration,
        kind: str,
        payload: dict[str, object],
        key: str,
        run_at: datetime | None,
    ) -> None:
        """Have one of the plugin's jobs done after the commit."""

    async def balances(
        self, reader: Database | Transaction, accounts: Collection[str]
    ) -> "Mapping[str, Balance]":
        """How accounts stand."""

    async def statement(self, account: str, before: str | None, limit: int) -> "Sequence[Entry]":
        """The entries of an account, the youngest first."""
