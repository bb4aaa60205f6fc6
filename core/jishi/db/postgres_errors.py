"""PostgreSQL's errors in our words."""

import re

import asyncpg

from jishi.db.errors import BadValue, Busy, Conflict, DatabaseError, Kind, Retry, Unavailable

_KINDS: dict[str, Kind] = {
    "23502": "not_null",
    "23503": "foreign_key",
    "23505": "unique",
    "23514": "check",
}
_GONE = {"08", "53", "57", "58"}  # connection, resources, operator's intervention, system error
_KEY = re.compile(r"\(([^()]+)\)=\(")

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # raised on a connection the server has just ended
    OSError,
)
"""The connection itself is gone; an OSError includes asyncio's timeout."""


def translated(error: BaseException) -> BaseException:
    """Our error for one of asyncpg's; any other is given back as it is."""
    ours = _ours(error)
    if ours is not error:
        ours.__cause__ = error
    return ours


def is_lost(error: BaseException) -> bool:
    """Whether the connection died, so that a fresh one may well work."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in ("08", "57") and error.sqlstate != "57014"
    return isinstance(error, LOST) and not isinstance(error, TimeoutError)


def is_silence(error: BaseException) -> bool:
    """Whether the server said nothing at all where it would have told its own time-out."""
    return isinstance(error, TimeoutError)


def is_standby(error: BaseException) -> bool:
    """Whether a transaction could not begin because the server only serves readers."""
    return isinstance(error, asyncpg.PostgresError) and error.sqlstate in ("0A000", "25006")


def _ours(error: BaseException) -> BaseException:
    if isinstance(error, DatabaseError):
        return error
    if isinstance(error, asyncpg.DataError | UnicodeEncodeError):
        return BadValue(f"PostgreSQL can not store this: {error}")
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return Retry(f"PostgreSQL: {error}")
    if isinstance(error, asyncpg.PostgresError):
        return _of_state(error, error.sqlstate or "")
    if isinstance(error, LOST):
        said = str(error) or type(error).__name__
        return Unavailable(f"PostgreSQL: {said}", is_undone=is_lost(error))
    return error


def _of_state(error: asyncpg.PostgresError, state: str) -> DatabaseError:
    text = f"PostgreSQL: {error}"
    if state in _KINDS:
        return _conflict(error, _KINDS[state])
    if state == "55P03":  # lock_not_available
        return Busy(text)
    if state == "57014":  # query_canceled, by statement_timeout
        return Busy(text, waited_for="statement")
    if state in ("40001", "40P01"):
        return Retry(text)
    if state[:2] in _GONE:
        return Unavailable(text, is_undone=is_lost(error))
    if state == "25006":
        return DatabaseError(f"{text}; write inside `database.transaction()`")
    return DatabaseError(text)


def _conflict(error: asyncpg.PostgresError, kind: Kind) -> Conflict:
    found = _KEY.search(getattr(error, "detail", None) or "")
    column = getattr(error, "column_name", None)
    columns = tuple(one.strip().strip('"') for one in found[1].split(",")) if found else ()
    return Conflict(
        str(error),
        kind=kind,
        constraint=getattr(error, "constraint_name", None),
        table=getattr(error, "table_name", None),
        columns=(column,) if column else columns,
    )
