"""Looks for what should not be there any more: in every text of every table, and in the log."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from jishi.db import Database, Value

_TABLES = {
    "sqlite": (
        "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c "
        "WHERE m.type = 'table'"
    ),
    "postgresql": (
        "SELECT table_name::text, column_name::text FROM information_schema.columns "
        "WHERE table_schema = current_schema()"
    ),
}


class Trace(msgspec.Struct, frozen=True, order=True):
    """A word that was found.

    Attributes:
        word: What was looked for.
        place: ``table.column``, or the log's file.
        text: Where it stands, shortened.
    """

    word: str
    place: str
    text: str


async def traces_of(
    database: Database, words: Iterable[str], logs: Sequence[Path] = ()
) -> list[Trace]:
    """Every place where one of the words stands.

    Nothing is left out by name: every column of every table is read as text, whoever owns it.

    Args:
        database: The shop's, on either engine.
        words: What to look for, as it was written: telephone numbers, names, openids.
        logs: Files of the log.
    """
    wanted = tuple(word for word in words if word)
    found: list[Trace] = []
    for table, column in await database.fetch(_TABLES[database.dialect]):
        texts = await database.fetch(f'SELECT CAST("{column}" AS TEXT) FROM "{table}"')  # noqa: S608
        found += _in_texts(wanted, f"{table}.{column}", (text for (text,) in texts))
    for file in logs:
        found += _in_texts(wanted, str(file), file.read_text("utf-8").splitlines())
    return sorted(found)


def _in_texts(words: Sequence[str], place: str, texts: Iterable[Value]) -> list[Trace]:
    return [
        Trace(word, place, str(text)[:200])
        for text in texts
        for word in words
        if text is not None and _says(str(text), word)
    ]


def _says(text: str, word: str) -> bool:
    """Whether a text has a word, also as JSON escapes it."""
    return word in text or ascii(word)[1:-1] in text
