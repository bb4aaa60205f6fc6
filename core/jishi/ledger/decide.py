"""Decide groups, one after the other, on what was read under lock: pure, no database."""

from typing import assert_never

from jishi.ledger.lines import Ended, EntryLine, HoldLine, Standing
from jishi.ledger.operations import Credit, Debit, Group, Hold, Open, Operation, Post, Void
from jishi.ledger.structs import HoldGone, KeyReused, Outcome, Refusal, Shortage


def room(standing: Standing) -> int:
    """What may be taken from an account: the one place that says no."""
    return standing.balance - standing.held - standing.floor


class Book:
    """Accounts, holds and entries that a call touches, with every decision so far worked in.

    Args:
        accounts: All that exist among the named ones, locked.
        holds: All that exist among the named ones, by key.
        entries: All whose keys are named, by key.
    """

    def __init__(
        self,
        accounts: dict[str, Standing],
        holds: dict[str, HoldLine],
        entries: dict[str, EntryLine],
    ) -> None:
        self.accounts = accounts
        self.holds = holds
        self.entries = entries
        self.ended = {line.ended_key: key for key, line in holds.items() if line.ended_key}
        self.new_entries: dict[str, Group] = {}
        self.new_holds: dict[str, tuple[Hold, Group]] = {}
        self.new_ends: dict[str, str] = {}

    def decide(self, group: Group) -> Outcome:
        """Work a group in, or leave everything as it was and say why."""
        page = _Page(self, group)
        for operation in group.operations:
            page.take(operation)
        if page.repeated and page.fresh:  # half of it was there: these are two different groups
            page.refusals.append(KeyReused(key=page.repeated[0]))
        if page.refusals:
            return Outcome(refusals=tuple(page.refusals))
        self.accounts.update(page.accounts)
        self.holds.update(page.holds)
        self.ended.update(page.ended)
        self.new_ends.update((hold, key) for key, hold in page.ended.items())
        self.entries.update(page.entries)
        self.new_entries.update(dict.fromkeys(page.entries, group))
        self.new_holds.update((key, (hold, group)) for key, hold in page.held.items())
        return Outcome(replayed="no" if page.fresh or page.entries else "yes")


class _Page:
    """One group's changes, on top of the book and forgotten unless all of them are possible."""

    def __init__(self, book: Book, group: Group) -> None:
        self.book = book
        self.group = group
        self.accounts: dict[str, Standing] = {}
        self.holds: dict[str, HoldLine] = {}
        self.held: dict[str, Hold] = {}
        self.ended: dict[str, str] = {}
        self.entries: dict[str, EntryLine] = {}
        self.refusals: list[Refusal] = []
        self.repeated: list[str] = []
        self.fresh = 0

    def take(self, operation: Operation) -> None:
        match operation:
            case Hold():
                self._hold(operation)
            case Post() | Void():
                self._end(operation)
            case Credit():
                self._enter(operation, "credit", operation.amount, operation.reason)
            case Debit():
                self._enter(operation, "debit", -operation.amount, operation.reason)
            case Open():
                if operation.balance and not self._entry(operation.key):
                    self._enter(operation, "open", operation.balance, "opened")
            case _:
                assert_never(operation)

    def _hold(self, hold: Hold) -> None:
        known = self.holds.get(hold.key) or self.book.holds.get(hold.key)
        if known:
            same = (known.account, known.amount, known.owner) == (
                hold.account,
                hold.amount,
                hold.owner,
            )
            self._seen_before(hold.key, same)
        elif standing := self._with_room(hold):
            standing.held += hold.amount
            self.holds[hold.key] = HoldLine(hold.account, hold.amount, hold.owner, "held", None)
            self.held[hold.key] = hold
            self.fresh += 1

    def _end(self, operation: Post | Void) -> None:
        state: Ended = "posted" if isinstance(operation, Post) else "voided"
        line = self.holds.get(operation.hold) or self.book.holds.get(operation.hold)
        used_for = self.ended.get(operation.key) or self.book.ended.get(operation.key)
        if used_for or self._entry(operation.key):
            same = used_for == operation.hold and line is not None and line.state == state
            self._seen_before(operation.key, same)
        elif line is None:
            self.refusals.append(HoldGone(hold=operation.hold, state="missing"))
        elif line.state == "held":
            self._end_live(operation, line, state)
        elif line.state == "posted" or state == "posted":
            self.refusals.append(HoldGone(hold=operation.hold, state=line.state))

    def _end_live(self, operation: Post | Void, line: HoldLine, state: Ended) -> None:
        standing = self._standing(line.account)
        standing.held -= line.amount
        if state == "posted":
            standing.balance -= line.amount
            entry = EntryLine(line.account, "post", -line.amount, operation.hold)
            self.entries[operation.key] = entry
        self.holds[operation.hold] = HoldLine(
            line.account, line.amount, line.owner, state, operation.key
        )
        self.ended[operation.key] = operation.hold
        self.fresh += 1

    def _enter(
        self, operation: Credit | Debit | Open, name: str, amount: int, reason: str
    ) -> None:
        account, key = operation.account, operation.key
        if known := self._entry(key):
            same = (known.account, known.operation, known.amount) == (account, name, amount)
            self._seen_before(key, same)
            return
        standing = (
            self._with_room(operation) if isinstance(operation, Debit) else self._standing(account)
        )
        if standing:
            standing.balance += amount
            source = "" if isinstance(operation, Open) else operation.source
            self.entries[key] = EntryLine(account, name, amount, reason, source)
            # An opening belongs to the account, not to the group that happened to bring it.
            self.fresh += not isinstance(operation, Open)

    def _seen_before(self, key: str, same: bool) -> None:
        if same:
            self.repeated.append(key)
        else:
            self.refusals.append(KeyReused(key=key))

    def _with_room(self, operation: Hold | Debit) -> Standing | None:
        standing = self._standing(operation.account)
        if operation.amount <= room(standing):
            return standing
        self._refuse(operation)
        return None

    def _refuse(self, operation: Hold | Debit) -> None:
        account = operation.account
        if any(isinstance(one, Shortage) and one.account == account for one in self.refusals):
            return
        wanted = sum(
            one.amount
            for one in self.group.operations
            if isinstance(one, Hold | Debit) and one.account == account
        )
        before = self.book.accounts.get(account)
        self.refusals.append(
            Shortage(
                account=account,
                wanted=wanted,
                available=max(0, room(before)) if before else 0,
                refusal=operation.refusal,
            )
        )

    def _standing(self, account: str) -> Standing:
        if account not in self.accounts:
            found = self.book.accounts.get(account) or Standing()
            self.accounts[account] = Standing(found.balance, found.held, found.floor)
        return self.accounts[account]

    def _entry(self, key: str) -> EntryLine | None:
        return self.entries.get(key) or self.book.entries.get(key)
