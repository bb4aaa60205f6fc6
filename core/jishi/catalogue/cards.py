"""What a list shows of each product."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import msgspec

from jishi.catalogue.structs import Translations
from jishi.db import Database, Value
from jishi.ledger import balances, stock_account

MOST_SHOWN = 999
"""Nobody is told how many more there are."""


class Card(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A product in a list.

    Attributes:
        id: The product's id.
        handle: Its name in addresses.
        title: Its name.
        brief: One line below the name.
        brand: The brand's name or empty.
        unit: What is counted.
        image: The first picture's address or empty.
        currency: ISO 4217.
        price: The lowest price of its SKUs, in fen.
        highest_price: The highest price of its SKUs, in fen.
        list_price: The struck-through price of the cheapest SKU in fen, or None.
        sku: The SKU's code, where there is only one.
        available: Whether any SKU can be had now.
    """

    id: str
    handle: str
    title: str
    brief: str
    brand: str
    unit: str
    image: str
    currency: str
    price: int
    highest_price: int
    list_price: int | None
    sku: str | None
    available: Literal["yes", "no"]


_ROWS = """
SELECT p.id, p.handle, p.title, p.brief, p.brand, p.unit, COALESCE(m.address, ''),
       p.translations, s.code, COALESCE(own.amount, base.amount), base.currency, s.list_price
FROM catalogue_publications l
JOIN catalogue_products p ON p.id = l.product
JOIN catalogue_skus s ON s.product = l.product AND s.status = 'on_sale'
JOIN catalogue_prices base ON base.sku = s.code AND base.price_list = 'base'
LEFT JOIN catalogue_prices own ON own.sku = s.code AND own.price_list = l.price_list
LEFT JOIN catalogue_media m ON m.product = l.product AND m.position = 0
WHERE l.channel = $1 AND l.product = ANY($2)
ORDER BY s.position
"""

_translations = msgspec.json.Decoder(Translations)


async def cards(
    database: Database, products: Sequence[str], *, channel: str, locale: str, location: str
) -> tuple[Card, ...]:
    """What a list shows of products, in their order; those not on sale are left out."""
    if not products:
        return ()
    rows: dict[str, list[tuple[Value, ...]]] = defaultdict(list)
    for row in await database.fetch(_ROWS, channel, list(products)):
        rows[str(row[0])].append(row)
    codes = [str(row[8]) for some in rows.values() for row in some]
    stock = await available(database, codes, location)
    return tuple(_card(rows[one], stock, locale) for one in products if one in rows)


async def available(database: Database, skus: Sequence[str], location: str) -> dict[str, int]:
    """How many pieces of SKUs can be had now, at most `MOST_SHOWN`."""
    accounts = {sku: stock_account(sku, location) for sku in skus}
    found = await balances(database, list(accounts.values()))
    return {
        sku: max(0, min(MOST_SHOWN, found[account].available)) for sku, account in accounts.items()
    }


def translated(texts: str, locale: str) -> dict[str, str]:
    """The texts in a language, by field; empty without a translation."""
    return _translations.decode(texts).get(locale, {}) if texts != "{}" else {}


def _card(rows: Sequence[tuple[Value, ...]], stock: dict[str, int], locale: str) -> Card:
    first = rows[0]
    words = translated(str(first[7]), locale)
    prices = [price for row in rows if isinstance(price := row[9], int)]
    cheapest = next(row for row in rows if row[9] == min(prices))
    old_price = cheapest[11]
    return Card(
        id=str(first[0]),
        handle=str(first[1]),
        title=words.get("title") or str(first[2]),
        brief=words.get("brief") or str(first[3]),
        brand=str(first[4]),
        unit=str(first[5]),
        image=str(first[6]),
        currency=str(first[10]),
        price=min(prices),
        highest_price=max(prices),
        list_price=old_price if isinstance(old_price, int) else None,
        sku=str(first[8]) if len(rows) == 1 else None,
        available="yes" if any(stock[str(row[8])] > 0 for row in rows) else "no",
    )
