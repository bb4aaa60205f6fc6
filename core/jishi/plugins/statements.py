"""Reads a plugin's SQL just far enough to say which tables it touches, and whether it writes."""

import re
from functools import lru_cache

from jishi.db import Table

_TEXTS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_HARMLESS = re.compile(r"\bdo\s+(?=nothing\b|update\b)|\bfor\s+update\b", re.IGNORECASE)
"""Words that only look like statements: ``ON CONFLICT … DO NOTHING``, ``SELECT … FOR UPDATE``."""
_WORDS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_READS = frozenset({"select", "with", "values"})
_WRITES = frozenset({"insert", "update", "delete", "select", "with"})
_NEVER = frozenset(
    {
        "alter",
        "analyze",
        "attach",
        "begin",
        "call",
        "commit",
        "copy",
        "create",
        "detach",
        "do",
        "drop",
        "grant",
        "listen",
        "lock",
        "notify",
        "pragma",
        "reindex",
        "revoke",
        "rollback",
        "savepoint",
        "truncate",
        "vacuum",
    }
)
_SYSTEM = ("pg_", "sqlite_", "jishi_", "information_schema")


class Refused(Exception):
    """A statement that cannot be run at a desk."""


@lru_cache(maxsize=1024)
def tables_in(sql: str, way: str) -> frozenset[str]:
    """The tables that a statement names, as far as anybody has declared them.

    Args:
        sql: One statement.
        way: ``read`` or ``write``.

    Raises:
        Refused: It is not one statement, or does what belongs to migrations and to the core.
    """
    bare = _TEXTS.sub(" ", sql)
    words = [word.lower() for word in _WORDS.findall(_HARMLESS.sub(" ", bare))]
    if ";" in bare.strip().rstrip(";"):
        raise Refused("it is more than one statement")
    allowed = _READS if way == "read" else _WRITES
    if not words or words[0] not in allowed:
        raise Refused(f"it begins with {words[0] if words else 'nothing'!r}")
    forbidden = _NEVER if way == "write" else _NEVER | {"insert", "update", "delete"}
    if found := sorted(forbidden & set(words)):
        raise Refused(f"it says {found[0].upper()}")
    if system := sorted(word for word in words if word.startswith(_SYSTEM)):
        raise Refused(f"it looks into {system[0]}")
    return frozenset(words) & _declared()


def _declared() -> frozenset[str]:
    """The names of all tables that rooms and plugins declare."""
    found: set[str] = set()
    waiting = list(Table.__subclasses__())
    while waiting:
        table = waiting.pop()
        found.add(table._meta.tablename.lower())
        waiting += table.__subclasses__()
    return frozenset(found)
