"""The steps a migration is made of; each knows its statements for both engines.

A migration describes the tables as they were when it was written: its module declares them again
and never imports the room's ``tables``, which go on changing.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from jishi.db.columns import column_clause
from jishi.db.constraints import Constraint, PrimaryKey, identifier
from jishi.db.engines import Dialect
from jishi.db.errors import DatabaseError
from jishi.db.tables import Table
from jishi.db.values import Value


class Operation(Protocol):
    """A step of a migration."""

    def statements(self, dialect: Dialect) -> Sequence[str]:
        """What is run, one after the other, in that engine's own spelling."""


class CreateTable(msgspec.Struct, frozen=True):
    """See `create_table`."""

    table: type[Table]
    constraints: tuple[Constraint, ...]

    def statements(self, dialect: Dialect) -> Sequence[str]:
        """CREATE TABLE with all its promises inside, then its plain indexes."""
        name = self.table._meta.tablename
        composite = any(isinstance(one, PrimaryKey) for one in self.constraints)
        columns = [
            column_clause(one, name, dialect, key="elsewhere" if composite else "here")
            for one in self.table._meta.columns
        ]
        promises = [one.clause(name) for one in self.constraints]
        body = ",\n  ".join((*columns, *promises))
        strict = " STRICT" if dialect == "sqlite" else ""
        indexes = [
            create_index(f"{name}_{column}_idx", name, column)
            for one in self.table._meta.columns
            if one._meta.index and (column := one._meta.db_column_name)
        ]
        return [
            f"CREATE TABLE {identifier(name)} (\n  {body}\n){strict}",
            *(statement for index in indexes for statement in index.statements(dialect)),
        ]


class AddColumn(msgspec.Struct, frozen=True):
    """See `add_column`."""

    table: type[Table]
    column: str
    existing: Value

    def statements(self, dialect: Dialect) -> Sequence[str]:
        """ALTER TABLE … ADD COLUMN."""
        name = self.table._meta.tablename
        column = self.table._meta.get_column_by_name(self.column, match_db_column_name=True)
        if column._meta.unique or column._meta.primary_key:
            raise DatabaseError(
                f"{name}.{self.column}: SQLite can not add a unique column; add it plain and "
                "`create_unique_index` after it"
            )
        clause = column_clause(column, name, dialect, key="elsewhere", existing=self.existing)
        return [f"ALTER TABLE {identifier(name)} ADD COLUMN {clause}"]


class Index(msgspec.Struct, frozen=True):
    """See `create_index` and `create_unique_index`."""

    kind: str
    name: str
    table: str
    columns: tuple[str, ...]
    where: str

    def statements(self, dialect: Dialect) -> Sequence[str]:
        """CREATE INDEX."""
        tail = f" WHERE {self.where}" if self.where else ""
        return [
            f"CREATE {self.kind} {identifier(self.name)} ON {identifier(self.table)} "
            f"({', '.join(self.columns)}){tail}"
        ]


class Sql(msgspec.Struct, frozen=True):
    """See `sql`."""

    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]

    def statements(self, dialect: Dialect) -> Sequence[str]:
        """What was given for the engine."""
        return self.sqlite if dialect == "sqlite" else self.postgresql


class Immutable(msgspec.Struct, frozen=True):
    """See `immutable`."""

    table: str

    def statements(self, dialect: Dialect) -> Sequence[str]:
        """Triggers that refuse in the words of a CHECK, so that both engines give `Conflict`."""
        name = f"{self.table}_immutable"
        table, identity = identifier(self.table), identifier(name)
        if dialect == "sqlite":
            return [
                f"CREATE TRIGGER {identifier(f'{name}_{verb}')} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {name}'); END"
                for verb in ("update", "delete")
            ]
        return [
            f"CREATE FUNCTION {identity}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION 'rows of {self.table} are never changed' USING "
            f"ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = '{self.table}'; "
            "END $$",
            f"CREATE TRIGGER {identity} BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {identity}()",
            f"CREATE TRIGGER {identifier(f'{name}_truncate')} BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {identity}()",
        ]


def create_table(table: type[Table], constraints: Iterable[Constraint] = ()) -> CreateTable:
    """A new table, STRICT on SQLite, text sorted by its bytes on both engines.

    Args:
        table: As Piccolo describes it.
        constraints: `check`, `unique`, `references`, `primary_key`.
    """
    return CreateTable(table, tuple(constraints))


def add_column(table: type[Table], column: str, existing: Value = None) -> AddColumn:
    """One more column.

    Args:
        table: With the column already in it.
        column: Its name.
        existing: What the rows that are there get; also the default from now on. It may be None
            if the column may be.
    """
    return AddColumn(table, column, existing)


def create_index(name: str, table: str, *columns: str, where: str = "") -> Index:
    """A way to find rows fast.

    Args:
        name: Its name in the database.
        table: Whose rows.
        columns: In order of the search; ``"created_at DESC"`` is allowed.
        where: For a partial index, the rows it holds.
    """
    return Index("INDEX", name, table, columns, where)


def create_unique_index(name: str, table: str, *columns: str, where: str = "") -> Index:
    """No two rows (of those ``where`` names) are alike; `Conflict.constraint` is its name."""
    return Index("UNIQUE INDEX", name, table, columns, where)


def sql(*, sqlite: str | Sequence[str] = (), postgresql: str | Sequence[str] = ()) -> Sql:
    """Statements in each engine's own spelling; none for an engine that needs none."""
    return Sql(_several(sqlite), _several(postgresql))


def immutable(table: str) -> Immutable:
    """Rows are added and never changed or removed: UPDATE and DELETE are a `Conflict`."""
    return Immutable(table)


def drop_table(table: str) -> Sql:
    """The table and its rows go."""
    statement = f"DROP TABLE {identifier(table)}"
    return sql(sqlite=statement, postgresql=statement)


def _several(statements: str | Sequence[str]) -> tuple[str, ...]:
    return (statements,) if isinstance(statements, str) else tuple(statements)
