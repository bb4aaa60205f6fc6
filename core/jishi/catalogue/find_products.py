"""Products as staff look for them: in any state, by words, page by page."""

from collections.abc import Sequence

import msgspec

from jishi.catalogue.load_products import load_products
from jishi.catalogue.structs import Product, ProductStatus
from jishi.catalogue.words import asked
from jishi.db import Database

_FIND = """
SELECT id FROM catalogue_products
WHERE id < $1 AND ($2 = '' OR status = $2)
ORDER BY id DESC LIMIT $3
"""
_FIND_BY_WORDS = """
SELECT p.id FROM catalogue_products p JOIN (
  SELECT product FROM catalogue_tokens WHERE token = ANY($4)
  GROUP BY product HAVING COUNT(*) = $5
) t ON t.product = p.id
WHERE p.id < $1 AND ($2 = '' OR p.status = $2)
ORDER BY p.id DESC LIMIT $3
"""
_BEFORE_ALL = "~"


class FoundProducts(msgspec.Struct, frozen=True, kw_only=True):
    """One page of products, the newest first.

    Attributes:
        items: The products, whole.
        next: The cursor of the next page; None on the last.
    """

    items: tuple[Product, ...]
    next: str | None = None


async def find_products(
    database: Database,
    *,
    q: str = "",
    status: ProductStatus | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> FoundProducts:
    """One page of products in any state.

    Args:
        database: Where to read.
        q: Words; a product answers to all of them.
        status: Only those in this state.
        cursor: ``next`` of the page before.
        limit: Most products of the page.
    """
    words: Sequence[str] = asked(q)
    if q.strip() and not words:
        return FoundProducts(items=())
    start, state = cursor or _BEFORE_ALL, status or ""
    if words:
        ids = await database.fetch_as(
            str, _FIND_BY_WORDS, start, state, limit + 1, list(words), len(words)
        )
    else:
        ids = await database.fetch_as(str, _FIND, start, state, limit + 1)
    found = await load_products(database, "id", ids[:limit])
    more = ids[limit - 1] if len(ids) > limit else None
    return FoundProducts(items=tuple(reversed(found)), next=more)
