"""The catalogue as a file for Excel, in the columns that `import_catalogue` reads."""

import csv
import io
from collections.abc import AsyncIterator

import msgspec

from jishi.catalogue.csv_columns import COLUMNS, FORMULAS, GUARD
from jishi.catalogue.load_products import load_products
from jishi.catalogue.shelves import Shelves, load_shelves
from jishi.catalogue.structs import Product, Sku
from jishi.db import Database
from jishi.ledger import balances, stock_account

_NEXT = "SELECT id FROM catalogue_products WHERE id > $1 ORDER BY id LIMIT 200"


async def export_catalogue(database: Database) -> AsyncIterator[bytes]:
    """The whole catalogue in pieces: UTF-8 with a mark, so that Excel reads Chinese.

    Cells that a spreadsheet would run as a formula are quoted.
    """
    shelves = await load_shelves(database)
    yield "\ufeff".encode() + _lines([list(COLUMNS)])
    last = ""
    while ids := await database.fetch_as(str, _NEXT, last):
        products = await load_products(database, "id", ids)
        codes = [sku.code for one in products for sku in one.listing.skus]
        stock = await balances(database, [stock_account(code) for code in codes])
        yield _lines(
            [
                _cells(one, sku, shelves, stock[stock_account(sku.code)].balance)
                for one in products
                for sku in one.listing.skus
            ]
        )
        last = ids[-1]


def _cells(product: Product, sku: Sku, shelves: Shelves, stock: int) -> list[str]:
    one = product.listing
    english = one.translations.get("en", {})
    on_sale = product.status == "on_sale" and sku.status == "on_sale"
    values = {
        "handle": one.handle,
        "title": one.title,
        "brief": one.brief,
        "description": one.description,
        "category_path": " > ".join(shelves.titles(one.category)),
        "brand": one.brand,
        "unit": one.unit,
        "keywords": one.keywords,
        "image_url": " ".join(media.address for media in one.media),
        "attributes_json": msgspec.json.encode(one.attributes).decode(),
        "title_en": english.get("title", ""),
        "brief_en": english.get("brief", ""),
        "tax_rate": str(one.tax_rate),
        "sku": sku.code,
        "options_json": msgspec.json.encode(sku.options).decode(),
        "price_yuan": _yuan(sku.price),
        "list_price_yuan": "" if sku.list_price is None else _yuan(sku.list_price),
        "stock": str(stock),
        "on_sale": "1" if on_sale else "0",
        "weight_g": str(sku.weight_g),
        "barcode": sku.barcode,
        "max_per_order": "" if sku.max_per_order is None else str(sku.max_per_order),
        "max_per_member": "" if sku.max_per_member is None else str(sku.max_per_member),
    }
    return [_harmless(values[name]) for name in COLUMNS]


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _harmless(text: str) -> str:
    text = text.strip()
    return GUARD + text if text.startswith((*FORMULAS, GUARD)) else text


def _lines(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
