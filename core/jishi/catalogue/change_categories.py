"""Make, change and remove categories."""

from typing import Annotated

import msgspec

from jishi.catalogue.change_products import Note
from jishi.catalogue.load_products import load_products
from jishi.catalogue.memory import bump
from jishi.catalogue.problems import CategoryInUse, CategoryNotFound, TakenAlready
from jishi.catalogue.publish import publish
from jishi.catalogue.save_products import index_words
from jishi.catalogue.shelves import Shelves, insert_categories, load_shelves, path_text
from jishi.catalogue.structs import Category, Handle, Title, Translations, Word
from jishi.db import Transaction
from jishi.identifiers import new_id
from jishi.problems import Invalid
from jishi.shop import Shop

_UPDATE = """
UPDATE catalogue_categories
SET parent = $2, handle = $3, title = $4, position = $5, path = $6, translations = $7
WHERE id = $1
"""
_INSIDE = (
    "SELECT id FROM catalogue_products WHERE category = ANY($1) AND id > $2 ORDER BY id LIMIT 500"
)


class CategoryInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category as staff write it.

    Attributes:
        handle: Its name in addresses, unique.
        title: Its name, unique among its siblings.
        parent: The id of the category around it; empty at the root.
        position: Its place among its siblings.
        translations: The title in other languages: ``{"en": {"title": "Tea"}}``.
    """

    handle: Handle
    title: Title
    parent: Word = ""
    position: Annotated[int, msgspec.Meta(ge=0, le=10**6)] = 0
    translations: Translations = {}


async def create_category(shop: Shop, wanted: CategoryInput, note: Note | None = None) -> Category:
    """Make a category.

    Raises:
        Invalid: The parent does not exist.
        TakenAlready: Handle or title belong to another.
    """
    async with shop.database.transaction() as tx:
        await bump(tx, shop.database)
        shelves = await load_shelves(tx)
        made = _category(new_id(), wanted, shelves)
        await insert_categories(tx, [made])
        await _noted(tx, note, made.id)
    return made


async def replace_category(
    shop: Shop, category: str, wanted: CategoryInput, note: Note | None = None
) -> Category:
    """Change a category; what stands inside it moves along.

    Raises:
        CategoryNotFound: There is none with this id.
        Invalid: The parent does not exist or stands inside it.
        TakenAlready: Handle or title belong to another.
    """
    async with shop.database.transaction() as tx:
        await bump(tx, shop.database)
        shelves = await load_shelves(tx)
        old = _existing(shelves, category)
        new = _category(category, wanted, shelves)
        for one in [shelves.by_id[id_] for id_ in shelves.below(category)]:
            tail = one.path[len(old.path) :]
            moved = new if one.id == category else one
            await _update(tx, msgspec.structs.replace(moved, path=(*new.path, *tail)))
        await _reindex(tx, shop, shelves.below(category))
        await _noted(tx, note, category)
    return new


async def remove_category(shop: Shop, category: str, note: Note | None = None) -> None:
    """Remove an empty category.

    Raises:
        CategoryNotFound: There is none with this id.
        CategoryInUse: Products or categories stand in it.
    """
    async with shop.database.transaction() as tx:
        await bump(tx, shop.database)
        shelves = await load_shelves(tx)
        _existing(shelves, category)
        inside = await tx.fetch_as(str, _INSIDE, [category], "")
        if inside or shelves.children(category):
            raise CategoryInUse(
                "Products or categories stand in it.", next_step="Move them elsewhere first."
            )
        await tx.execute("DELETE FROM catalogue_categories WHERE id = $1", category)
        await _noted(tx, note, category)


async def _noted(tx: Transaction, note: Note | None, category: str) -> None:
    if note is not None:
        await note(tx, category)


def _existing(shelves: Shelves, category: str) -> Category:
    found = shelves.by_id.get(category)
    if found is None:
        raise CategoryNotFound(f"No category has the id {category!r}.")
    return found


def _category(id_: str, wanted: CategoryInput, shelves: Shelves) -> Category:
    above = shelves.by_id.get(wanted.parent)
    if wanted.parent and (above is None or id_ in above.path):
        raise Invalid("The parent must be another category, outside this one.", field="parent")
    for other in shelves.by_id.values():
        if other.id == id_:
            continue
        if other.handle == wanted.handle:
            raise TakenAlready(f"{wanted.handle!r} is another category.", field="handle")
        if (other.parent, other.title) == (wanted.parent, wanted.title):
            raise TakenAlready(f"There is a {wanted.title!r} here already.", field="title")
    return Category(
        id=id_,
        parent=wanted.parent,
        handle=wanted.handle,
        title=wanted.title,
        position=wanted.position,
        path=(*(above.path if above else ()), id_),
        translations=wanted.translations,
    )


async def _update(tx: Transaction, one: Category) -> None:
    translations = msgspec.json.encode(one.translations).decode()
    row = (one.id, one.parent, one.handle, one.title, one.position, path_text(one.path))
    await tx.execute(_UPDATE, *row, translations)


async def _reindex(tx: Transaction, shop: Shop, categories: list[str]) -> None:
    """Products are found by the titles of the shelves they stand on."""
    shelves = await load_shelves(tx)
    last = ""
    while ids := await tx.fetch_as(str, _INSIDE, categories, last):
        await index_words(tx, await load_products(tx, "id", ids), shelves)
        await publish(tx, shop.config, ids)
        last = ids[-1]
