"""How staff reach prices, stock and files."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromQuery, JSONBody, QueryParameter
from litestar.response import Stream

from jishi.callers import require_staff
from jishi.catalogue.admin_routes import AnyRequest, ProductAnswer, may_write
from jishi.catalogue.count_stock import Stock, StockOrder, change_stock, stocks
from jishi.catalogue.export_catalogue import export_catalogue
from jishi.catalogue.import_catalogue import import_catalogue
from jishi.catalogue.imported import Imported, OnBadRow, StockColumn, Write
from jishi.catalogue.prices import prices
from jishi.catalogue.set_prices import NewPrice, set_prices
from jishi.catalogue.structs import Price
from jishi.idempotency import REPLAYED, IdempotencyKey, key_of
from jishi.problems import Invalid
from jishi.shop import shop_of

Skus = Annotated[list[str], QueryParameter(name="sku", max_items=90, description="SKUs' codes.")]
Location = Annotated[str, QueryParameter(max_length=60, description="Where it is counted.")]
PriceList = Annotated[str, QueryParameter(max_length=40, description="The list's name.")]


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``GET /admin/prices``."""

    items: tuple[Price, ...]


class NewPrices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of ``PUT /admin/prices``."""

    items: Annotated[tuple[NewPrice, ...], msgspec.Meta(min_length=1, max_length=500)]


class Repriced(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``PUT /admin/prices``: the products whose base prices were set."""

    products: tuple[ProductAnswer, ...]


class Stocks(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``GET /admin/stock``."""

    items: tuple[Stock, ...]


@get("/admin/prices", operation_id="catalogue_read_prices", tags=["catalogue"])
async def get_prices(request: AnyRequest, skus: Skus, price_list: PriceList = "base") -> Prices:
    """What SKUs cost in a price list."""
    require_staff(request, "catalogue:read")
    found = await prices(shop_of(request).database, skus, price_list)
    return Prices(items=tuple(found.values()))


@put("/admin/prices", operation_id="catalogue_set_prices", tags=["catalogue"])
async def put_prices(request: AnyRequest, data: JSONBody[NewPrices]) -> Repriced:
    """Set prices in any price list, all or none."""
    note = may_write(request, "price.set")
    judged = await set_prices(shop_of(request), data.items, note)
    answers = [ProductAnswer(product=one.product, review=one.review) for one in judged]
    return Repriced(products=tuple(answers))


@get("/admin/stock", operation_id="catalogue_read_stock", tags=["catalogue"])
async def get_stock(request: AnyRequest, skus: Skus, location: Location = "main") -> Stocks:
    """How many pieces there are, held ones and free ones."""
    require_staff(request, "catalogue:read")
    return Stocks(items=tuple(await stocks(shop_of(request).database, skus, location)))


@post("/admin/stock", status_code=200, operation_id="catalogue_change_stock", tags=["catalogue"])
async def post_stock(
    request: AnyRequest, data: JSONBody[StockOrder], idempotency_key: IdempotencyKey = None
) -> Response[Stock]:
    """Count a stock or add to it, with a reason."""
    note = may_write(request, "stock.changed", "stock:write")
    key = key_of(idempotency_key)
    caller = require_staff(request, "stock:write")
    done = await change_stock(shop_of(request), data, key, f"staff:{caller.id}", note)
    headers = REPLAYED if done.replayed == "yes" else {}
    return Response(done.stock, headers=headers)


@post(
    "/admin/products/import",
    status_code=200,
    operation_id="catalogue_import",
    tags=["catalogue"],
)
async def upload(
    request: Request[Any, Any, Any],
    on_bad_row: FromQuery[OnBadRow] = "skip",
    write: FromQuery[Write] = "commit",
    stock: FromQuery[StockColumn] = "initial",
) -> Imported:
    """Import a CSV file, sent as the body with ``Content-Type: text/csv``."""
    note = may_write(request, "catalogue.imported")
    if stock == "replace":
        require_staff(request, "stock:write")
    shop = shop_of(request)
    body = await request.body()
    if not body:
        raise Invalid("The file is empty.", next_step="Send the CSV file as the body.")
    result = await import_catalogue(shop, body, on_bad_row=on_bad_row, write=write, stock=stock)
    if write == "commit":
        async with shop.database.transaction() as tx:
            await note(tx, f"{result.new} new, {result.changed} changed")
    return result


@get("/admin/products/export", operation_id="catalogue_export", tags=["catalogue"])
async def download(request: AnyRequest) -> Stream:
    """The whole catalogue as a CSV file that Excel opens and the import reads."""
    require_staff(request, "catalogue:read")
    return Stream(
        export_catalogue(shop_of(request).database),
        media_type="text/csv",
        headers={"content-disposition": 'attachment; filename="catalogue.csv"'},
    )


GOODS_ROUTES = (get_prices, put_prices, get_stock, post_stock, upload, download)
