"""How shoppers reach the catalogue; the same for everybody, so it is kept ready."""

from typing import Any

import msgspec
from litestar import Request, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from jishi.catalogue.list_products import ProductPage, ProductQuery, list_products
from jishi.catalogue.pages import (
    LOCATION,
    Asked,
    ListOperation,
    PageOperation,
    answer_page,
    query_as,
)
from jishi.catalogue.show_product import (
    Brand,
    Shelf,
    ShownProduct,
    brands,
    category_tree,
    show_product,
)

AnyRequest = Request[Any, Any, Any]
NOTHING: frozenset[str] = frozenset()


class _NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing may be asked."""


class Shelves(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``GET /store/categories``."""

    items: tuple[Shelf, ...]


class Brands(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``GET /store/brands``."""

    items: tuple[Brand, ...]


def _shows(kind: type, said: str) -> dict[int, ResponseSpec]:
    return {200: ResponseSpec(data_container=kind, description=said, generate_examples=False)}


@get(
    "/store/products",
    operation_id="catalogue_list_products",
    operation_class=ListOperation,
    responses=_shows(ProductPage, "One page of products."),
    tags=["catalogue"],
)
async def get_products(request: AnyRequest) -> ASGIResponse:
    """Products on sale: searched, filtered, sorted, page by page."""
    return await answer_page(request, _products)


@get(
    "/store/products/{handle:str}",
    operation_id="catalogue_show_product",
    operation_class=PageOperation,
    responses=_shows(ShownProduct, "The product."),
    tags=["catalogue"],
)
async def get_product(request: AnyRequest, handle: FromPath[str]) -> ASGIResponse:
    """One product with its SKUs, options and what can be had now."""

    async def build(asked: Asked) -> tuple[object, frozenset[str]]:
        query_as(_NoQuery, asked.query)
        product = await show_product(
            asked.shop.database,
            handle,
            channel=asked.channel,
            locale=asked.locale,
            location=LOCATION,
        )
        return product, frozenset((product.id,))

    return await answer_page(request, build)


@get(
    "/store/categories",
    operation_id="catalogue_list_categories",
    operation_class=PageOperation,
    responses=_shows(Shelves, "The tree."),
    tags=["catalogue"],
)
async def get_categories(request: AnyRequest) -> ASGIResponse:
    """All categories as a tree."""
    return await answer_page(request, _categories)


@get(
    "/store/brands",
    operation_id="catalogue_list_brands",
    operation_class=PageOperation,
    responses=_shows(Brands, "The brands, the largest first."),
    tags=["catalogue"],
)
async def get_brands(request: AnyRequest) -> ASGIResponse:
    """The brands on sale and how many products each has."""
    return await answer_page(request, _brands)


async def _products(asked: Asked) -> tuple[object, frozenset[str]]:
    page = await list_products(
        asked.shop.database,
        query_as(ProductQuery, asked.query),
        channel=asked.channel,
        locale=asked.locale,
        location=LOCATION,
    )
    return page, frozenset(card.id for card in page.items)


async def _categories(asked: Asked) -> tuple[object, frozenset[str]]:
    query_as(_NoQuery, asked.query)
    return Shelves(items=await category_tree(asked.shop.database, asked.locale)), NOTHING


async def _brands(asked: Asked) -> tuple[object, frozenset[str]]:
    query_as(_NoQuery, asked.query)
    return Brands(items=await brands(asked.shop.database, asked.channel)), NOTHING


STORE_ROUTES = (get_products, get_product, get_categories, get_brands)
