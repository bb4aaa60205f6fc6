"""A plugin's desk: what the core hands it to work with, and no more than it declared."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

import httpx
import structlog
from piccolo.query import Query

from jishi.clock import Clock
from jishi.db import Argument, Database, Table, Transaction, Value
from jishi.egress import Reach, open_client
from jishi.plugins.declaration import Declaration
from jishi.plugins.permits import READS, ScopeMissing, missing
from jishi.plugins.statements import Refused, tables_in

T = TypeVar("T")


class Desk:
    """What one plugin works with: ``self.desk``.

    It reads its own tables, and those of rooms whose ``…:read`` scope it declares; it writes its
    own tables, in jobs and routes but never in a hook; it calls the hosts it declares.

    Args:
        declaration: The plugin's.
        database: The shop's.
        clock: The shop's.
    """

    def __init__(self, declaration: Declaration, database: Database, clock: Clock) -> None:
        self.log = structlog.get_logger("jishi.plugins").bind(plugin=declaration.label)
        """Lines that are signed with the plugin's name and version."""
        self._declaration = declaration
        self._database = database
        self._clock = clock
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
