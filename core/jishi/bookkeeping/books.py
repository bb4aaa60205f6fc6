"""What plugins' desks write in: effects in jobs and routes, committed with their own rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from jishi.bookkeeping.ledger_part import operations_of
from jishi.bookkeeping.rows import told_of, write_rows
from jishi.db import Database, Transaction
from jishi.effects import Claim, Credit, Debit, DeskEffect, Event, Record
from jishi.events import Happened, Job, emit, enqueue, first_time
from jishi.ledger import Balance, Entry, Group, Refused, Shortage, apply, balances, statement
from jishi.plugins import Declaration, NotEnough
from jishi.shop import Shop


def _moved_stock(effects: Sequence[DeskEffect], prefix: str) -> list[Happened]:
    """Tells all processes whose stock moved, so that their pages show it."""
    moved = [
        one
        for one in effects
        if isinstance(one, Credit | Debit | Claim) and one.account.startswith("stock:")
    ]
    return [
        Happened(
            name="stock.moved",
            subject=one.account.split(":", 1)[1].rpartition(":")[0],
            data={},
            key=f"{prefix}:moved:{one.key}",
        )
        for one in moved
    ]


class Bookkeeper:
    """Writes what plugins ask for at their desks.

    Args:
        shop: The shop.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def apply(
        self, tx: Transaction, declaration: Declaration, effects: Sequence[DeskEffect], owner: str
    ) -> Literal["done", "replayed"]:
        """Put effects in force, all or none; a repeat changes nothing.

        Args:
            tx: The plugin's open transaction.
            declaration: The plugin's.
            effects: Checked already.
            owner: Whose holds the claims are; empty for the plugin's own.

        Raises:
            NotEnough: An account has not enough; nothing is written.
            Refused: A claim is gone, or a key was used for something else.
        """
        prefix = f"desk:{declaration.name}"
        done = await self._move(tx, declaration, effects, owner or prefix)
        if done:
            await emit(tx, self._shop, _moved_stock(effects, prefix))
        rows = [each for each in effects if isinstance(each, Record | Event)]
        new = [
            one for one in rows if await first_time(tx, prefix, one.key, self._shop.clock.now())
        ]
        records = [(declaration.label, one) for one in new if isinstance(one, Record)]
        await write_rows(tx, self._shop, records, "desk")
        events = [one for one in new if isinstance(one, Event)]
        await emit(tx, self._shop, [told_of(one, owner, prefix) for one in events])
        return "done" if new or done else "replayed"

    async def _move(
        self, tx: Transaction, declaration: Declaration, effects: Sequence[DeskEffect], owner: str
    ) -> bool:
        """Whether the ledger did something."""
        prefix = f"desk:{declaration.name}"
        operations = operations_of(declaration.label, effects, prefix, owner)
        if not operations:
            return False
        group = Group(operations=tuple(operations), source=declaration.label, reference=owner)
        (outcome,) = await apply(tx, [group], self._shop.clock.now())
        for refusal in outcome.refusals:
            if isinstance(refusal, Shortage):
                raise NotEnough(
                    refusal.refusal
                    or f"{refusal.account} has {refusal.available}, {refusal.wanted} are wanted.",
                    next_step="Ask for less.",
                    account=refusal.account,
                    available=refusal.available,
                )
        if outcome.refusals:
            raise Refused(outcome.refusals)
        return outcome.replayed == "no"

    async def enqueue(
        self,
        tx: Transaction,
        declaration: Declaration,
        kind: str,
        payload: dict[str, object],
        key: str,
        run_at: datetime | None,
    ) -> None:
        """Have one of the plugin's own jobs done after the commit."""
        name = declaration.name
        job = Job(kind=f"{name}.{kind}", payload=payload, key=f"{name}:{key}", run_at=run_at)
        await enqueue(tx, self._shop, [job])

    async def balances(
        self, reader: Database | Transaction, accounts: Collection[str]
    ) -> Mapping[str, Balance]:
        """How accounts stand; one that does not exist stands at 0."""
        return await balances(reader, accounts)

    async def statement(self, account: str, before: str | None, limit: int) -> list[Entry]:
        """The entries of an account, the youngest first."""
        return await statement(self._shop.database, account, before=before, limit=limit)
