"""A table becomes another one and keeps its rows: what ALTER can not do on SQLite.

SQLite copies the rows into a new table of the wanted shape and gives it the old one's name, with
every index and trigger that was there; PostgreSQL alters what differs. Both are part of the
migration's one transaction, so a kill at any moment leaves the old table.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from jishi.db.columns import column_clause, default_of, literal, type_of
from jishi.db.constraints import Constraint, identifier, name_list
from jishi.db.engines import Dialect
from jishi.db.operations import CreateTable
from jishi.db.tables import Table
from jishi.db.transaction import Transaction

_NAMED = re.compile(r'CONSTRAINT "([^"]+)" (?:UNIQUE|CHECK|FOREIGN)')
_KEPT = """
SELECT sql FROM sqlite_master WHERE tbl_name = $1 AND type IN ('index', 'trigger')
AND sql IS NOT NULL ORDER BY type, name
"""
_SQLITE_COLUMNS = "SELECT name FROM pragma_table_info($1)"
_COLUMNS = """
SELECT attname::text FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
"""
_PROMISES = """
SELECT conname::text, contype::text FROM pg_constraint
WHERE conrelid = to_regclass($1) AND contype IN ('c', 'u', 'f')
"""


class RebuildTable(msgspec.Struct, frozen=True):
    """See `rebuild_table`."""

    table: type[Table]
    constraints: tuple[Constraint, ...]
    fill: Mapping[str, str]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table._meta.tablename

    def statements(self, dialect: Dialect) -> Sequence[str]:
        """Nothing can be said before the database is looked at; see `found`."""
        return ()

    async def found(self, tx: Transaction, dialect: Dialect) -> Sequence[str]:
        """What is to be run, seeing what is there."""
        return await (self._sqlite(tx) if dialect == "sqlite" else self._postgresql(tx))

    @property
    def _columns(self) -> dict[str, str]:
        """Each column's name and what its value is made of."""
        names = [one._meta.db_column_name for one in self.table._meta.columns]
        return {name: self.fill.get(name, identifier(name)) for name in names}

    def _without_indexes(self, dialect: Dialect) -> str:
        return CreateTable(self.table, self.constraints).statements(dialect)[0]

    async def _sqlite(self, tx: Transaction) -> Sequence[str]:
        name, new = identifier(self.name), identifier(f"{self.name}__new")
        there = set(await tx.fetch_as(str, _SQLITE_COLUMNS, self.name))
        copied = {one: of for one, of in self._columns.items() if one in there or one in self.fill}
        kept = await tx.fetch_as(str, _KEPT, self.name)
        return [
            self._without_indexes("sqlite").replace(f"CREATE TABLE {name}", f"CREATE TABLE {new}"),
            f"INSERT INTO {new} ({name_list(list(copied))}) "
            f"SELECT {', '.join(copied.values())} FROM {name}",
            f"DROP TABLE {name}",
            f"ALTER TABLE {new} RENAME TO {name}",
            *kept,
        ]

    async def _postgresql(self, tx: Transaction) -> Sequence[str]:
        alter = f"ALTER TABLE {identifier(self.name)}"
        there = set(await tx.fetch_as(str, _COLUMNS, f'"{self.name}"'))
        promises = await tx.fetch(_PROMISES, f'"{self.name}"')
        kinds = {str(one): str(kind) for one, kind in promises}
        wanted = self._promises()
        # Others may refer to a unique key; CHECKs and references may have changed under a name.
        gone = [one for one, kind in kinds.items() if one not in wanted or kind != "u"]
        new = [one for one in self._columns if one not in there]
        left = sorted(there - {*self._columns})
        fill = ", ".join(f"{identifier(one)} = {of}" for one, of in self.fill.items())
        return [
            *(f"{alter} ADD COLUMN {self._plain(one)}" for one in new),
            *([f"UPDATE {identifier(self.name)} SET {fill}"] if fill else []),
            *(f"{alter} DROP CONSTRAINT {identifier(one)}" for one in gone),
            *(f"{alter} {change}" for one in self._columns for change in self._changes(one)),
            *(f"{alter} ADD {text}" for one, text in wanted.items() if kinds.get(one) != "u"),
            *(f"{alter} DROP COLUMN {identifier(one)}" for one in left),
        ]

    def _promises(self) -> dict[str, str]:
        """The clauses of all constraints but the key, by their names, as ADD wants them."""
        found: dict[str, str] = {}
        for column in self.table._meta.columns:
            label = identifier(column._meta.db_column_name)
            clause = column_clause(column, self.name, "postgresql", key="elsewhere")
            for part in re.findall(r'CONSTRAINT "[^"]+" (?:UNIQUE|CHECK \(.*\))', clause):
                text = f"{part} ({label})" if part.endswith("UNIQUE") else part
                found[_NAMED.match(text)[1]] = text  # type: ignore[index] # it is one of those
        for one in self.constraints:
            if named := _NAMED.match(clause := one.clause(self.name)):
                found[named[1]] = clause
        return found

    def _plain(self, name: str) -> str:
        column = self.table._meta.get_column_by_name(name, match_db_column_name=True)
        kind = type_of(column, f"{self.name}.{name}")[1]
        default = default_of(column)
        tail = "" if default is None else f" DEFAULT {literal(default, 'postgresql')}"
        return f"{identifier(name)} {kind}{tail}"

    def _changes(self, name: str) -> Sequence[str]:
        column = self.table._meta.get_column_by_name(name, match_db_column_name=True)
        if column._meta.primary_key:
            return ()
        alter, default = f"ALTER COLUMN {identifier(name)}", default_of(column)
        return (
            f"{alter} DROP DEFAULT"
            if default is None
            else f"{alter} SET DEFAULT {literal(default, 'postgresql')}",
            f"{alter} {'DROP' if column._meta.null else 'SET'} NOT NULL",
        )


def rebuild_table(
    table: type[Table],
    constraints: Sequence[Constraint] = (),
    fill: Mapping[str, str] | None = None,
) -> RebuildTable:
    """A table that is there takes another shape and keeps its rows, indexes and triggers.

    For what `add_column` can not do: a new or another CHECK, UNIQUE or reference, NULL allowed or
    forbidden, another default, a column less. A row that breaks a new promise is a `Conflict`, and
    nothing has happened. Columns keep their kind, and the primary key stays.

    Args:
        table: As it is to be, every column.
        constraints: As they are to be, all of them.
        fill: For a column, what its value is made of, in SQL both engines understand:
            ``{"note": "coalesce(note, '')"}``. An immutable table takes none on PostgreSQL.
    """
    return RebuildTable(table, tuple(constraints), dict(fill or {}))
