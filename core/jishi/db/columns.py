"""How a column is spelled in CREATE TABLE."""

from datetime import datetime
from enum import Enum
from typing import Any, Literal

from piccolo import columns
from piccolo.columns.base import Column

from jishi.db.constraints import identifier
from jishi.db.engines import Dialect
from jishi.db.errors import DatabaseError
from jishi.db.values import Value, micros

_TYPES: dict[type[Column], tuple[str, str]] = {
    # byte order on both engines: SQLite's default, and what an index on ids wants
    columns.Text: ("TEXT", 'TEXT COLLATE "C"'),
    columns.Varchar: ("TEXT", 'TEXT COLLATE "C"'),
    columns.BigInt: ("INTEGER", "BIGINT"),
    columns.Timestamptz: ("INTEGER", "TIMESTAMPTZ"),
}


def column_clause(
    column: Column,
    table: str,
    dialect: Dialect,
    key: Literal["here", "elsewhere"],
    existing: Value = None,
) -> str:
    """A column's part of CREATE TABLE or ADD COLUMN.

    Args:
        column: As Piccolo describes it.
        table: For the names of its constraints.
        dialect: For whom.
        key: Whether a primary key is declared here or for the table as a whole.
        existing: The default, instead of the column's own.

    Raises:
        DatabaseError: The column is of a kind, or has a name, that loses values on one engine.
    """
    name = column._meta.db_column_name
    parts = [identifier(name), type_of(column, f"{table}.{name}")[dialect == "postgresql"]]
    if not column._meta.null:
        parts.append("NOT NULL")
    default = default_of(column) if existing is None else existing
    if default is not None:
        parts.append(f"DEFAULT {literal(default, dialect)}")
    if column._meta.primary_key and key == "here":
        parts.append(f"CONSTRAINT {identifier(f'{table}_pkey')} PRIMARY KEY")
    if column._meta.unique:
        parts.append(f"CONSTRAINT {identifier(f'{table}_{name}_key')} UNIQUE")
    if isinstance(column, columns.Varchar):
        label = identifier(f"{table}_{name}_length")
        parts.append(f"CONSTRAINT {label} CHECK (length({identifier(name)}) <= {column.length})")
    return " ".join(parts)


def type_of(column: Column, where: str) -> tuple[str, str]:
    """How its kind is spelled on SQLite and on PostgreSQL.

    Raises:
        DatabaseError: The kind or the name would lose values on one engine.
    """
    types = next((pair for kind, pair in _TYPES.items() if isinstance(column, kind)), None)
    if types is None:
        raise DatabaseError(
            f"{where} is a {type(column).__name__}; only Text, Varchar, BigInt and Timestamptz "
            "keep their values on both engines (a key is declared: id = Text(primary_key=True))"
        )
    if isinstance(column, columns.Timestamptz) != where.endswith("_at"):
        raise DatabaseError(f"{where}: a moment's name ends in _at, and no other's does")
    return types


def default_of(column: Column) -> Any:
    """The default that the database gives; one that Python computes is none of its."""
    default = column._meta.params.get("default")
    return None if callable(default) else default


def literal(value: object, dialect: Dialect) -> str:
    """A default as it is written in a statement."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, datetime):
        return str(micros(value)) if dialect == "sqlite" else f"'{value.isoformat()}'"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    raise DatabaseError(f"{value!r} can not be a default; expected text, a number or a moment")
