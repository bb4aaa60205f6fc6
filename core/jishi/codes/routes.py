"""How tills scan, and how staff give codes and decide about them."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from jishi.callers import require_staff
from jishi.codes.conflicts import conflicts, decide_conflict
from jishi.codes.give_codes import codes_of, give_code, take_code
from jishi.codes.scan import scan
from jishi.codes.structs import Conflict, Given, GivenCode, NewCode, Scanned
from jishi.shop import shop_of

AnyRequest = Request[Any, Any, Any]
_Word = Annotated[str, QueryParameter(max_length=64)]
_Code = Annotated[str, QueryParameter(min_length=1, max_length=128, description="As scanned.")]


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /admin/codes/conflicts/{id}``: where the code belongs."""

    decision: Literal["keep", "move"]


class Conflicts(msgspec.Struct, frozen=True, kw_only=True):
    """Conflicts that wait, and where to go on; ``next`` is None at the end."""

    items: tuple[Conflict, ...]
    next: str | None


class Codes(msgspec.Struct, frozen=True, kw_only=True):
    """The codes of one SKU."""

    items: tuple[GivenCode, ...]


@get("/pos/scan", operation_id="codes_scan", tags=["codes"])
async def scan_route(
    request: AnyRequest, code: _Code, store: _Word = "", issuer: _Word = ""
) -> Scanned:
    """What a scanned code means; labels of the store's scales say weight and amount as well."""
    require_staff(request, "catalogue:read")
    return await scan(shop_of(request), code, store=store or None, issuer=issuer)


@get("/admin/codes", operation_id="codes_list", tags=["codes"])
async def codes_route(request: AnyRequest, sku: _Code) -> Codes:
    """The codes that a SKU was given."""
    require_staff(request, "catalogue:read")
    return Codes(items=tuple(await codes_of(shop_of(request).database, sku)))


@post("/admin/codes", status_code=200, operation_id="codes_give", tags=["codes"])
async def give_route(request: AnyRequest, data: JSONBody[NewCode]) -> Given:
    """Give a SKU a code; what means other goods already waits for a decision."""
    caller = require_staff(request, "catalogue:write")
    return await give_code(shop_of(request), data, f"staff:{caller.id}")


@delete("/admin/codes", status_code=204, operation_id="codes_take", tags=["codes"])
async def take_route(request: AnyRequest, sku: _Code, code: _Code, issuer: _Word = "") -> None:
    """Take a code from a SKU."""
    require_staff(request, "catalogue:write")
    await take_code(shop_of(request), sku, code, issuer)


@get("/admin/codes/conflicts", operation_id="codes_conflicts", tags=["codes"])
async def conflicts_route(request: AnyRequest, cursor: _Word = "") -> Conflicts:
    """Codes that two SKUs want."""
    require_staff(request, "catalogue:read")
    items = await conflicts(shop_of(request).database, after=cursor, limit=50)
    return Conflicts(items=tuple(items), next=items[-1].id if len(items) == 50 else None)


@post(
    "/admin/codes/conflicts/{conflict:str}",
    status_code=200,
    operation_id="codes_decide",
    tags=["codes"],
)
async def decide_route(
    request: AnyRequest, conflict: FromPath[str], data: JSONBody[Decision]
) -> Conflict:
    """Leave a code where it is, or move it."""
    caller = require_staff(request, "catalogue:write")
    return await decide_conflict(shop_of(request), conflict, data.decision, f"staff:{caller.id}")


ROUTES = (
    scan_route,
    codes_route,
    give_route,
    take_route,
    conflicts_route,
    decide_route,
)
