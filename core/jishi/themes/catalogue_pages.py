"""Pages for looking around: home, category, search, product."""

from typing import get_args

import msgspec
from litestar import get
from litestar.params import FromPath

from jishi.catalogue import (
    BadQuery,
    Card,
    ProductPage,
    ProductQuery,
    Shelf,
    Sort,
    brands,
    category_tree,
    list_products,
    show_product,
)
from jishi.problems import NotFound
from jishi.themes.choices import choices, chosen_sku
from jishi.themes.visit import AnyRequest, Page, Visit

_LOCATION = "main"
_NEW, _SHELVES, _OF_EACH, _PAGE = 8, 4, 4, 24


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A shelf on the home page with some of its products."""

    shelf: Shelf
    cards: tuple[Card, ...]


@get("/", include_in_schema=False)
async def home(request: AnyRequest) -> Page:
    """The home page: shelves, what is new, a look into the first shelves."""
    visit = Visit(request)
    shelves = await category_tree(visit.shop.database, visit.language)
    newest = await _list(visit, ProductQuery(sort="newest", in_stock="yes", limit=_NEW))
    rows: list[Row] = []
    for shelf in shelves[:_SHELVES]:
        page = await _list(visit, ProductQuery(category=shelf.handle, limit=_OF_EACH))
        if page.items:
            rows.append(Row(shelf=shelf, cards=page.items))
    return await visit.show("home.html", shelves=shelves, newest=newest.items, rows=rows)


@get("/c/{handle:str}", include_in_schema=False)
async def category(request: AnyRequest, handle: FromPath[str]) -> Page:
    """A shelf: the shelves in it and its products."""
    visit = Visit(request)
    shelves = await category_tree(visit.shop.database, visit.language)
    way = _way(shelves, handle)
    if not way:
        raise NotFound("There is no such category.")
    found = await _list(visit, _query(visit, category=handle))
    return await visit.show("category.html", way=way, shelf=way[-1], page=found, sort=_sort(visit))


@get("/search", include_in_schema=False)
async def search(request: AnyRequest) -> Page:
    """What answers to some words."""
    visit = Visit(request)
    q = visit.query.get("q", "").strip()[:200]
    found = await _list(visit, _query(visit, q=q)) if q else ProductPage(items=())
    names = await brands(visit.shop.database, visit.caller.channel) if not found.items else ()
    shelves = () if found.items else await category_tree(visit.shop.database, visit.language)
    return await visit.show(
        "search.html", q=q, page=found, sort=_sort(visit), brands=names[:12], shelves=shelves
    )


@get("/p/{handle:str}", include_in_schema=False)
async def product(request: AnyRequest, handle: FromPath[str]) -> Page:
    """A product; ``?sku=`` says which of its SKUs is looked at."""
    visit = Visit(request)
    found = await show_product(
        visit.shop.database,
        handle,
        channel=visit.caller.channel,
        locale=visit.language,
        location=_LOCATION,
    )
    sku = chosen_sku(found, visit.query.get("sku", ""))
    return await visit.show("product.html", product=found, sku=sku, choices=choices(found, sku))


async def _list(visit: Visit, query: ProductQuery) -> ProductPage:
    return await list_products(
        visit.shop.database,
        query,
        channel=visit.caller.channel,
        locale=visit.language,
        location=_LOCATION,
    )


def _query(visit: Visit, q: str = "", category: str = "") -> ProductQuery:
    """The list that the address asks for; a cursor that makes no sense is told as such."""
    asked = visit.query
    cursor = asked.get("cursor", "")
    if len(cursor) > 800:
        raise BadQuery("The address of this page is damaged.")
    return ProductQuery(
        q=q,
        category=category,
        brand=asked.get("brand", "")[:100],
        in_stock="yes" if asked.get("in_stock") == "yes" else "no",
        sort=_sort(visit),
        cursor=cursor,
        limit=_PAGE,
    )


def _sort(visit: Visit) -> Sort | None:
    asked = visit.query.get("sort", "")
    known: tuple[Sort, ...] = get_args(Sort)
    found = next((sort for sort in known if sort == asked), None)
    return None if found == "relevance" else found


def _way(shelves: tuple[Shelf, ...], handle: str) -> list[Shelf]:
    """The shelves from the root down to one."""
    for shelf in shelves:
        if shelf.handle == handle:
            return [shelf]
        if below := _way(shelf.children, handle):
            return [shelf, *below]
    return []


ROUTES = (home, category, search, product)
