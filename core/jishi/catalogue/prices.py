"""Price lists: every SKU stands in ``base``; other lists name what differs."""

from collections.abc import Sequence

from jishi.catalogue.structs import Price
from jishi.db import Database, Transaction

_PRICES = """
SELECT base.sku, COALESCE(own.price_list, base.price_list), COALESCE(own.amount, base.amount),
       COALESCE(own.currency, base.currency)
FROM catalogue_prices base
LEFT JOIN catalogue_prices own ON own.sku = base.sku AND own.price_list = $2
WHERE base.sku = ANY($1) AND base.price_list = 'base'
"""


async def prices(
    reader: Database | Transaction, skus: Sequence[str], price_list: str = "base"
) -> dict[str, Price]:
    """What SKUs cost in a list, or in ``base`` where the list does not name them.

    Args:
        reader: Where to read.
        skus: Codes; unknown ones are missing from the answer.
        price_list: The list's name.
    """
    rows = await reader.fetch(_PRICES, list(skus), price_list)
    return {
        str(sku): Price(
            sku=str(sku), price_list=str(name), amount=int(str(amount)), currency=str(currency)
        )
        for sku, name, amount, currency in rows
    }
