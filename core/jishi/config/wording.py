"""Says in plain words what a type allows and what was found instead."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

import msgspec
from msgspec import inspect

from jishi.config.secret import Secret

_WORDS: dict[object, str] = {
    bool: "true or false",
    float: "a number",
    Path: "the path of a file, as text",
    datetime: "a date and time",
    date: "a date",
    time: "a time of day",
    timedelta: "a duration such as 'PT15M'",
    Secret: "a secret",
}


def plain(hint: object) -> object:
    """The type without its ``Annotated`` metadata."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def members(hint: object) -> tuple[object, ...]:
    """The types a value may have: the members of a union (None apart), or the type itself."""
    bare = plain(hint)
    if get_origin(bare) in (Union, UnionType):
        return tuple(member for member in get_args(bare) if member is not NoneType)
    return (hint,)


def expected(hint: object) -> str:
    """What may be written for a type, in words."""
    allowed = members(hint)
    if len(allowed) > 1 or allowed[0] is not hint:
        return " or ".join(dict.fromkeys(expected(member) for member in allowed))
    bare = plain(hint)
    if get_origin(bare) is Literal:
        return "one of " + ", ".join(shown(word) for word in get_args(bare))
    if get_origin(bare) in (list, tuple, set, frozenset):
        return f"a list, each of it {expected(get_args(bare)[0])}"
    if get_origin(bare) is dict:
        return f"a table, each value of it {expected(get_args(bare)[1])}"
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return "a table"
    return _WORDS.get(bare) or _constrained(hint)


def shown(value: object) -> str:
    """A value as it would stand in the toml, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        text = "[" + ", ".join(shown(item) for item in value) + "]"
    else:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _constrained(hint: object) -> str:
    try:
        info = inspect.type_info(hint)
    except TypeError:
        return str(hint)
    if isinstance(info, inspect.Metadata):
        info = info.type
    if isinstance(info, inspect.IntType):
        return "a whole number" + _range(info.ge, info.le)
    if isinstance(info, inspect.StrType):
        return "text" + _length(info.min_length) + _pattern(info.pattern)
    return str(getattr(plain(hint), "__name__", hint))


def _range(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f" of at least {low}"
    return f" of at most {high}" if high is not None else ""


def _length(fewest: int | None) -> str:
    if not fewest:
        return ""
    return ", not empty" if fewest == 1 else f" of at least {fewest} characters"


def _pattern(pattern: str | None) -> str:
    return f" that matches {pattern}" if pattern else ""
