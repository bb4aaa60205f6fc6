"""The ways to read, the same inside and outside a transaction."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from piccolo.query import Query

from jishi.db.errors import DatabaseError
from jishi.db.tables import compiled
from jishi.db.values import Argument, Row, Value, shape

T = TypeVar("T")


class Opener(Protocol):
    """Seals and opens what is sealed at rest."""

    def seal(self, text: str, column: str, row: str = "") -> str:
        """A text as it is stored; without keys it stays as it is."""

    def unseal(self, stored: str, column: str, row: str = "") -> str:
        """The text of a stored value; a clear one comes back as it is."""

    def fingerprint(self, text: str, purpose: str) -> str:
        """What a text is looked up by without being opened."""


class Reads(ABC):
    """What can be asked of a database and of a transaction alike."""

    opener: Opener | None = None
    """Opens the sealed texts in it; the shop that it belongs to hands it over."""

    @abstractmethod
    async def _rows(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        """Run one statement and give its rows as the driver has them."""

    async def fetch(self, sql: str, *args: Argument) -> list[tuple[Value, ...]]:
        """All rows as tuples; columns named ``..._at`` are moments in UTC.

        Args:
            sql: In PostgreSQL's spelling, with ``$1`` for the first argument.
            args: Text, integers, moments with a zone, None; lists inside ``= ANY($n)``.
        """
        return [tuple(row) for row in await self._rows(sql, args)]

    async def fetch_as(
        self, struct: type[T], sql: str | Query[Any, Any], *args: Argument
    ) -> list[T]:
        """All rows as structs, the columns in the order of the struct's fields.

        Args:
            struct: A msgspec Struct, or ``int``, ``str``, ``datetime`` for a single column.
            sql: A statement or a Piccolo query.
            args: What the statement's ``$n`` stand for; none with a query.
        """
        if isinstance(sql, str):
            return shape(struct, await self._rows(sql, args))
        if args:
            raise DatabaseError("a Piccolo query brings its own arguments")
        text, values = compiled(sql)
        return shape(struct, await self._rows(text, values))

    async def one_as(
        self, struct: type[T], sql: str | Query[Any, Any], *args: Argument
    ) -> T | None:
        """The first row as a struct, or None if there is no row."""
        found = await self.fetch_as(struct, sql, *args)
        return found[0] if found else None

    async def run(self, query: Query[Any, Any]) -> list[tuple[Value, ...]]:
        """Run a Piccolo query: select, insert, update, delete, count, exists.

        Rows come as tuples in the order of the query's columns.
        """
        text, values = compiled(query)
        return [tuple(row) for row in await self._rows(text, values)]
