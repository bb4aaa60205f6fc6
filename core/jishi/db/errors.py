"""What a database may answer instead of rows: one tree for both drivers.

DatabaseError         500  the statement or its use is wrong; a bug of ours
├── BadValue          422  a value that no column can hold (naive datetime, bool, NUL, 2**63)
├── Conflict          409  a constraint said no; look at ``kind``, ``table``, ``columns``
├── Busy              503  somebody held a lock or every connection for too long
├── Retry             503  the database undid the transaction for us; doing it again may work
└── Unavailable       503  no database there; see ``outcome_unknown``

The details are for logs: the problem document a stranger sees carries the title alone.
"""

from typing import ClassVar, Literal

from jishi.problems import Problem

Kind = Literal["unique", "check", "foreign_key", "not_null"]
"""Which sort of constraint refused a row."""


class DatabaseError(Problem):
    """The database refused, or was used wrongly."""

    code: ClassVar[str] = "database"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "The shop's database could not do this"

    what_now: ClassVar[str] = ""

    def document(self) -> dict[str, object]:
        """The problem document, without the details that are only for our logs."""
        step: dict[str, object] = {"next_step": self.what_now} if self.what_now else {}
        return super().document() | {"detail": self.title} | step


class BadValue(DatabaseError):
    """A value that neither engine can keep without changing it."""

    code = "bad_value"
    status = 422
    title = "A value can not be stored"


class Conflict(DatabaseError):
    """A constraint refused the row.

    Attributes:
        kind: Which sort of constraint it was.
        constraint: Its name; ``None`` for a foreign key on SQLite, which does not tell.
        table: The table, where the engine tells.
        columns: The columns concerned, where the engine tells.
    """

    code = "conflict"
    status = 409
    title = "This contradicts what is already stored"

    def __init__(
        self,
        detail: str,
        *,
        kind: Kind,
        constraint: str | None = None,
        table: str | None = None,
        columns: tuple[str, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.constraint = constraint
        self.table = table
        self.columns = columns


_AGAIN = "Repeat the request in a moment; with the same Idempotency-Key it is done at most once."


class Busy(DatabaseError):
    """Something did not come in time; nothing was changed.

    Attributes:
        waited_for: A row's ``lock``, a free ``connection``, or the end of a ``statement``.
    """

    code = "database_busy"
    status = 503
    title = "The shop is busy; try again in a moment"
    what_now = _AGAIN

    def __init__(
        self, detail: str, *, waited_for: Literal["lock", "connection", "statement"] = "lock"
    ) -> None:
        super().__init__(detail)
        self.waited_for = waited_for


class Retry(DatabaseError):
    """The database undid the transaction (deadlock, serialisation); run it again as a whole."""

    code = "database_retry"
    status = 503
    title = "The shop is busy; try again in a moment"
    what_now = _AGAIN


class Unavailable(DatabaseError):
    """The database can not be reached, or went away.

    Attributes:
        outcome_unknown: True if the connection was lost while a COMMIT was under way: the
            transaction may be in force. Look up by its business key before doing it again.
        is_undone: True if a connection broke on the way to COMMIT: nothing is in force, and the
            same work may well succeed on another connection.
    """

    code = "database_unavailable"
    status = 503
    title = "The shop can not reach its database"
    what_now = _AGAIN

    def __init__(
        self, detail: str, *, outcome_unknown: bool = False, is_undone: bool = False
    ) -> None:
        super().__init__(detail)
        self.outcome_unknown = outcome_unknown
        self.is_undone = is_undone
