"""What a table promises about its rows, spelled the same on both engines."""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from jishi.db.errors import DatabaseError

OnDelete = Literal["restrict", "cascade"]
_LONGEST_NAME = 63  # PostgreSQL cuts longer identifiers silently


class Constraint(Protocol):
    """A promise of a table."""

    def clause(self, table: str) -> str:
        """Its part of CREATE TABLE."""


class Check(msgspec.Struct, frozen=True):
    """See `check`."""

    rule: str
    name: str

    def clause(self, table: str) -> str:
        """``CONSTRAINT … CHECK (…)``."""
        return f"CONSTRAINT {identifier(self.name)} CHECK ({self.rule})"


class Unique(msgspec.Struct, frozen=True):
    """See `unique`."""

    columns: tuple[str, ...]

    def clause(self, table: str) -> str:
        """``CONSTRAINT … UNIQUE (…)``, named as PostgreSQL would."""
        name = identifier("_".join((table, *self.columns, "key")))
        return f"CONSTRAINT {name} UNIQUE ({name_list(self.columns)})"


class PrimaryKey(msgspec.Struct, frozen=True):
    """See `primary_key`."""

    columns: tuple[str, ...]

    def clause(self, table: str) -> str:
        """``CONSTRAINT … PRIMARY KEY (…)``."""
        name = identifier(f"{table}_pkey")
        return f"CONSTRAINT {name} PRIMARY KEY ({name_list(self.columns)})"


class References(msgspec.Struct, frozen=True):
    """See `references`."""

    column: str
    table: str
    target: str
    on_delete: OnDelete

    def clause(self, table: str) -> str:
        """``CONSTRAINT … FOREIGN KEY (…) REFERENCES …``."""
        name = identifier(f"{table}_{self.column}_fkey")
        action = "NO ACTION" if self.on_delete == "restrict" else "CASCADE"
        return (
            f"CONSTRAINT {name} FOREIGN KEY ({identifier(self.column)}) "
            f"REFERENCES {identifier(self.table)} ({identifier(self.target)}) ON DELETE {action}"
        )


def check(rule: str, name: str) -> Check:
    """Every row keeps to a rule.

    Args:
        rule: SQL both engines understand: ``"reserved <= on_hand"``.
        name: What `Conflict.constraint` says when it is broken: ``"stock_reserved_on_hand"``.
    """
    return Check(rule, name)


def unique(*columns: str) -> Unique:
    """No two rows are alike in these columns; its name is ``{table}_{columns}_key``."""
    return Unique(columns)


def primary_key(*columns: str) -> PrimaryKey:
    """The key of a table whose key has several columns; replaces the column's own.

    Piccolo wants one column marked ``primary_key=True``; mark the first.
    """
    return PrimaryKey(columns)


def references(
    column: str, table: str, target: str = "id", on_delete: OnDelete = "restrict"
) -> References:
    """A column names a row of another table (or NULL).

    Args:
        column: Ours.
        table: Theirs; it exists already.
        target: Its column, unique there.
        on_delete: ``"cascade"`` lets our row go with theirs; otherwise theirs has to stay.
    """
    return References(column, table, target, on_delete)


def identifier(name: str) -> str:
    """A quoted name.

    Raises:
        DatabaseError: PostgreSQL would cut it.
    """
    if len(name.encode()) > _LONGEST_NAME or '"' in name:
        raise DatabaseError(f"{name!r} is no name for the database; expected up to 63 letters")
    return f'"{name}"'


def name_list(names: Sequence[str]) -> str:
    """Quoted names with commas between."""
    return ", ".join(identifier(name) for name in names)
