"""Lists of products: by words, category, brand, price, stock; paged by where the last ended."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import msgspec

from jishi.catalogue.cards import Card, cards
from jishi.catalogue.problems import BadQuery
from jishi.catalogue.shelves import Shelves, known_shelves
from jishi.catalogue.words import asked
from jishi.db import Argument, Database

Sort = Literal["relevance", "newest", "price", "-price", "title"]

Amount = Annotated[int, msgspec.Meta(ge=0, le=10**12)]


class ProductQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a list shall hold.

    Attributes:
        q: Words; a product answers to all of them.
        category: A category's handle; what stands in the shelves inside it counts too.
        brand: A brand's name.
        min_price: The lowest price in fen.
        max_price: The highest price in fen.
        in_stock: ``yes`` leaves out what cannot be had now.
        sort: ``relevance`` needs ``q`` and is its default; ``newest`` is the default without.
        cursor: Where the page before ended.
        limit: Most products of a page.
    """

    q: Annotated[str, msgspec.Meta(max_length=200)] = ""
    category: Annotated[str, msgspec.Meta(max_length=120)] = ""
    brand: Annotated[str, msgspec.Meta(max_length=100)] = ""
    min_price: Amount | None = None
    max_price: Amount | None = None
    in_stock: Literal["yes", "no"] = "no"
    sort: Sort | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=800)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class ProductPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of products.

    Attributes:
        items: The products.
        next: The cursor of the next page; None on the last.
    """

    items: tuple[Card, ...]
    next: str | None = None


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    sort: Sort
    key: int | str
    product: str


class _Statement:
    """A list's statement, put together with its arguments."""

    def __init__(self) -> None:
        self.joins: list[str] = []
        self.conditions: list[str] = []
        self.arguments: list[Argument] = []

    def where(self, condition: str, *arguments: Argument) -> None:
        """One more condition; ``{}`` in it stands for its arguments, in order."""
        self.conditions.append(condition.format(*(self.argument(one) for one in arguments)))

    def argument(self, value: Argument) -> str:
        """The place of a value."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"


# The key that a list is sorted by, and its direction; the product's id settles ties.
_ORDERS: dict[Sort, tuple[str, str]] = {
    "newest": ("l.product", "DESC"),
    "price": ("l.price", "ASC"),
    "-price": ("l.price", "DESC"),
    "title": ("l.sort_key", "ASC"),
}
_IN_STOCK = """EXISTS (
  SELECT 1 FROM catalogue_skus s
  JOIN ledger_accounts a ON a.id = 'stock:' || s.code || ':' || {}
  WHERE s.product = l.product AND s.status = 'on_sale' AND a.balance - a.held > a.floor)"""


async def list_products(
    database: Database, query: ProductQuery, *, channel: str, locale: str, location: str
) -> ProductPage:
    """One page of the products on sale in a channel.

    Args:
        database: Where to read.
        query: What the list shall hold.
        channel: The sales channel.
        locale: The language of titles, where there is a translation.
        location: Where stock is counted.

    Raises:
        BadQuery: The category, the order or the cursor makes no sense.
    """
    words = asked(query.q)
    if query.q.strip() and not words:
        return ProductPage(items=())
    shelves = await known_shelves(database) if query.category else Shelves()
    statement = _Statement()
    statement.where("l.channel = {}", channel)
    _filter(statement, query, shelves, location)
    rank = await _match(statement, database, words)
    sort = _sort_of(query, words)
    key, direction = (rank, "DESC") if sort == "relevance" else _ORDERS[sort]
    if query.cursor:
        _go_on(statement, _cursor(query.cursor, sort), key, direction)
    rows = await database.fetch(_sql(statement, key, direction, query.limit), *statement.arguments)
    shown = rows[: query.limit]
    found = [str(row[0]) for row in shown]
    more = _encode(_Cursor(sort, *_end(shown[-1]))) if len(rows) > query.limit else None
    items = await cards(database, found, channel=channel, locale=locale, location=location)
    return ProductPage(items=items, next=more)


def _filter(statement: _Statement, query: ProductQuery, shelves: Shelves, location: str) -> None:
    if query.category:
        shelf = shelves.by_handle.get(query.category)
        if shelf is None:
            raise BadQuery(
                f"There is no category {query.category!r}.",
                field="category",
                next_step="GET /store/categories lists them.",
            )
        inside = shelves.below(shelf.id)
        if len(inside) == 1:  # its index is in the list's order already
            statement.where("l.category = {}", shelf.id)
        else:
            statement.where("l.category = ANY({})", inside)
    if query.brand:
        statement.where("l.brand = {}", query.brand)
    if query.min_price is not None:
        statement.where("l.price >= {}", query.min_price)
    if query.max_price is not None:
        statement.where("l.price <= {}", query.max_price)
    if query.in_stock == "yes":
        statement.where(_IN_STOCK, location)


async def _match(statement: _Statement, database: Database, words: Sequence[str]) -> str:
    """Join the index of words, the rarest word first, and give what ranks the hits."""
    for number, word in enumerate(await _rarest_first(database, words)):
        place = statement.argument(word)
        # CROSS JOIN keeps SQLite to this order; PostgreSQL knows the words' frequencies itself.
        statement.joins.append(f"catalogue_tokens t{number}")
        condition = f"t{number}.token = {place}"
        if number:
            condition += f" AND t{number}.product = t0.product"
        statement.conditions.append(condition)
    if words:
        statement.conditions.append("l.product = t0.product")
    return " + ".join(f"t{number}.weight" for number in range(len(words)))


_RARITY = "SELECT COUNT(*) FROM (SELECT 1 FROM catalogue_tokens WHERE token = $1 LIMIT 2000) t"


async def _rarest_first(database: Database, words: Sequence[str]) -> list[str]:
    if len(words) < 2:
        return list(words)
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = await database.one_as(int, _RARITY, word) or 0
    return sorted(words, key=lambda word: counts[word])


def _sort_of(query: ProductQuery, words: Sequence[str]) -> Sort:
    sort = query.sort or ("relevance" if words else "newest")
    if sort == "relevance" and not words:
        raise BadQuery("Relevance to what? Sort by it together with q.", field="sort")
    return sort


def _go_on(statement: _Statement, cursor: _Cursor, key: str, direction: str) -> None:
    sign = "<" if direction == "DESC" else ">"
    if key == "l.product":
        statement.where(f"l.product {sign} {{}}", cursor.product)
    else:
        statement.where(f"({key}, l.product) {sign} ({{}}, {{}})", cursor.key, cursor.product)


def _sql(statement: _Statement, key: str, direction: str, limit: int) -> str:
    tables = " CROSS JOIN ".join([*statement.joins, "catalogue_publications l"])
    order = f"{key} {direction}, l.product {direction}"
    return (
        f"SELECT l.product, {key} FROM {tables} WHERE {' AND '.join(statement.conditions)} "  # noqa: S608
        f"ORDER BY {order} LIMIT {limit + 1}"
    )


def _end(row: Sequence[object]) -> tuple[int | str, str]:
    key = row[1]
    return (key if isinstance(key, int) else str(key)), str(row[0])


def _encode(cursor: _Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


_read_cursor: Callable[[bytes], _Cursor] = msgspec.json.Decoder(_Cursor).decode


def _cursor(text: str, sort: Sort) -> _Cursor:
    try:
        cursor = _read_cursor(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        fits = cursor.sort == sort and isinstance(cursor.key, int) == (sort not in _TEXT_KEYS)
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        fits = False
    if not fits:
        raise BadQuery(
            "The cursor does not belong to this list.",
            field="cursor",
            next_step="Take it from `next` of the page before and keep the sort, or leave it out.",
        )
    return cursor


_TEXT_KEYS = ("newest", "title")
