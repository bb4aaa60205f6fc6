"""What carts and orders need to know about SKUs: the hottest reading of the catalogue."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from jishi.catalogue.memory import memory_of
from jishi.catalogue.structs import Sellable
from jishi.db import Database, Transaction, Value

BASE: Final = "base"
"""The price list that every SKU stands in."""

# The publication names the price list of the channel; without one, the product is not sold there.
_SELLABLES = """
SELECT s.code, s.product, p.handle, p.title, COALESCE(own.amount, base.amount), s.list_price,
       COALESCE(own.currency, base.currency), s.weight_g, COALESCE(c.path, ''), p.brand,
       p.tax_rate, CASE WHEN p.status = 'on_sale' AND (s.status <> 'on_sale' OR l.product IS NULL)
       THEN 'off_sale' ELSE p.status END, s.max_per_order, s.max_per_member, p.unit,
       COALESCE(m.address, ''), s.options
FROM catalogue_skus s
JOIN catalogue_products p ON p.id = s.product
JOIN catalogue_prices base ON base.sku = s.code AND base.price_list = 'base'
LEFT JOIN catalogue_publications l ON l.product = s.product AND l.channel = $2
LEFT JOIN catalogue_prices own ON own.sku = s.code AND own.price_list = l.price_list
LEFT JOIN catalogue_categories c ON c.id = p.category
LEFT JOIN catalogue_media m ON m.product = s.product AND m.position = 0
WHERE s.code = ANY($1)
"""

_options = msgspec.json.Decoder(dict[str, str])
_convert = msgspec.convert


async def products_with(reader: Database | Transaction, skus: Sequence[str]) -> set[str]:
    """The ids of the products that SKUs belong to."""
    found = "SELECT DISTINCT product FROM catalogue_skus WHERE code = ANY($1)"
    return {str(product) for (product,) in await reader.fetch(found, list(skus))}


async def sellables(
    reader: Database | Transaction, skus: Sequence[str], channel: str
) -> dict[str, Sellable]:
    """Everything a cart needs to know about SKUs, by their codes.

    Outside a transaction it comes from memory, at most a second behind what another process
    changed; with a transaction it is read from the database.

    Args:
        reader: The database, or the transaction in which an answer must be exact.
        skus: Codes; unknown ones are missing from the answer.
        channel: The sales channel, which decides the price and whether it is sold.
    """
    if isinstance(reader, Transaction):
        return await _read(reader, skus, channel)
    memory = memory_of(reader)
    await memory.look()
    known = memory.sellables.setdefault(channel, {})
    missing = [sku for sku in skus if sku not in known]
    found: Mapping[str, Sellable] = {}
    if missing:
        generation = memory.generation
        found = await _read(reader, missing, channel)
        if generation == memory.generation:
            known.update(found)
    return {sku: one for sku in skus if (one := known.get(sku) or found.get(sku)) is not None}


async def _read(
    reader: Database | Transaction, skus: Sequence[str], channel: str
) -> dict[str, Sellable]:
    rows = await reader.fetch(_SELLABLES, list(dict.fromkeys(skus)), channel)
    made = (_sellable(row) for row in rows)
    return {one.sku: one for one in made}


def _sellable(row: tuple[Value, ...]) -> Sellable:
    options = _options.decode(str(row[16]))
    choice = " ".join(options.values())
    fields: dict[str, object] = dict(zip(Sellable.__struct_fields__, row, strict=True))
    fields |= {
        "title": f"{row[3]} {choice}" if choice else row[3],
        "category": tuple(str(row[8]).split("/")[:-1]),
        "options": options,
    }
    return _convert(fields, Sellable)
