"""Which lines a selector means."""

from collections.abc import Iterable, Mapping

from jishi.pricing import Item
from jishi_promotions.structs import Selector

Collections = Mapping[str, frozenset[str]]
"""The merchant's own collections: products by the collection's name."""


class Matcher:
    """A selector, made ready to be asked often.

    Args:
        selector: As the merchant wrote it.
        collections: What its collections hold at this version.
    """

    __slots__ = ("_out", "brands", "categories", "everything", "products", "selective", "skus")

    def __init__(self, selector: Selector, collections: Collections) -> None:
        in_collections = {
            product for name in selector.collections for product in collections.get(name, ())
        }
        self.skus = frozenset(selector.skus)
        self.products = frozenset(selector.products) | in_collections
        self.categories = frozenset(selector.categories)
        self.brands = frozenset(selector.brands)
        named = (selector.collections, self.skus, self.products, self.categories, self.brands)
        self.everything = not any(named)
        out = Selector(
            skus=selector.except_skus,
            products=selector.except_products,
            categories=selector.except_categories,
            brands=selector.except_brands,
        )
        self.selective = out != Selector()
        self._out: Matcher | None = Matcher(out, {}) if self.selective else None

    def index_keys(self) -> Iterable[str]:
        """What an index finds this selector by; one of them names every line that is meant."""
        yield from (f"s:{sku}" for sku in self.skus)
        yield from (f"p:{product}" for product in self.products)
        yield from (f"c:{category}" for category in self.categories)
        yield from (f"b:{brand}" for brand in self.brands)

    def means(self, item: Item) -> bool:
        """Whether a line is meant."""
        return self.names(item) and not self.leaves_out(item)

    def names(self, item: Item) -> bool:
        """Whether a line is named, whatever is left out."""
        return (
            self.everything
            or item.sku in self.skus
            or item.product in self.products
            or item.brand in self.brands
            or not self.categories.isdisjoint(item.category)
        )

    def leaves_out(self, item: Item) -> bool:
        """Whether a line is left out."""
        return self._out is not None and self._out.names(item)


def keys_of(item: Item) -> Iterable[str]:
    """What an index looks a line up by."""
    yield f"s:{item.sku}"
    yield f"p:{item.product}"
    yield from (f"c:{category}" for category in item.category)
    if item.brand:
        yield f"b:{item.brand}"
