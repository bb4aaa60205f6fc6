"""Coupons at tills: staff use them up and undo that."""

from typing import Annotated

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody

from jishi.callers import require_staff
from jishi.idempotency import REPLAYED, IdempotencyKey, key_of
from jishi.problems import Invalid
from jishi.shop import shop_of
from jishi_promotions.seat import AnyRequest, plugin_of
from jishi_promotions.till import AtTill, Redeemed, redeem_at_till, undo_at_till


class Undo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a use is undone."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


@post(
    "/till/redemptions",
    status_code=201,
    operation_id="promotions_redeem_at_till",
    tags=["promotions"],
)
async def redeem_route(
    request: AnyRequest, data: JSONBody[AtTill], idempotency_key: IdempotencyKey = None
) -> Response[Redeemed]:
    """Use a coupon at a till; ``amount`` is what comes off. Scope ``promotions:redeem``."""
    caller, plugin = require_staff(request, "promotions:redeem"), plugin_of(request)
    stores = shop_of(request).config.stores
    if data.store not in stores:
        raise Invalid(
            f"There is no store {data.store!r}.",
            field="store",
            next_step=f"Say one of: {', '.join(stores) or 'none is set up'}.",
        )
    index = await plugin.rules.current(plugin.desk)
    done, replayed = await redeem_at_till(
        plugin.desk, index, plugin.terms.zone, data, key_of(idempotency_key), f"staff:{caller.id}"
    )
    return Response(done, status_code=201, headers=REPLAYED if replayed else {})


@post(
    "/till/redemptions/{name:str}/undo",
    status_code=200,
    operation_id="promotions_undo_at_till",
    tags=["promotions"],
)
async def undo_route(request: AnyRequest, name: FromPath[str], data: JSONBody[Undo]) -> Redeemed:
    """Give a coupon back that was used by mistake; twice is once. Scope ``promotions:redeem``."""
    caller = require_staff(request, "promotions:redeem")
    return await undo_at_till(plugin_of(request).desk, name, data.reason, f"staff:{caller.id}")


TILL_ROUTES = (redeem_route, undo_route)
