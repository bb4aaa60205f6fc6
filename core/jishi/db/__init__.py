"""The database: one contract over SQLite and PostgreSQL.

`Database` opens, reads and gives transactions; SQL is written once, in PostgreSQL's spelling. The
four column types below are the only ones; both engines keep their values unchanged. A room with
tables has a package ``migrations`` of modules ``m0001_initial.py``, each a tuple ``OPERATIONS``.
"""

from jishi.db.backup import Copied, NoBackup, back_up, kind_of, restore
from jishi.db.constraints import Constraint, check, primary_key, references, unique
from jishi.db.database import Database
from jishi.db.durability import Finding, durability
from jishi.db.engines import Connections, Dialect, Settings
from jishi.db.errors import BadValue, Busy, Conflict, DatabaseError, Retry, Unavailable
from jishi.db.grouped import Grouped
from jishi.db.many_rows import padded, values_list
from jishi.db.migration_sources import Migration, Source
from jishi.db.migrations import Migrations, Step, TooNew
from jishi.db.operations import (
    Operation,
    add_column,
    create_index,
    create_table,
    create_unique_index,
    drop_table,
    immutable,
    sql,
)
from jishi.db.reads import Opener, Reads
from jishi.db.rebuild import rebuild_table
from jishi.db.tables import BigInt, Table, Text, Timestamptz, Varchar
from jishi.db.take_out import applied_migrations, tables_made_by, tables_there, take_out
from jishi.db.transaction import Transaction
from jishi.db.values import Argument, Value

__all__ = [
    "Argument",
    "BadValue",
    "BigInt",
    "Busy",
    "Conflict",
    "Connections",
    "Constraint",
    "Copied",
    "Database",
    "DatabaseError",
    "Dialect",
    "Finding",
    "Grouped",
    "Migration",
    "Migrations",
    "NoBackup",
    "Opener",
    "Operation",
    "Reads",
    "Retry",
    "Settings",
    "Source",
    "Step",
    "Table",
    "Text",
    "Timestamptz",
    "TooNew",
    "Transaction",
    "Unavailable",
    "Value",
    "Varchar",
    "add_column",
    "applied_migrations",
    "back_up",
    "check",
    "create_index",
    "create_table",
    "create_unique_index",
    "drop_table",
    "durability",
    "immutable",
    "kind_of",
    "padded",
    "primary_key",
    "rebuild_table",
    "references",
    "restore",
    "sql",
    "tables_made_by",
    "tables_there",
    "take_out",
    "unique",
    "values_list",
]
