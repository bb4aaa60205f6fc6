"""Make, change, publish and withdraw products; whatever is shown was reviewed before."""

from collections.abc import Awaitable, Callable

import msgspec
from msgspec import UNSET, UnsetType

from jishi.catalogue.judge import Draft, Judged, check_listing, judge
from jishi.catalogue.load_products import load_product
from jishi.catalogue.problems import ProductChanged
from jishi.catalogue.save_products import save_products
from jishi.catalogue.shelves import load_shelves
from jishi.catalogue.structs import (
    BasisPoints,
    Handle,
    Line,
    Listing,
    LongText,
    Media,
    Product,
    Sku,
    Title,
    Translations,
    Word,
)
from jishi.db import Transaction
from jishi.shop import Shop

Note = Callable[[Transaction, str], Awaitable[None]]
"""Writes down, in the deed's own transaction, who did it to which id."""


class ProductChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some fields of a product; those left out stay as they are.

    Attributes:
        version: The version that the change is based on.
    """

    version: int
    handle: Handle | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    brief: Line | UnsetType = UNSET
    description: LongText | UnsetType = UNSET
    category: Word | UnsetType = UNSET
    brand: Word | UnsetType = UNSET
    unit: Word | UnsetType = UNSET
    keywords: Line | UnsetType = UNSET
    attributes: dict[Word, LongText] | UnsetType = UNSET
    media: tuple[Media, ...] | UnsetType = UNSET
    tax_rate: BasisPoints | UnsetType = UNSET
    channels: tuple[Word, ...] | UnsetType = UNSET
    translations: Translations | UnsetType = UNSET
    skus: tuple[Sku, ...] | UnsetType = UNSET


async def create_product(shop: Shop, listing: Listing, note: Note | None = None) -> Judged:
    """Make a product; it stays a draft until it is published."""
    return await _change(shop, Draft(listing=listing, status="draft"), note)


async def replace_product(
    shop: Shop, product: str, listing: Listing, version: int, note: Note | None = None
) -> Judged:
    """Replace everything a product says.

    Raises:
        ProductNotFound: There is none with this id.
        ProductChanged: It is not at ``version`` any more.
    """
    old = await _at(shop, product, version)
    return await _change(shop, Draft(old=old, listing=listing, status=old.status), note)


async def change_product(
    shop: Shop, product: str, change: ProductChange, note: Note | None = None
) -> Judged:
    """Change some fields of a product.

    Raises:
        ProductNotFound: There is none with this id.
        ProductChanged: It is not at the change's version any more.
    """
    old = await _at(shop, product, change.version)
    given = {
        name: value
        for name in change.__struct_fields__
        if name != "version" and (value := getattr(change, name)) is not UNSET
    }
    listing = msgspec.structs.replace(old.listing, **given)
    return await _change(shop, Draft(old=old, listing=listing, status=old.status), note)


async def publish_product(shop: Shop, product: str, note: Note | None = None) -> Judged:
    """Put a product on sale, if the review approves; else it stays a draft with the findings."""
    old = await load_product(shop.database, product)
    return await _change(shop, Draft(old=old, listing=old.listing, status="on_sale"), note)


async def withdraw_product(shop: Shop, product: str, note: Note | None = None) -> Judged:
    """Take a product off sale."""
    old = await load_product(shop.database, product)
    return await _change(shop, Draft(old=old, listing=old.listing, status="off_sale"), note)


async def _change(shop: Shop, draft: Draft, note: Note | None) -> Judged:
    shelves = await load_shelves(shop.database)
    check_listing(draft.listing, shelves)
    (judged,) = await judge(shop, [draft], shelves)
    old, new = judged.old, judged.product
    if old is not None and (old.listing, old.status) == (new.listing, new.status):
        return Judged(old=old, product=old, review=judged.review)
    async with shop.database.transaction() as tx:
        await save_products(tx, shop, [(judged.old, judged.product)], shelves)
        if note is not None:
            await note(tx, judged.product.id)
    return judged


async def _at(shop: Shop, product: str, version: int) -> Product:
    old = await load_product(shop.database, product)
    if old.version != version:
        raise ProductChanged(
            f"You changed version {version}; the product is at version {old.version}.",
            next_step="Read it again and repeat your change.",
            version=old.version,
        )
    return old
