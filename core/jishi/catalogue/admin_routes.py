"""How staff reach products and categories."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, delete, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from jishi.callers import require_staff
from jishi.catalogue.change_categories import (
    CategoryInput,
    create_category,
    remove_category,
    replace_category,
)
from jishi.catalogue.change_products import (
    Note,
    ProductChange,
    change_product,
    create_product,
    publish_product,
    replace_product,
    withdraw_product,
)
from jishi.catalogue.find_products import FoundProducts, find_products
from jishi.catalogue.judge import Judged
from jishi.catalogue.load_products import load_product
from jishi.catalogue.shelves import load_shelves
from jishi.catalogue.structs import Category, Listing, Product, ProductStatus
from jishi.compliance import Review
from jishi.db import Transaction
from jishi.shop import shop_of
from jishi.staff import record

AnyRequest = Request[Any, Any, Any]
PageSize = Annotated[int, QueryParameter(ge=1, le=100, description="Products on a page.")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=64, description="`next` of the page before.")
]
Words = Annotated[
    str, QueryParameter(max_length=200, description="A product answers to all of them.")
]


class NewListing(Listing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of ``PUT /admin/products/{id}``: everything, and the version it replaces."""

    version: int


class ProductAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A product as it is now.

    Attributes:
        product: The product.
        review: What the review said, where one was needed; what it does not approve stays a draft.
    """

    product: Product
    review: Review | None = None


class Categories(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``GET /admin/categories``: in the order of their positions, not as a tree."""

    items: tuple[Category, ...]


def may_write(request: AnyRequest, action: str, scope: str = "catalogue:write") -> Note:
    """Check the right to change something, and give what notes in the audit log that it was.

    Raises:
        Unauthenticated: No staff token.
        Forbidden: The role does not include the scope.
    """
    caller = require_staff(request, scope)

    async def note(tx: Transaction, subject: str) -> None:
        await record(tx, shop_of(request), caller, action, subject)

    return note


def _answer(judged: Judged) -> ProductAnswer:
    return ProductAnswer(product=judged.product, review=judged.review)


@get("/admin/products", operation_id="catalogue_admin_list_products", tags=["catalogue"])
async def list_all(
    request: AnyRequest,
    q: Words = "",
    status: FromQuery[ProductStatus | None] = None,
    cursor: Cursor = None,
    limit: PageSize = 20,
) -> FoundProducts:
    """Products in any state, the newest first."""
    require_staff(request, "catalogue:read")
    return await find_products(
        shop_of(request).database, q=q, status=status, cursor=cursor, limit=limit
    )


@post("/admin/products", operation_id="catalogue_create_product", tags=["catalogue"])
async def create(request: AnyRequest, data: JSONBody[Listing]) -> ProductAnswer:
    """Make a product; it is a draft until it is published."""
    note = may_write(request, "product.created")
    return _answer(await create_product(shop_of(request), data, note))


@get(
    "/admin/products/{product_id:str}",
    operation_id="catalogue_admin_get_product",
    tags=["catalogue"],
)
async def read(request: AnyRequest, product_id: FromPath[str]) -> Product:
    """One product, whole."""
    require_staff(request, "catalogue:read")
    return await load_product(shop_of(request).database, product_id)


@put(
    "/admin/products/{product_id:str}",
    operation_id="catalogue_replace_product",
    tags=["catalogue"],
)
async def replace(
    request: AnyRequest, product_id: FromPath[str], data: JSONBody[NewListing]
) -> ProductAnswer:
    """Replace everything a product says; 409 when somebody else was faster."""
    note = may_write(request, "product.replaced")
    fields = {name: getattr(data, name) for name in Listing.__struct_fields__}
    listing = Listing(**fields)
    judged = await replace_product(shop_of(request), product_id, listing, data.version, note)
    return _answer(judged)


@patch(
    "/admin/products/{product_id:str}",
    operation_id="catalogue_change_product",
    tags=["catalogue"],
)
async def change(
    request: AnyRequest, product_id: FromPath[str], data: JSONBody[ProductChange]
) -> ProductAnswer:
    """Change some fields of a product; 409 when somebody else was faster."""
    note = may_write(request, "product.changed")
    return _answer(await change_product(shop_of(request), product_id, data, note))


@post(
    "/admin/products/{product_id:str}/{step:str}",
    status_code=200,
    operation_id="catalogue_publish_or_withdraw",
    tags=["catalogue"],
)
async def publish_or_withdraw(
    request: AnyRequest, product_id: FromPath[str], step: FromPath[Literal["publish", "withdraw"]]
) -> ProductAnswer:
    """Put a product on sale if the review approves, or take it off sale."""
    if step == "publish":
        note = may_write(request, "product.published")
        return _answer(await publish_product(shop_of(request), product_id, note))
    note = may_write(request, "product.withdrawn")
    return _answer(await withdraw_product(shop_of(request), product_id, note))


@get("/admin/categories", operation_id="catalogue_admin_list_categories", tags=["catalogue"])
async def list_categories(request: AnyRequest) -> Categories:
    """All categories."""
    require_staff(request, "catalogue:read")
    shelves = await load_shelves(shop_of(request).database)
    return Categories(items=_sorted(list(shelves.by_id.values())))


@post("/admin/categories", operation_id="catalogue_create_category", tags=["catalogue"])
async def add_category(request: AnyRequest, data: JSONBody[CategoryInput]) -> Category:
    """Make a category."""
    note = may_write(request, "category.created")
    return await create_category(shop_of(request), data, note)


@put(
    "/admin/categories/{category_id:str}",
    operation_id="catalogue_replace_category",
    tags=["catalogue"],
)
async def put_category(
    request: AnyRequest, category_id: FromPath[str], data: JSONBody[CategoryInput]
) -> Category:
    """Change a category; what stands inside it moves along."""
    note = may_write(request, "category.changed")
    return await replace_category(shop_of(request), category_id, data, note)


@delete(
    "/admin/categories/{category_id:str}",
    operation_id="catalogue_remove_category",
    tags=["catalogue"],
)
async def drop_category(request: AnyRequest, category_id: FromPath[str]) -> None:
    """Remove an empty category."""
    note = may_write(request, "category.removed")
    await remove_category(shop_of(request), category_id, note)


def _sorted(categories: Sequence[Category]) -> tuple[Category, ...]:
    return tuple(sorted(categories, key=lambda one: (len(one.path), one.position, one.id)))


ADMIN_ROUTES = (
    list_all,
    create,
    read,
    replace,
    change,
    publish_or_withdraw,
    list_categories,
    add_category,
    put_category,
    drop_category,
)
