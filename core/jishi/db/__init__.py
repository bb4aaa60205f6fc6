"""The database: one contract over SQLite and PostgreSQL.

`Database` opens, reads and gives transactions; SQL is written once, in PostgreSQL's spelling. The
four column types below are the only ones; both engines keep their values unchanged.
"""

from jishi.db.database import Database
from jishi.db.engines import Dialect, Settings
from jishi.db.errors import BadValue, Busy, Conflict, DatabaseError, Retry, Unavailable
from jishi.db.tables import BigInt, Table, Text, Timestamptz, Varchar
from jishi.db.transaction import Transaction
from jishi.db.values import Argument, Value

__all__ = [
    "Argument",
    "BadValue",
    "BigInt",
    "Busy",
    "Conflict",
    "Database",
    "DatabaseError",
    "Dialect",
    "Retry",
    "Settings",
    "Table",
    "Text",
    "Timestamptz",
    "Transaction",
    "Unavailable",
    "Value",
    "Varchar",
]
