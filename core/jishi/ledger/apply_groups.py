"""Apply groups of operations: lock, decide in order, write in bulk; the one way in."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from jishi.db import Transaction, Value, padded
from jishi.identifiers import new_id
from jishi.ledger import sql
from jishi.ledger.decide import Book
from jishi.ledger.lines import EntryLine, HoldLine, Standing
from jishi.ledger.operations import Credit, Group, Hold, Open, Operation, Post, Void
from jishi.ledger.problems import NotAsDecided, Refused
from jishi.ledger.structs import Outcome
from jishi.ledger.tables import LedgerAccount, LedgerEntry, LedgerHold


async def apply(tx: Transaction, groups: Sequence[Group], now: datetime) -> list[Outcome]:
    """Decide groups in their order and put the possible ones in force, each whole or not at all.

    The number of statements does not depend on the number of groups. Accounts are locked in the
    order of their ids, so calls of several processes meet there and never block each other in a
    ring; whoever has to touch accounts twice in one transaction takes that promise back.

    Args:
        tx: An open transaction; nothing is in force before it commits.
        groups: Up to some hundreds.
        now: The shop's time.

    Returns:
        One outcome per group, in the same order. A refused group wrote nothing, except that
        accounts it would have opened or credited may exist, empty.

    Raises:
        NotAsDecided: Rows are not what was read under lock; somebody writes past the ledger.
        Conflict: An operation key is being used at this moment on another account.
    """
    operations = [operation for group in groups for operation in group.operations]
    book = await _open_book(tx, operations, now)
    before = {
        account: (standing.balance, standing.held) for account, standing in book.accounts.items()
    }
    outcomes = [book.decide(group) for group in groups]
    await _move(tx, book, before)
    await _end(tx, book, now)
    await _enter(tx, book, now)
    return outcomes


async def apply_one(tx: Transaction, group: Group, now: datetime) -> Outcome:
    """Put one group in force.

    Raises:
        Refused: It is not possible; carries the refusals.
    """
    (outcome,) = await apply(tx, [group], now)
    if outcome.refusals:
        raise Refused(outcome.refusals)
    return outcome


async def _open_book(tx: Transaction, operations: list[Operation], now: datetime) -> Book:
    """Everything the decisions rest on, read after the accounts are locked."""
    ends = {one.hold for one in operations if isinstance(one, Post | Void)}
    await _make_accounts(tx, operations, now)
    accounts = {one.account for one in operations if not isinstance(one, Post | Void)}
    if ends:
        accounts |= {str(row[0]) for row in await tx.fetch(sql.HOLD_ACCOUNTS, sorted(ends))}
    locked = await tx.fetch(sql.LOCK, sorted(accounts)) if accounts else []
    standings = {
        str(account): Standing(_int(balance), _int(held), _int(floor))
        for account, balance, held, floor in locked
    }
    # A hold's account never changes, and neither keys nor holds of a locked account can.
    holds, entries = await _known(tx, operations, ends)
    return Book(standings, holds, entries)


async def _make_accounts(tx: Transaction, operations: list[Operation], now: datetime) -> None:
    """Make what credits and openings name, empty, before anything is locked."""
    named: dict[str, Open | None] = {}
    for one in operations:
        if isinstance(one, Open) or (isinstance(one, Credit) and one.account not in named):
            named[one.account] = one if isinstance(one, Open) else None
    if not named:
        return
    rows: list[list[Value]] = []
    for account in sorted(named):
        opened = named[account] or Open(account=account)
        kind = account.partition(":")[0]
        rows.append([account, kind, 0, 0, opened.floor, opened.unit, now])
    columns = ["id", "kind", "balance", "held", "floor", "unit", "created_at"]
    await tx.insert(LedgerAccount, columns, rows, on_conflict="ignore")


async def _known(
    tx: Transaction, operations: list[Operation], ends: Collection[str]
) -> tuple[dict[str, HoldLine], dict[str, EntryLine]]:
    """The holds and entries that stand under the operations' keys already."""
    held = {one.key for one in operations if isinstance(one, Hold)} | set(ends)
    ending = {one.key for one in operations if isinstance(one, Post | Void)} if ends else set()
    entered = {one.key for one in operations if not isinstance(one, Hold)}
    holds: dict[str, HoldLine] = {}
    entries: dict[str, EntryLine] = {}
    for key, account, amount, owner, state, ended_key in await tx.fetch(
        sql.KNOWN, sorted(held), sorted(ending), sorted(entered)
    ):
        if state == "entry":
            entries[str(key)] = EntryLine(str(account), str(owner), _int(amount))
        else:
            ended = _text(ended_key)
            what = (str(account), _int(amount), str(owner), _state(state), ended)
            holds[str(key)] = HoldLine(*what)
    return holds, entries


async def _move(tx: Transaction, book: Book, before: dict[str, tuple[int, int]]) -> None:
    moves: list[list[Value]] = []
    for account in sorted(book.accounts):
        standing, (balance, held) = book.accounts[account], before.get(account, (0, 0))
        if (standing.balance, standing.held) != (balance, held):
            moves.append([account, standing.balance - balance, standing.held - held])
    if moves:
        size, values = padded(moves)
        _expect(await tx.execute(sql.move(size), *values), len(moves), "accounts")


async def _end(tx: Transaction, book: Book, now: datetime) -> None:
    """End the holds that were live before this call; younger ones are written as they ended."""
    ends: list[list[Value]] = [
        [hold, book.holds[hold].state, key, now]
        for hold, key in book.new_ends.items()
        if hold not in book.new_holds
    ]
    if ends:
        size, values = padded(ends)
        _expect(await tx.execute(sql.end_holds(size), *values), len(ends), "holds")


async def _enter(tx: Transaction, book: Book, now: datetime) -> None:
    holds: list[list[Value]] = []
    for key, (hold, group) in book.new_holds.items():
        line = book.holds[key]
        ended_at = None if line.state == "held" else now
        what: list[Value] = [key, hold.account, hold.amount, line.state, hold.owner]
        source = hold.source or group.source
        holds.append([*what, source, now, hold.expires_at, ended_at, line.ended_key])
    entries: list[list[Value]] = []
    for key, group in book.new_entries.items():
        entry = book.entries[key]
        what = [new_id(), entry.account, entry.operation, entry.amount, key, entry.reason]
        entries.append([*what, entry.source or group.source, group.reference, now])
    await tx.insert(LedgerHold, _HOLD_COLUMNS, holds)
    await tx.insert(LedgerEntry, _ENTRY_COLUMNS, entries)


_HOLD_COLUMNS = (
    "key", "account", "amount", "state", "owner", "source",
    "held_at", "expires_at", "ended_at", "ended_key",
)  # fmt: skip

_ENTRY_COLUMNS = (
    "id", "account", "operation", "amount", "key", "reason", "source", "reference", "entered_at",
)  # fmt: skip


def _expect(touched: int, decided: int, what: str) -> None:
    if touched != decided:
        raise NotAsDecided(f"{decided} {what} were to change, {touched} did")


def _int(value: Value) -> int:
    assert isinstance(value, int)  # noqa: S101 the column's type
    return value


def _state(value: Value) -> Literal["held", "posted", "voided"]:
    return "held" if value == "held" else "posted" if value == "posted" else "voided"


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
