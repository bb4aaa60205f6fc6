"""What a file's rows want of a product, laid over what the product says today."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from jishi.catalogue.csv_rows import Row
from jishi.catalogue.judge import Draft
from jishi.catalogue.shelves import Shelves
from jishi.catalogue.structs import Listing, Media, Product, ProductStatus, Sku, Translations

_PRODUCT_FIELDS = {
    "title": "title",
    "brief": "brief",
    "description": "description",
    "brand": "brand",
    "unit": "unit",
    "keywords": "keywords",
    "attributes_json": "attributes",
    "tax_rate": "tax_rate",
}
_SKU_FIELDS = {
    "sku": "code",
    "options_json": "options",
    "price_yuan": "price",
    "list_price_yuan": "list_price",
    "weight_g": "weight_g",
    "barcode": "barcode",
    "max_per_order": "max_per_order",
    "max_per_member": "max_per_member",
}
_TRANSLATED = {"title_en": ("en", "title"), "brief_en": ("en", "brief")}


def wanted(rows: Sequence[Row], old: Product | None, shelves: Shelves) -> Draft:
    """A product as the file wants it; columns that the file does not have keep their values.

    Args:
        rows: The file's rows of one product, which do not contradict each other.
        old: The product as it is; None when it is new.
        shelves: Where the category is looked up, and made if need be.
    """
    values = rows[0].values
    fields: dict[str, Any] = {
        field: values[column] for column, field in _PRODUCT_FIELDS.items() if column in values
    }
    if "category_path" in values:
        fields["category"] = shelves.place(values["category_path"])
    if "image_url" in values:
        fields["media"] = _media(values["image_url"], old)
    translations = old.listing.translations if old else {}
    fields["translations"] = _translations(values, translations)
    fields["skus"] = _skus(rows, old)
    if old is None:
        listing = Listing(handle=values["handle"], **fields)
    else:
        listing = msgspec.structs.replace(old.listing, **fields)
    return Draft(old=old, listing=listing, status=_status(rows, old))


def _status(rows: Sequence[Row], old: Product | None) -> ProductStatus:
    if "on_sale" not in rows[0].values:
        return old.status if old else "on_sale"
    return "on_sale" if any(row.values["on_sale"] for row in rows) else "off_sale"


def _skus(rows: Sequence[Row], old: Product | None) -> tuple[Sku, ...]:
    """The product's SKUs in their old order, then the new ones; none goes."""
    before = {sku.code: sku for sku in old.listing.skus} if old else {}
    whole = not any(row.values.get("on_sale", 1) for row in rows)
    for row in rows:
        fields: dict[str, Any] = {
            field: row.values[column]
            for column, field in _SKU_FIELDS.items()
            if column in row.values
        }
        if "on_sale" in row.values:
            # Where all rows say 0 the product is off sale, and its SKUs are as they would be.
            on_sale = whole or row.values["on_sale"]
            fields["status"] = "on_sale" if on_sale else "off_sale"
        known = before.get(fields["code"])
        before[fields["code"]] = (
            Sku(**fields) if known is None else msgspec.structs.replace(known, **fields)
        )
    return tuple(before.values())


def _media(addresses: Sequence[str], old: Product | None) -> tuple[Media, ...]:
    known = {one.address: one for one in old.listing.media} if old else {}
    return tuple(known.get(address) or Media(address=address) for address in addresses)


def _translations(values: Mapping[str, Any], before: Translations) -> Translations:
    after = {language: dict(texts) for language, texts in before.items()}
    for column, (language, field) in _TRANSLATED.items():
        if column not in values:
            continue
        texts = after.setdefault(language, {})
        texts.pop(field, None)
        if values[column]:
            texts[field] = values[column]
    return {language: texts for language, texts in after.items() if texts}
