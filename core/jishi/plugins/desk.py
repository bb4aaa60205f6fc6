"""A plugin's desk: what the core hands it to work with, and no more than it declared."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import httpx
import structlog
from piccolo.query import Query

from jishi.clock import Clock
from jishi.db import Argument, Database, Table, Transaction, Value
from jishi.effects import Claim, Credit, Debit, DeskEffect, Event, Open, Record, Release, Take
from jishi.egress import Reach, open_client
from jishi.plugins.books import Books
from jishi.plugins.declaration import Declaration
from jishi.plugins.edge import WrongAnswer, check_effects
from jishi.plugins.permits import READS, ScopeMissing, kinds_of, missing
from jishi.plugins.statements import Refused, tables_in

if TYPE_CHECKING:
    from jishi.ledger import Balance, Entry

T = TypeVar("T")
_AT_THE_DESK = (Open, Claim, Take, Release, Credit, Debit, Record, Event)


class Desk:
    """What one plugin works with: ``self.desk``.

    It reads its own tables, and those of rooms whose ``…:read`` scope it declares; it writes its
    own tables and moves ledger accounts of its kinds, in jobs and routes but never in a hook; it
    calls the hosts it declares.

    Args:
        declaration: The plugin's.
        database: The shop's.
        clock: The shop's.
        books: What writes effects.
    """

    def __init__(
        self, declaration: Declaration, database: Database, clock: Clock, books: Books | None
    ) -> None:
        self.log = structlog.get_logger("jishi.plugins").bind(plugin=declaration.label)
        """Lines that are signed with the plugin's name and version."""
        self._declaration = declaration
        self._database = database
        self._clock = clock
        self._books = books
        self._own = frozenset(
            str(table._meta.tablename).lower()
            for table in declaration.tables
            if issubclass(table, Table)
        )

    def now(self) -> datetime:
        """The present moment, in UTC with its zone."""
        return self._clock.now()

    async def fetch(self, sql: str, *args: Argument) -> list[tuple[Value, ...]]:
        """All rows of a SELECT; spelled as `jishi.db` wants it.

        Raises:
            ScopeMissing: It reads what the plugin did not declare, or does not only read.
        """
        self._check(sql, "read")
        return await self._database.fetch(sql, *args)

    async def fetch_as(self, struct: type[T], sql: str, *args: Argument) -> list[T]:
        """All rows of a SELECT as structs, the columns in the order of the fields."""
        self._check(sql, "read")
        return await self._database.fetch_as(struct, sql, *args)

    async def one_as(self, struct: type[T], sql: str, *args: Argument) -> T | None:
        """The first row of a SELECT as a struct, or None."""
        self._check(sql, "read")
        return await self._database.one_as(struct, sql, *args)

    async def run(self, query: Query[Any, Any]) -> list[tuple[Value, ...]]:
        """Run a Piccolo select on a table of its own, or one that a scope allows."""
        text, _ = query.querystrings[0].compile_string("postgres")
        self._check(text, "read")
        return await self._database.run(query)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator["Writing"]:
        """A transaction over the plugin's own tables, for its jobs and routes.

        Raises:
            HookWrites: A hook is being asked: it returns effects, and the core writes.
        """
        async with self._database.transaction() as tx:
            yield Writing(self, tx)

    async def atomically(self, work: "Callable[[Writing], Awaitable[T]]") -> T:
        """Run work in a transaction, again from its beginning after a deadlock or a lost line.

        Args:
            work: Reads, writes and applies effects; it changes nothing but the database.

        Raises:
            HookWrites: A hook is being asked: it returns effects, and the core writes.
        """
        return await self._database.atomically(lambda tx: work(Writing(self, tx)))

    async def balances(self, accounts: Collection[str]) -> "Mapping[str, Balance]":
        """How ledger accounts stand; one that does not exist stands at 0.

        Raises:
            ScopeMissing: An account is of a kind that the plugin does not declare.
        """
        return await self._reads(accounts).balances(self._database, accounts)

    async def statement(
        self, account: str, *, before: str | None = None, limit: int = 50
    ) -> "Sequence[Entry]":
        """The entries of a ledger account, the youngest first.

        Args:
            account: Its id.
            before: Go on after this entry's id.
            limit: At most so many.
        """
        return await self._reads([account]).statement(account, before, limit)

    def _reads(self, accounts: Collection[str]) -> Books:
        """The books, if the plugin may look at these accounts."""
        if "ledger:read" not in self._declaration.scopes:
            kinds = kinds_of(self._declaration)
            for kind in {account.partition(":")[0] for account in accounts} - kinds:
                raise missing(self._declaration, f"reads {kind} accounts", f"ledger:{kind}")
        return self._write()

    def _write(self) -> Books:
        if self._books is None:
            raise RuntimeError("this shop was made without books; furnish the plugins with them")
        return self._books

    def http(self, seconds: float = 10.0, answer_bytes: int = 1_000_000) -> httpx.AsyncClient:
        """A client for the plugin's hosts and no other; whoever opens it closes it.

        Args:
            seconds: The longest a request may take.
            answer_bytes: The largest body of an answer.

        Raises:
            ScopeMissing: The plugin declares no hosts.
        """
        hosts = self._declaration.hosts
        if not hosts:
            raise ScopeMissing(
                f"The plugin {self._declaration.label} calls out, but declares no hosts.",
                next_step='Its author adds hosts=("api.example.com",) to its declaration.',
            )
        return open_client(Reach(hosts=hosts, seconds=seconds, answer_bytes=answer_bytes))

    def _check(self, sql: str, way: str) -> None:
        """Refuse a statement about tables that the plugin may not touch in this way."""
        try:
            tables = tables_in(sql, way)
        except Refused as refusal:
            raise ScopeMissing(
                f"The plugin {self._declaration.label} runs SQL that it may not: {refusal}.",
                next_step="A desk takes one SELECT, or in writing() one INSERT, UPDATE or DELETE.",
            ) from None
        for table in sorted(tables - self._own):
            self._check_foreign(table, way)

    def _check_foreign(self, table: str, way: str) -> None:
        scope = READS.get(table.partition("_")[0])
        if way == "read" and scope in self._declaration.scopes:
            return
        if way == "read" and scope is not None:
            raise missing(self._declaration, f"reads {table}", scope)
        raise ScopeMissing(
            f"The plugin {self._declaration.label} {way}s {table}, which is not its own.",
            next_step="A plugin keeps what it adds in tables of its own, declared in tables=(…).",
        )


class Writing:
    """An open transaction over a plugin's own tables; get it from `Desk.writing`."""

    def __init__(self, desk: Desk, tx: Transaction) -> None:
        self._desk = desk
        self._tx = tx

    async def fetch(self, sql: str, *args: Argument) -> list[tuple[Value, ...]]:
        """All rows of a SELECT, as this transaction sees them."""
        self._desk._check(sql, "read")
        return await self._tx.fetch(sql, *args)

    async def execute(self, sql: str, *args: Argument) -> int:
        """Run one INSERT, UPDATE or DELETE and give the number of rows it touched."""
        self._desk._check(sql, "write")
        return await self._tx.execute(sql, *args)

    async def insert(
        self, table: type[Table], columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> int:
        """Insert many rows at once; those whose unique key is there already stay out."""
        self._desk._check(f"INSERT INTO {table._meta.tablename}", "write")
        return await self._tx.insert(table, columns, rows, on_conflict="ignore")

    async def apply(
        self, effects: Sequence[DeskEffect], owner: str = ""
    ) -> Literal["done", "replayed"]:
        """Put effects in force with this transaction: all of them, or none.

        Every effect has a key of its own, unique within the plugin for ever; the same effects
        again change nothing. What a `Claim` sets aside stays so until a `Take`, a `Release` or
        its time.

        Args:
            effects: Accounts to open and move, rows and events of the plugin's own.
            owner: Whose the claims are and what the entries refer to (a team, a voucher).

        Returns:
            ``replayed`` if everything was in force before.

        Raises:
            NotEnough: An account has not enough; let it end the transaction.
            ScopeMissing: An effect moves what the plugin did not declare, or is none.
            Refused: A claim is gone, or a key was used for something else before.
        """
        declaration = self._desk._declaration
        try:
            kinds = kinds_of(declaration)
            check_effects(declaration.name, kinds, effects, _AT_THE_DESK)
        except WrongAnswer as error:
            raise ScopeMissing(
                f"The plugin {declaration.label} {error}.",
                next_step="A desk writes the effects of jishi.effects, on accounts it declares.",
            ) from None
        return await self._desk._write().apply(self._tx, declaration, effects, owner)

    async def balances(self, accounts: Collection[str]) -> "Mapping[str, Balance]":
        """How ledger accounts stand, as this transaction sees them."""
        return await self._desk._reads(accounts).balances(self._tx, accounts)

    async def enqueue(
        self,
        kind: str,
        payload: dict[str, object],
        *,
        key: str,
        run_at: datetime | None = None,
    ) -> None:
        """Have one of the plugin's own jobs done after the commit, at least once.

        Args:
            kind: The `JobKind`'s name, as `register_jobs` gave it.
            payload: Plain JSON.
            key: Enqueued once per key, as long as finished jobs are kept (a week).
            run_at: Not before, UTC; None: at once.
        """
        books, declaration = self._desk._write(), self._desk._declaration
        await books.enqueue(self._tx, declaration, kind, payload, key, run_at)
