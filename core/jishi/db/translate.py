"""PostgreSQL's spelling into SQLite's, for the small common language we write.

The rules, in one pass over the text, never inside a literal, a quoted name or a comment:

- ``$3`` → ``?3``
- ``= ANY($1)`` → ``IN (SELECT value FROM json_each(?1))``; ``<> ALL($1)`` → ``NOT IN (…)``
- ``FOR [NO KEY] UPDATE|SHARE [OF x, y] [SKIP LOCKED|NOWAIT]`` → nothing: the one writer holds all
- ``x::bigint`` → ``x``: a cast for the parser. Write ``CAST(x AS BIGINT)`` to change a value.
- ``ILIKE`` → ``LIKE``, which ignores the case of ASCII letters on SQLite

Not translated, so an error on SQLite: ``now()``, intervals, ``unnest``, ``greatest``.
"""

import re
from functools import lru_cache

_TYPE = (
    r"(?:timestamp\s+with\s+time\s+zone|double\s+precision|character\s+varying|[a-z_][a-z0-9_]*)"
    r"(?:\(\s*\d+(?:\s*,\s*\d+)?\s*\))?(?:\s*\[\s*\])*"
)
_ARRAY = rf"\(\s*\$(?P<{{name}}>\d+)\s*(?:::\s*{_TYPE})?\s*\)"
_MEMBERS = "(SELECT value FROM json_each(?{}))"
_RULES = re.compile(
    r"(?P<keep>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/)"
    rf"|\s*=\s*ANY\s*{_ARRAY.format(name='any')}"
    rf"|\s*(?:<>|!=)\s*ALL\s*{_ARRAY.format(name='all')}"
    r"|(?P<lock>\bFOR\s+(?:NO\s+KEY\s+)?(?:UPDATE|(?:KEY\s+)?SHARE)\b"
    r"(?:\s+OF\s+[\w.\"]+(?:\s*,\s*[\w.\"]+)*)?(?:\s+(?:SKIP\s+LOCKED|NOWAIT)\b)?)"
    rf"|(?P<cast>::\s*{_TYPE})"
    r"|(?P<ilike>\bILIKE\b)"
    r"|\$(?P<number>\d+)",
    re.IGNORECASE | re.DOTALL,
)


@lru_cache(4096)
def to_sqlite(sql: str) -> str:
    """A statement in PostgreSQL's spelling as SQLite reads it."""
    return _RULES.sub(_replace, sql)


def _replace(found: re.Match[str]) -> str:
    if (text := found["keep"]) is not None:
        return text
    if (number := found["any"]) is not None:
        return " IN " + _MEMBERS.format(number)
    if (number := found["all"]) is not None:
        return " NOT IN " + _MEMBERS.format(number)
    if (number := found["number"]) is not None:
        return f"?{number}"
    return "LIKE" if found["ilike"] is not None else ""
