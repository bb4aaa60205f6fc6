"""Goods of the catalogue as lines to be priced."""

from jishi.catalogue import Sellable
from jishi.pricing import Item


def item_of(sold: Sellable, quantity: int, key: str) -> Item:
    """A line of so many pieces at the catalogue's price."""
    return Item(
        key=key,
        sku=sold.sku,
        product=sold.product,
        title=sold.title,
        quantity=quantity,
        unit_price=sold.price,
        weight_g=sold.weight_g,
        category=tuple(sold.category),
        brand=sold.brand,
        tax_rate=sold.tax_rate,
    )
