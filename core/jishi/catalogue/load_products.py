"""Read whole products, as staff and imports see them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Literal

import msgspec

from jishi.catalogue.problems import ProductNotFound
from jishi.catalogue.structs import Listing, Media, Product, ProductStatus, Sku, Translations
from jishi.db import Database, Transaction

_PRODUCTS = """
SELECT id, handle, title, brief, description, category, brand, unit, keywords, attributes,
       tax_rate, status, channels, translations, version, created_at, updated_at
FROM catalogue_products WHERE {column} = ANY($1) ORDER BY id
"""
_SKUS = """
SELECT s.product, s.code, s.options, s.barcode, s.weight_g, p.amount, s.list_price,
       s.max_per_order, s.max_per_member, s.status
FROM catalogue_skus s JOIN catalogue_prices p ON p.sku = s.code AND p.price_list = 'base'
WHERE s.product = ANY($1) ORDER BY s.product, s.position
"""
_MEDIA = """
SELECT product, address, alt FROM catalogue_media WHERE product = ANY($1)
ORDER BY product, position
"""

_texts = msgspec.json.Decoder(dict[str, str])
_names = msgspec.json.Decoder(tuple[str, ...])
_translations = msgspec.json.Decoder(Translations)


class _ProductRow(msgspec.Struct, frozen=True):
    id: str
    handle: str
    title: str
    brief: str
    description: str
    category: str
    brand: str
    unit: str
    keywords: str
    attributes: str
    tax_rate: int
    status: ProductStatus
    channels: str
    translations: str
    version: int
    created_at: datetime
    updated_at: datetime


class _SkuRow(msgspec.Struct, frozen=True):
    product: str
    code: str
    options: str
    barcode: str
    weight_g: int
    price: int
    list_price: int | None
    max_per_order: int | None
    max_per_member: int | None
    status: Literal["on_sale", "off_sale"]


class _MediaRow(msgspec.Struct, frozen=True):
    product: str
    address: str
    alt: str


async def load_products(
    reader: Database | Transaction, by: Literal["id", "handle"], keys: Sequence[str]
) -> list[Product]:
    """The products that exist among those asked for, oldest first.

    Args:
        reader: Where to read.
        by: What the keys are.
        keys: Ids or handles.
    """
    rows = await reader.fetch_as(_ProductRow, _PRODUCTS.format(column=by), list(keys))
    ids = [row.id for row in rows]
    skus = await reader.fetch_as(_SkuRow, _SKUS, ids) if ids else []
    media = await reader.fetch_as(_MediaRow, _MEDIA, ids) if ids else []
    skus_of = {id_: list(some) for id_, some in groupby(skus, lambda one: one.product)}
    media_of = {id_: list(some) for id_, some in groupby(media, lambda one: one.product)}
    return [_product(row, skus_of.get(row.id, []), media_of.get(row.id, [])) for row in rows]


async def load_product(reader: Database | Transaction, product: str) -> Product:
    """One product.

    Raises:
        ProductNotFound: There is none with this id.
    """
    found = await load_products(reader, "id", [product])
    if not found:
        raise ProductNotFound(f"No product has the id {product!r}.")
    return found[0]


def _product(row: _ProductRow, skus: Sequence[_SkuRow], media: Sequence[_MediaRow]) -> Product:
    listing = Listing(
        handle=row.handle,
        title=row.title,
        brief=row.brief,
        description=row.description,
        category=row.category,
        brand=row.brand,
        unit=row.unit,
        keywords=row.keywords,
        attributes=_texts.decode(row.attributes),
        media=tuple(Media(address=one.address, alt=one.alt) for one in media),
        tax_rate=row.tax_rate,
        channels=_names.decode(row.channels),
        translations=_translations.decode(row.translations),
        skus=tuple(_sku(one) for one in skus),
    )
    return Product(
        id=row.id,
        status=row.status,
        version=row.version,
        listing=listing,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _sku(row: _SkuRow) -> Sku:
    return Sku(
        code=row.code,
        options=_texts.decode(row.options),
        barcode=row.barcode,
        weight_g=row.weight_g,
        price=row.price,
        list_price=row.list_price,
        max_per_order=row.max_per_order,
        max_per_member=row.max_per_member,
        status=row.status,
    )
