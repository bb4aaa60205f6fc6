"""Tables, as Piccolo describes them; the connections are never Piccolo's.

A query is built with Piccolo's query builder and run by `Database.run` or `Transaction.run`.
Awaiting it directly is an error: that would go around our transactions.

Only four kinds of columns exist on both engines without changing a value: `Text`, `Varchar`,
`BigInt` and `Timestamptz` (for names that end in ``_at``). A column without a stated default has
none: a forgotten value is an error, not an empty text.
"""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any, NoReturn, Unpack

from piccolo import columns
from piccolo.columns.base import ColumnKwargs
from piccolo.engine.base import Engine
from piccolo.query import Query
from piccolo.query.methods.delete import Delete
from piccolo.query.methods.insert import Insert
from piccolo.query.methods.update import Update
from piccolo.table import Table as PiccoloTable

from jishi.db.errors import DatabaseError


class _Compiler(Engine[Any]):
    """Says "PostgreSQL" to Piccolo and refuses to run anything.

    Every query is compiled in PostgreSQL's spelling; `jishi.db.translate` does the rest.
    """

    def __init__(self) -> None:
        # Piccolo's own constructor would connect.
        self.engine_type = "postgres"
        self.log_queries = self.log_responses = False

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise DatabaseError(
            "a Piccolo query was awaited directly; use `await database.run(query)` or "
            "`await tx.run(query)`"
        )

    async def get_version(self) -> float:
        return 18.0

    def get_version_sync(self) -> float:
        return 18.0

    async def prep_database(self) -> None:
        return None

    async def run_querystring(self, querystring: object, in_pool: bool = True) -> NoReturn:
        self._refuse()

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> NoReturn:
        self._refuse()

    async def batch(self, *args: object, **kwargs: object) -> NoReturn:
        self._refuse()

    def transaction(self, *args: object, **kwargs: object) -> NoReturn:
        self._refuse()

    def atomic(self) -> NoReturn:
        self._refuse()


_COMPILER = _Compiler()


class Table(PiccoloTable):
    """A table of the shop: ``class Product(Table, tablename="catalogue_products")``.

    Its primary key is declared: ``id = Text(primary_key=True)``.
    """

    def __init_subclass__(cls, tablename: str | None = None, help_text: str | None = None) -> None:
        super().__init_subclass__(tablename=tablename, db=_COMPILER, help_text=help_text)


# Piccolo gave this class a serial key; tables that name their key otherwise would inherit it.
del Table.id  # type: ignore[attr-defined]


class Text(columns.Text):
    """Text of any length: ids, names, JSON."""

    def __init__(
        self, default: str | Enum | Callable[[], str] | None = None, **kwargs: Unpack[ColumnKwargs]
    ) -> None:
        super().__init__(default=default, **kwargs)


class Varchar(columns.Varchar):
    """Text of at most ``length`` characters; a CHECK enforces it on both engines."""

    def __init__(
        self,
        length: int = 255,
        default: str | Enum | Callable[[], str] | None = None,
        **kwargs: Unpack[ColumnKwargs],
    ) -> None:
        super().__init__(length=length, default=default, **kwargs)


class BigInt(columns.BigInt):
    """A whole number of 64 bits: money in its smallest unit, counts, grams, points, 0 and 1."""

    def __init__(
        self, default: int | Enum | Callable[[], int] | None = None, **kwargs: Unpack[ColumnKwargs]
    ) -> None:
        super().__init__(default=default, **kwargs)


class Timestamptz(columns.Timestamptz):
    """A moment, kept to the microsecond; its column's name ends in ``_at``."""

    def __init__(self, default: datetime | None = None, **kwargs: Unpack[ColumnKwargs]) -> None:
        super().__init__(default=default, **kwargs)


def compiled(query: Query[Any, Any]) -> tuple[str, list[Any]]:
    """A Piccolo query as text in PostgreSQL's spelling and its arguments."""
    query._validate()  # type: ignore[no-untyped-call]
    strings = query.querystrings
    if len(strings) != 1:
        raise DatabaseError(f"the query is {len(strings)} statements; run them one by one")
    return strings[0].compile_string("postgres")


def is_writing(query: Query[Any, Any]) -> bool:
    """Whether a query changes rows and so needs a transaction."""
    return isinstance(query, Insert | Update | Delete)
