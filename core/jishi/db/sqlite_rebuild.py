"""A SQLite transaction that replaces tables.

With foreign keys on, dropping a table first deletes its rows, and whatever cascades from them;
and the switch does nothing inside a transaction. So it is off from before BEGIN until after the
end, and what it would have guarded is looked at before COMMIT.
"""

import sqlite3
from contextlib import suppress

from jishi.db.errors import Conflict, DatabaseError
from jishi.db.sqlite_link import SqliteLink, begin


class RebuildLink(SqliteLink):
    """The writer while tables are replaced."""

    async def commit(self) -> None:
        """Make it last if every reference finds its row."""
        try:
            await self._writer.call(_check)
        except BaseException:
            await self.rollback()
            raise
        try:
            await super().commit()
        finally:
            await self._writer.call(_guard)

    async def rollback(self) -> None:
        """Undo it, and guard references again."""
        await super().rollback()
        with suppress(DatabaseError):
            await self._writer.call(_guard)


def begin_rebuild(connection: sqlite3.Connection) -> None:
    """Open a transaction that leaves references alone until its end."""
    if connection.in_transaction:
        connection.execute("ROLLBACK").close()
    connection.execute("PRAGMA foreign_keys = OFF").close()
    # A renamed table is whom others mean already; nothing of theirs is to be rewritten.
    connection.execute("PRAGMA legacy_alter_table = ON").close()
    begin(connection)


def _check(connection: sqlite3.Connection) -> None:
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        table, _, target, _ = broken
        raise Conflict(
            f"a row of {table} refers to a row of {target} that is not there",
            kind="foreign_key",
            table=str(table),
        )


def _guard(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA legacy_alter_table = OFF").close()
    connection.execute("PRAGMA foreign_keys = ON").close()
