"""What products may become: checked, reviewed, and kept as drafts where anybody objects."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from jishi.catalogue.shelves import Shelves
from jishi.catalogue.structs import Listing, Product, ProductStatus
from jishi.compliance import Review, Subject, review_many
from jishi.identifiers import new_id
from jishi.problems import Invalid
from jishi.shop import Shop


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A product as somebody wants it.

    Attributes:
        old: As it was read; None makes a new one.
        listing: What it shall say.
        status: What it shall be; ``on_sale`` only after the review approves.
    """

    old: Product | None = None
    listing: Listing
    status: ProductStatus


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A product as it will be, and what the review said.

    Attributes:
        old: As it was read; None when it is new.
        product: As it will be.
        review: None when nothing had to be reviewed.
    """

    old: Product | None
    product: Product
    review: Review | None = None


async def judge(shop: Shop, drafts: Sequence[Draft], shelves: Shelves) -> list[Judged]:
    """Have drafts reviewed and say what they will be; nothing of the catalogue is written.

    What is not approved, for whatever reason, is kept as a draft: this fails closed.
    """
    now = shop.clock.now()
    products = [as_wanted(draft, now) for draft in drafts]
    asked = [one for one in products if one.status == "on_sale"]
    found = await review_many(shop, [subject_of(one, shelves) for one in asked])
    reviews = {product.id: review for product, review in zip(asked, found, strict=True)}
    return [
        Judged(
            old=draft.old, product=_allowed(one, reviews.get(one.id)), review=reviews.get(one.id)
        )
        for draft, one in zip(drafts, products, strict=True)
    ]


def subject_of(product: Product, shelves: Shelves) -> Subject:
    """What reviewers look at: every text a shopper could read."""
    one = product.listing
    texts = {
        "title": one.title,
        "brief": one.brief,
        "description": one.description,
        "brand": one.brand,
        "keywords": one.keywords,
    }
    texts |= {f"attributes.{name}": value for name, value in one.attributes.items()}
    for language, translated in one.translations.items():
        texts |= {f"translations.{language}.{name}": text for name, text in translated.items()}
    return Subject(
        kind="product",
        id=product.id,
        title=one.title,
        texts={name: text for name, text in texts.items() if text or name == "title"},
        category=shelves.titles(one.category),
        attributes={"price": str(max(sku.price for sku in one.skus)), "unit": one.unit},
    )


def check_listing(listing: Listing, shelves: Shelves) -> None:
    """Refuse what no type can tell.

    Raises:
        Invalid: Names the field.
    """
    if listing.category and listing.category not in shelves.by_id:
        raise Invalid(
            f"No category has the id {listing.category!r}.",
            field="category",
            next_step="GET /admin/categories lists them.",
        )
    codes = [sku.code for sku in listing.skus]
    choices = [tuple(sku.options.values()) for sku in listing.skus]
    names = {tuple(sku.options) for sku in listing.skus}
    if len(set(codes)) != len(codes):
        raise Invalid("Two SKUs have the same code.", field="skus")
    if len(names) > 1:
        raise Invalid("The SKUs of a product have the same options by name.", field="skus")
    if len(set(choices)) != len(choices):
        raise Invalid("Two SKUs are the same choice of options.", field="skus")


def as_wanted(draft: Draft, now: datetime) -> Product:
    """A draft as a product, before anybody has looked at it."""
    old = draft.old
    return Product(
        id=old.id if old else new_id(),
        status=draft.status,
        version=old.version + 1 if old else 1,
        listing=draft.listing,
        created_at=old.created_at if old else now,
        updated_at=now,
    )


def _allowed(product: Product, review: Review | None) -> Product:
    if product.status != "on_sale" or (review is not None and review.verdict == "approved"):
        return product
    return msgspec.structs.replace(product, status="draft")
