"""One product as shoppers see it, the tree of categories, the brands."""

from typing import Literal

import msgspec

from jishi.catalogue.cards import available
from jishi.catalogue.load_products import load_products
from jishi.catalogue.prices import prices
from jishi.catalogue.problems import ProductNotFound
from jishi.catalogue.shelves import Shelves, known_shelves
from jishi.catalogue.structs import Category, Media, Sku
from jishi.db import Database


class ShownSku(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU as shoppers see it.

    Attributes:
        sku: The code that goes into the cart.
        options: The choice, in order.
        price: In fen.
        list_price: The struck-through price in fen, or None.
        available: Pieces to be had now, at most 999.
        max_per_order: Most pieces in one order, or None.
        max_per_member: Most pieces one member may ever buy, or None.
        weight_g: Of one piece, in grams.
    """

    sku: str
    options: dict[str, str]
    price: int
    list_price: int | None
    available: int
    max_per_order: int | None
    max_per_member: int | None
    weight_g: int


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One choice to make.

    Attributes:
        name: What is chosen: 颜色.
        values: What can be chosen, in order.
    """

    name: str
    values: tuple[str, ...]


class Crumb(msgspec.Struct, frozen=True, kw_only=True):
    """A shelf on the way to a product."""

    handle: str
    title: str


class ShownProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product as shoppers see it.

    Attributes:
        id: The product's id.
        handle: Its name in addresses.
        title: Its name.
        brief: One line below the name.
        description: The long text.
        brand: The brand's name or empty.
        unit: What is counted.
        attributes: Facts, in order.
        media: Pictures in order.
        breadcrumbs: The shelves from the root down.
        currency: ISO 4217.
        options: The choices that lead to a SKU.
        skus: What can be bought.
        available: Whether any SKU can be had now.
    """

    id: str
    handle: str
    title: str
    brief: str
    description: str
    brand: str
    unit: str
    attributes: dict[str, str]
    media: tuple[Media, ...]
    breadcrumbs: tuple[Crumb, ...]
    currency: str
    options: tuple[Option, ...]
    skus: tuple[ShownSku, ...]
    available: Literal["yes", "no"]


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """A category with those inside it."""

    id: str
    handle: str
    title: str
    children: "tuple[Shelf, ...]" = ()


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """A brand and how many products of it are on sale."""

    brand: str
    products: int


_PUBLISHED = """
SELECT l.price_list FROM catalogue_publications l JOIN catalogue_products p ON p.id = l.product
WHERE l.channel = $1 AND p.handle = $2
"""
_BRANDS = """
SELECT brand, COUNT(*) FROM catalogue_publications WHERE channel = $1 AND brand <> ''
GROUP BY brand ORDER BY COUNT(*) DESC, brand
"""


async def show_product(
    database: Database, handle: str, *, channel: str, locale: str, location: str
) -> ShownProduct:
    """One product on sale in a channel.

    Raises:
        ProductNotFound: There is none of this handle, or it is not for sale there.
    """
    price_list = await database.one_as(str, _PUBLISHED, channel, handle)
    found = await load_products(database, "handle", [handle]) if price_list is not None else []
    if price_list is None or not found:
        raise ProductNotFound(f"Nothing called {handle!r} is for sale here.")
    (product,) = found
    shelves = await known_shelves(database)
    sold = [sku for sku in product.listing.skus if sku.status == "on_sale"]
    codes = [sku.code for sku in sold]
    stock = await available(database, codes, location)
    amounts = await prices(database, codes, price_list)
    skus = tuple(_shown_sku(sku, amounts[sku.code].amount, stock[sku.code]) for sku in sold)
    one = product.listing
    words = one.translations.get(locale, {})
    return ShownProduct(
        id=product.id,
        handle=one.handle,
        title=words.get("title") or one.title,
        brief=words.get("brief") or one.brief,
        description=words.get("description") or one.description,
        brand=one.brand,
        unit=one.unit,
        attributes=one.attributes,
        media=one.media,
        breadcrumbs=tuple(
            Crumb(handle=shelf.handle, title=_title(shelf, locale))
            for shelf in shelves.way(one.category)
        ),
        currency=next((price.currency for price in amounts.values()), "CNY"),
        options=_options(skus),
        skus=skus,
        available="yes" if any(sku.available for sku in skus) else "no",
    )


def _shown_sku(sku: Sku, price: int, stock: int) -> ShownSku:
    return ShownSku(
        sku=sku.code,
        options=sku.options,
        price=price,
        list_price=sku.list_price,
        available=stock,
        max_per_order=sku.max_per_order,
        max_per_member=sku.max_per_member,
        weight_g=sku.weight_g,
    )


def _options(skus: tuple[ShownSku, ...]) -> tuple[Option, ...]:
    values: dict[str, dict[str, None]] = {}
    for sku in skus:
        for name, value in sku.options.items():
            values.setdefault(name, {})[value] = None
    return tuple(Option(name=name, values=tuple(some)) for name, some in values.items())


async def category_tree(database: Database, locale: str) -> tuple[Shelf, ...]:
    """All categories as a tree, in the merchant's order."""
    shelves = await known_shelves(database)
    return _tree(shelves, "", locale)


def _tree(shelves: Shelves, parent: str, locale: str) -> tuple[Shelf, ...]:
    return tuple(
        Shelf(
            id=one.id,
            handle=one.handle,
            title=_title(one, locale),
            children=_tree(shelves, one.id, locale),
        )
        for one in shelves.children(parent)
    )


def _title(category: Category, locale: str) -> str:
    return category.translations.get(locale, {}).get("title") or category.title


async def brands(database: Database, channel: str) -> tuple[Brand, ...]:
    """The brands on sale in a channel, the largest first."""
    rows = await database.fetch(_BRANDS, channel)
    return tuple(Brand(brand=str(brand), products=int(str(count))) for brand, count in rows)
