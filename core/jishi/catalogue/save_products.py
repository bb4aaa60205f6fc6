"""Write whole products: many at once, in a fixed number of statements."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

import msgspec

from jishi.catalogue.memory import bump
from jishi.catalogue.problems import ProductChanged, TakenAlready
from jishi.catalogue.publish import publish
from jishi.catalogue.shelves import Shelves
from jishi.catalogue.structs import Listing, Product, Sku
from jishi.catalogue.tables import Media as MediaTable
from jishi.catalogue.tables import Price as PriceTable
from jishi.catalogue.tables import Product as ProductTable
from jishi.catalogue.tables import Sku as SkuTable
from jishi.catalogue.tables import Token as TokenTable
from jishi.catalogue.words import CATEGORY, OTHER, TITLE, sort_key, weighed
from jishi.db import Transaction, Value
from jishi.events import Happened, emit
from jishi.shop import Shop

P = TypeVar("P")

_PRODUCT_COLUMNS = (
    "handle", "title", "sort_key", "brief", "description", "category", "brand", "unit",
    "keywords", "attributes", "tax_rate", "status", "channels", "translations", "version",
    "updated_at", "id", "created_at",
)  # fmt: skip
_UPDATE = """
UPDATE catalogue_products SET handle = $1, title = $2, sort_key = $3, brief = $4,
  description = $5, category = $6, brand = $7, unit = $8, keywords = $9, attributes = $10,
  tax_rate = $11, status = $12, channels = $13, translations = $14, version = $15,
  updated_at = $16
WHERE id = $17
"""
_SKU_COLUMNS = (
    "code", "product", "position", "options", "barcode", "weight_g", "list_price",
    "max_per_order", "max_per_member", "status",
)  # fmt: skip
_LOST = """
DELETE FROM catalogue_prices WHERE sku <> ALL($2)
  AND sku IN (SELECT code FROM catalogue_skus WHERE product = ANY($1))
"""


async def save_products(
    tx: Transaction,
    shop: Shop,
    changes: Sequence[tuple[Product | None, Product]],
    shelves: Shelves,
) -> None:
    """Store products as they shall be.

    Args:
        tx: An open transaction.
        shop: The shop.
        changes: Each product as it was read (None when it is new) and as it shall be.
        shelves: All categories, with those that ``tx`` has stored.

    Raises:
        ProductChanged: Somebody changed one of them since it was read.
        TakenAlready: A handle or a SKU's code belongs to another product.
    """
    await bump(tx, shop.database)
    await _check_versions(tx, [old for old, _ in changes if old is not None])
    await _check_names(tx, [new for _, new in changes])
    news = [new for _, new in changes]
    made = [new for old, new in changes if old is None]
    kept = [new for old, new in changes if old is not None]
    await tx.insert(ProductTable, _PRODUCT_COLUMNS, [_product_row(one) for one in made])
    await tx.execute_many(_UPDATE, [_product_row(one)[:-1] for one in kept])
    await _clear(tx, kept)
    await _insert_parts(tx, shop.config.shop.currency, news)
    await tx.insert(TokenTable, ("token", "product", "weight"), _token_rows(news, shelves))
    await publish(tx, shop.config, [one.id for one in news])
    await emit(tx, shop, [_published(new) for old, new in changes if _appears(old, new)])


def _appears(old: Product | None, new: Product) -> bool:
    return new.status == "on_sale" and (old is None or old.status != "on_sale")


def _published(product: Product) -> Happened:
    return Happened(
        name="product.published",
        subject=product.id,
        data={"handle": product.listing.handle, "title": product.listing.title},
        key=f"product.published:{product.id}:{product.version}",
    )


async def index_words(tx: Transaction, products: Sequence[Product], shelves: Shelves) -> None:
    """Find products by their words anew, after a category's title has changed."""
    await tx.execute(
        "DELETE FROM catalogue_tokens WHERE product = ANY($1)", [one.id for one in products]
    )
    rows = _token_rows(products, shelves)
    await tx.insert(TokenTable, ("token", "product", "weight"), rows)


async def _check_versions(tx: Transaction, read: Sequence[Product]) -> None:
    rows = await tx.fetch(
        "SELECT id, version FROM catalogue_products WHERE id = ANY($1)", [one.id for one in read]
    )
    versions = {str(id_): version for id_, version in rows}
    for one in read:
        if versions.get(one.id) != one.version:
            raise ProductChanged(
                f"The product {one.listing.handle!r} was changed by somebody else.",
                next_step="Read it again and repeat your change.",
                version=versions.get(one.id),
            )


async def _check_names(tx: Transaction, products: Sequence[Product]) -> None:
    handles = {one.listing.handle: one.id for one in products}
    rows = await tx.fetch(
        "SELECT handle, id FROM catalogue_products WHERE handle = ANY($1)", list(handles)
    )
    for handle, id_ in rows:
        if handles[str(handle)] != id_:
            raise _taken("handle", f"The handle {handle!r} belongs to another product.")
    codes = {sku.code: one.id for one in products for sku in one.listing.skus}
    owners = await tx.fetch(
        "SELECT code, product FROM catalogue_skus WHERE code = ANY($1)", list(codes)
    )
    for code, id_ in owners:
        if codes[str(code)] != id_:
            raise _taken("skus", f"The SKU {code!r} belongs to another product.")


def _taken(field: Literal["handle", "skus"], detail: str) -> TakenAlready:
    return TakenAlready(detail, field=field, next_step="Choose another one.")


async def _clear(tx: Transaction, products: Sequence[Product]) -> None:
    if not products:
        return
    ids = [one.id for one in products]
    codes = [sku.code for one in products for sku in one.listing.skus]
    await tx.execute(_LOST, ids, codes)
    await tx.execute(
        "DELETE FROM catalogue_prices WHERE price_list = 'base' AND sku = ANY($1)", codes
    )
    for table in ("catalogue_skus", "catalogue_media", "catalogue_tokens"):
        await tx.execute(f"DELETE FROM {table} WHERE product = ANY($1)", ids)  # noqa: S608 ours


async def _insert_parts(tx: Transaction, currency: str, products: Sequence[Product]) -> None:
    skus = _each(products, lambda one: one.skus)
    await tx.insert(SkuTable, _SKU_COLUMNS, [_sku_row(*one) for one in skus])
    prices = [(sku.code, "base", sku.price, currency) for _, _, sku in skus]
    await tx.insert(PriceTable, ("sku", "price_list", "amount", "currency"), prices)
    media = _each(products, lambda one: one.media)
    rows = [(id_, position, one.address, one.alt) for id_, position, one in media]
    await tx.insert(MediaTable, ("product", "position", "address", "alt"), rows)


def _each(
    products: Sequence[Product], parts: Callable[[Listing], Sequence[P]]
) -> list[tuple[str, int, P]]:
    return [
        (one.id, position, part)
        for one in products
        for position, part in enumerate(parts(one.listing))
    ]


def _product_row(product: Product) -> tuple[Value, ...]:
    one = product.listing
    return (
        one.handle, one.title, sort_key(one.title), one.brief, one.description, one.category,
        one.brand, one.unit, one.keywords, _json(one.attributes), one.tax_rate, product.status,
        _json(one.channels), _json(one.translations), product.version, product.updated_at,
        product.id, product.created_at,
    )  # fmt: skip


def _sku_row(product: str, position: int, sku: Sku) -> tuple[Value, ...]:
    return (
        sku.code, product, position, _json(sku.options), sku.barcode, sku.weight_g,
        sku.list_price, sku.max_per_order, sku.max_per_member, sku.status,
    )  # fmt: skip


def _token_rows(products: Sequence[Product], shelves: Shelves) -> list[tuple[str, str, int]]:
    return [
        (token, product.id, weight)
        for product in products
        for token, weight in weighed(_texts(product.listing, shelves)).items()
    ]


def _texts(listing: Listing, shelves: Shelves) -> list[tuple[str, int]]:
    titles = [listing.title, *(one.get("title", "") for one in listing.translations.values())]
    codes = [text for sku in listing.skus for text in (sku.code, sku.barcode)]
    return [
        *((text, TITLE) for text in titles),
        *((text, OTHER) for text in (listing.keywords, listing.brand, *codes)),
        *((text, CATEGORY) for text in shelves.titles(listing.category)),
    ]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
