"""Read how accounts stand and how they came to it."""

from collections.abc import Collection

from jishi.db import Database, Transaction
from jishi.ledger import sql
from jishi.ledger.structs import Balance, Entry


class _Row(Balance, frozen=True):
    id: str = ""


async def balances(
    reader: Database | Transaction, accounts: Collection[str]
) -> dict[str, Balance]:
    """How accounts stand; one that does not exist stands at 0."""
    if not accounts:
        return {}
    rows = await reader.fetch_as(_Row, sql.BALANCES, sorted(set(accounts)))
    found: dict[str, Balance] = {row.id: row for row in rows}
    nothing = Balance()
    return {account: found.get(account, nothing) for account in accounts}


async def statement(
    reader: Database | Transaction, account: str, *, before: str | None = None, limit: int = 50
) -> list[Entry]:
    """The entries of an account, the youngest first.

    Args:
        reader: Where to read.
        account: The account's id.
        before: Go on after this entry's id.
        limit: At most so many.
    """
    return await reader.fetch_as(Entry, sql.STATEMENT, account, before or "~", limit)


async def find_account(reader: Database | Transaction, account: str) -> Balance | None:
    """How an account stands, None if it does not exist."""
    return await reader.one_as(_Row, sql.BALANCES, [account])
