"""Reads a plugin's SQL just far enough to say which tables it touches, and whether it writes."""

import re
from functools import lru_cache

from jishi.db import Table

_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$[A-Za-z_]*\$|--|/\*|['"]""")
"""Texts and quoted names; and what could hide either: dollar quotes, comments, a quote alone."""
_PLAIN_NAME = re.compile(r'"[A-Za-z0-9_]+"')
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
        # functions that reach further than the statement they stand in
        "currval",
        "load_extension",
        "nextval",
        "set_config",
        "setval",
        "ts_stat",
    }
)
_REACHING = re.compile(r"^(lo|dblink)_|^dblink|_to_xml|_to_xmlschema")
"""More of them, by the beginnings and ends of their names."""
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
    bare = _QUOTED.sub(_unquoted, sql)
    words = [word.lower() for word in _WORDS.findall(_HARMLESS.sub(" ", bare))]
    if ";" in bare.strip().rstrip(";"):
        raise Refused("it is more than one statement")
    allowed = _READS if way == "read" else _WRITES
    if not words or words[0] not in allowed:
        raise Refused(f"it begins with {words[0] if words else 'nothing'!r}")
    forbidden = _NEVER if way == "write" else _NEVER | {"insert", "into", "update", "delete"}
    if found := sorted(forbidden & set(words)):
        raise Refused(f"it says {found[0].upper()}")
    if reaching := sorted(word for word in words if _REACHING.search(word)):
        raise Refused(f"it says {reaching[0].upper()}")
    if system := sorted(word for word in words if word.startswith(_SYSTEM)):
        raise Refused(f"it looks into {system[0]}")
    return frozenset(words) & _declared()


def _unquoted(found: re.Match[str]) -> str:
    """What is left of a quoted part: nothing of a text, the name of a plain quoted name.

    Raises:
        Refused: It could make a reader of statements see another one than the database does.
    """
    part, before = found[0], found.string[: found.start()][-1:]
    if part.startswith("'") and len(part) > 1 and not (before.isalpha() or before == "&"):
        return " "
    if _PLAIN_NAME.fullmatch(part) and before != "&":
        return f" {part[1:-1]} "
    raise Refused(f"it has {part[:20]!r}; texts go in as arguments, names as plain words")


def _declared() -> frozenset[str]:
    """The names of all tables that rooms and plugins declare."""
    found: set[str] = set()
    waiting = list(Table.__subclasses__())
    while waiting:
        table = waiting.pop()
        found.add(table._meta.tablename.lower())
        waiting += table.__subclasses__()
    return frozenset(found)
