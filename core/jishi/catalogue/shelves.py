"""The category tree: read whole, since a shop has hundreds of shelves and not millions."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from jishi.catalogue.memory import memory_of
from jishi.catalogue.structs import Category, Translations
from jishi.catalogue.tables import Category as CategoryTable
from jishi.db import Database, Transaction
from jishi.identifiers import new_id

_ALL = """
SELECT id, parent, handle, title, position, path, translations FROM catalogue_categories
ORDER BY position, id
"""
_COLUMNS = ("id", "parent", "handle", "title", "position", "path", "translations")
_UNSAFE = re.compile(r"[^\w.]+")
_translations = msgspec.json.Decoder(Translations)


class _Row(msgspec.Struct, frozen=True):
    id: str
    parent: str
    handle: str
    title: str
    position: int
    path: str
    translations: str


class Shelves:
    """All categories, by id, by handle and by their place.

    Args:
        categories: In the order of their positions.
    """

    def __init__(self, categories: Iterable[Category] = ()) -> None:
        self.by_id: dict[str, Category] = {}
        self.by_handle: dict[str, Category] = {}
        self.new: list[Category] = []
        """Made by `place` and not stored yet."""
        self._by_title: dict[tuple[str, str], Category] = {}
        self._counts: dict[str, int] = {}
        for one in categories:
            self._add(one)

    def _add(self, one: Category) -> None:
        self.by_id[one.id] = one
        self.by_handle[one.handle] = one
        self._by_title[one.parent, one.title] = one
        self._counts[one.parent] = max(self._counts.get(one.parent, 0), one.position + 1)

    def children(self, parent: str) -> list[Category]:
        """The shelves directly inside one; ``""`` is the shop itself."""
        found = [one for one in self.by_id.values() if one.parent == parent]
        return sorted(found, key=lambda one: (one.position, one.id))

    def below(self, category: str) -> list[str]:
        """Ids of a shelf and of everything inside it."""
        return [one.id for one in self.by_id.values() if category in one.path]

    def way(self, category: str) -> list[Category]:
        """The shelves from the root down to one; empty for an unknown id."""
        found = self.by_id.get(category)
        return [self.by_id[id_] for id_ in found.path] if found else []

    def titles(self, category: str) -> tuple[str, ...]:
        """The titles from the root down to one."""
        return tuple(one.title for one in self.way(category))

    def place(self, titles: Sequence[str]) -> str:
        """The id of the shelf at a place; shelves that are missing are made, but not stored."""
        parent = ""
        for title in titles:
            found = self._by_title.get((parent, title))
            if found is None:
                found = self._made(parent, title)
                self.new.append(found)
                self._add(found)
            parent = found.id
        return parent

    def _made(self, parent: str, title: str) -> Category:
        above = self.by_id[parent].path if parent else ()
        id_ = new_id()
        words = [self.by_id[one].title for one in above] + [title]
        handle = _UNSAFE.sub("-", "-".join(words)).strip("-").lower()[:100] or id_
        return Category(
            id=id_,
            parent=parent,
            handle=handle if handle not in self.by_handle else f"{handle}-{id_[-6:]}",
            title=title,
            position=self._counts.get(parent, 0),
            path=(*above, id_),
        )


async def load_shelves(reader: Database | Transaction) -> Shelves:
    """The whole category tree."""
    rows = await reader.fetch_as(_Row, _ALL)
    return Shelves(
        Category(
            id=row.id,
            parent=row.parent,
            handle=row.handle,
            title=row.title,
            position=row.position,
            path=tuple(row.path.split("/")[:-1]),
            translations=_translations.decode(row.translations),
        )
        for row in rows
    )


async def known_shelves(database: Database) -> Shelves:
    """The whole category tree as it was a second ago at most; not to be changed."""
    memory = memory_of(database)
    await memory.look()
    if memory.shelves is not None:
        return memory.shelves
    generation = memory.generation
    found = await load_shelves(database)
    if generation == memory.generation:
        memory.shelves = found
    return found


async def insert_categories(tx: Transaction, categories: Sequence[Category]) -> None:
    """Store new categories."""
    rows = [
        (
            one.id,
            one.parent,
            one.handle,
            one.title,
            one.position,
            path_text(one.path),
            msgspec.json.encode(one.translations).decode(),
        )
        for one in categories
    ]
    await tx.insert(CategoryTable, _COLUMNS, rows)


def path_text(path: Sequence[str]) -> str:
    """A path as it is stored: each id followed by a slash."""
    return "".join(f"{one}/" for one in path)
