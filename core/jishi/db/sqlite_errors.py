"""SQLite's errors in our words."""

import re
import sqlite3

from jishi.db.errors import BadValue, Busy, Conflict, DatabaseError, Kind, Retry, Unavailable

_GONE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
}
_KINDS: dict[int, Kind] = {
    sqlite3.SQLITE_CONSTRAINT_CHECK: "check",
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: "foreign_key",
    sqlite3.SQLITE_CONSTRAINT_NOTNULL: "not_null",
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: "unique",
    sqlite3.SQLITE_CONSTRAINT_ROWID: "unique",
    sqlite3.SQLITE_CONSTRAINT_TRIGGER: "check",
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: "unique",
}
_REFUSED = re.compile(r"(?:CHECK|UNIQUE|NOT NULL) constraint failed: (?P<what>.*)", re.DOTALL)


def translated(error: BaseException, connection: sqlite3.Connection | None) -> BaseException:
    """Our error for one of SQLite's; any other is given back as it is.

    Args:
        error: What the driver raised.
        connection: Where it happened; asked for the name of a broken unique index.
    """
    ours = _ours(error, connection)
    if ours is not error:
        ours.__cause__ = error
    return ours


def _ours(error: BaseException, connection: sqlite3.Connection | None) -> BaseException:
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return BadValue(f"SQLite can not store this: {error}")
    if not isinstance(error, sqlite3.Error):
        return error
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _KINDS:
        return _conflict(str(error), _KINDS[code], connection)
    if code == sqlite3.SQLITE_BUSY_SNAPSHOT:
        return Retry(f"SQLite: {error}")
    plain = code & 0xFF
    if plain in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT):
        return Busy(f"SQLite: {error}")
    if plain in _GONE:
        return Unavailable(f"SQLite: {error}")
    if plain == sqlite3.SQLITE_READONLY:
        return DatabaseError(f"SQLite: {error}; write inside `database.transaction()`")
    return DatabaseError(f"SQLite: {error}")


def _conflict(text: str, kind: Kind, connection: sqlite3.Connection | None) -> Conflict:
    found = _REFUSED.match(text)
    if found is None:
        return Conflict(text, kind=kind)
    what = found["what"]
    if kind == "check":
        return Conflict(text, kind=kind, constraint=what)
    if what.startswith("index '"):
        return Conflict(text, kind=kind, constraint=what[7:-1])
    pairs = [one.strip().rpartition(".") for one in what.split(",")]
    table, columns = pairs[0][0], tuple(column for _, _, column in pairs)
    name = _index_name(connection, table, columns) if kind == "unique" and connection else None
    return Conflict(text, kind=kind, constraint=name, table=table, columns=columns)


def _index_name(connection: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> str:
    """The name of the unique constraint on these columns, as PostgreSQL would tell it."""
    for _, name, unique, origin, _ in connection.execute(
        'SELECT seq, name, "unique", origin, partial FROM pragma_index_list(?)', (table,)
    ).fetchall():
        members = connection.execute(
            "SELECT name FROM pragma_index_info(?) ORDER BY seqno", (name,)
        ).fetchall()
        if unique and tuple(member for (member,) in members) == columns:
            if origin == "c":
                return str(name)
            if origin == "pk":
                return f"{table}_pkey"
    return "_".join((table, *columns, "key"))
