"""What may go into a column and what comes out: text, integers and moments, nothing else.

Floats, bools, bytes and naive datetimes are refused before they reach a driver, on both engines
alike, because each driver would accept a different half of them.
"""

from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from inspect import Parameter, signature
from typing import TypeVar, cast

import msgspec

from jishi.db.errors import BadValue, DatabaseError

Value = str | int | datetime | None
"""One field of a row."""

Argument = Value | Sequence[str] | Sequence[int] | Sequence[datetime]
"""What ``$n`` stands for; a sequence only inside ``= ANY($n)`` and ``<> ALL($n)``."""

Row = Sequence[Value]

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LIMIT = 2**63


def micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC, exact to the last one."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """The moment that many microseconds after 1970-01-01, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


def check_values(values: Iterable[object]) -> None:
    """Refuse what only one of the engines would take.

    Raises:
        BadValue: It says which argument and what was expected instead.
    """
    for position, value in enumerate(values, 1):
        kind = type(value)
        if value is None:
            continue
        if kind is str:
            if "\0" in cast(str, value):
                raise BadValue(f"argument {position} holds a NUL character; text has none")
        elif kind is int:
            if not -_LIMIT <= cast(int, value) < _LIMIT:
                raise BadValue(f"argument {position} does not fit into 64 bits")
        else:
            _check_rare(value, position)


def _check_rare(value: object, position: int) -> None:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise BadValue(f"argument {position} is a naive datetime; give it a zone (UTC)")
    elif isinstance(value, list | tuple):
        check_values(value)
    elif isinstance(value, bool) or not isinstance(value, str | int):
        raise BadValue(
            f"argument {position} is a {type(value).__name__}; only text, integers (0 and 1 for "
            "no and yes), datetimes with a zone and lists of these are stored"
        )


def for_sqlite(value: object) -> str | int | None:
    """The form in which SQLite keeps a checked value."""
    kind = type(value)
    if kind is str or kind is int or value is None:
        return cast(str | int | None, value)
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, list | tuple):
        return msgspec.json.encode([for_sqlite(one) for one in value]).decode()
    return cast(str | int, value)


def shape(kind: type[T], rows: Sequence[Row]) -> list[T]:
    """Rows as structs, field by field in the order of their columns.

    Args:
        kind: A msgspec Struct, or ``int``, ``str`` or ``datetime`` for rows of one column.
        rows: What a statement gave.

    Raises:
        DatabaseError: There are more or fewer columns than fields.
    """
    if not rows:
        return []
    if kind in (int, str, datetime):
        if len(rows[0]) != 1 or isinstance(rows[0][0], Decimal):
            raise DatabaseError(f"expected one {kind.__name__} per row, got {tuple(rows[0])!r}")
        return [cast(T, row[0]) for row in rows]
    names, positional = _fields(cast(Hashable, kind))
    if len(names) != len(rows[0]):
        raise DatabaseError(
            f"{kind.__name__} has the {len(names)} fields {names}, "
            f"the statement gives {len(rows[0])} columns"
        )
    if positional:
        return [kind(*row) for row in rows]
    return [kind(**dict(zip(names, row, strict=True))) for row in rows]


@lru_cache(512)
def _fields(kind: Hashable) -> tuple[tuple[str, ...], bool]:
    """The names of a struct's fields, and whether it takes them by position."""
    parameters = signature(cast(type[object], kind)).parameters
    return tuple(parameters), all(
        one.kind is not Parameter.KEYWORD_ONLY for one in parameters.values()
    )
