"""Campaigns for staff: make, try, start, stop, issue codes, and see what came of it."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from jishi.callers import require_staff
from jishi.catalogue import sellables
from jishi.idempotency import IdempotencyKey, key_of
from jishi.pricing import Basket
from jishi.shop import shop_of
from jishi_promotions import sql
from jishi_promotions.campaigns import (
    Campaign,
    change_campaign,
    check_rule,
    keep_collection,
    make_campaign,
    start_campaign,
    stop_campaign,
)
from jishi_promotions.coupons import (
    Batch,
    NewBatch,
    NewCode,
    add_code,
    codes_of,
    issue_batch,
    void_batch,
)
from jishi_promotions.plain import item_of
from jishi_promotions.report import Page, alarms, campaign_page
from jishi_promotions.seat import AnyRequest, plugin_of
from jishi_promotions.simulate import (
    Effect,
    Past,
    Trial,
    effect_of,
    past_orders,
    skus_of_past,
    try_on,
    try_on_orders,
)
from jishi_promotions.structs import Rule

READ, WRITE = "promotions:read", "promotions:write"
_Limit = Annotated[int, QueryParameter(ge=1, le=100)]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Campaigns(msgspec.Struct, frozen=True, kw_only=True):
    """Some campaigns, the youngest first, and where to go on; ``next`` is None at the end."""

    items: tuple[Campaign, ...]
    next: str | None


class NewVersion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign's next version: the whole rule, and the version it is based on."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    rule: Rule


class Stop(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a campaign is stopped."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class PreviewLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A SKU and how many pieces of it."""

    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=9999)] = 1


class Preview(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule to be tried on a basket.

    Attributes:
        rule: The rule.
        lines: What lies in the basket.
        channel: Whose prices.
        store: In which store.
        delivery_fee: In fen.
        groups: Customer groups of who buys; a member is taken to buy.
        region: Where it goes.
        at: When, with its zone; None: now.
    """

    rule: Rule
    lines: Annotated[tuple[PreviewLine, ...], msgspec.Meta(min_length=1, max_length=100)]
    channel: str = "web"
    store: str | None = None
    delivery_fee: Annotated[int, msgspec.Meta(ge=0, le=10**9)] = 0
    groups: Annotated[tuple[_Word, ...], msgspec.Meta(max_length=50)] = ()
    region: str = ""
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class Previewed(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule does to a basket; None when it does nothing."""

    effect: Effect | None


class Simulation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule to be tried on the orders of some days.

    Attributes:
        rule: The rule.
        days: How many days back.
        orders: At most so many orders, the youngest.
        channel: Whose shelves and brands the goods stand on.
    """

    rule: Rule
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 30
    orders: Annotated[int, msgspec.Meta(ge=1, le=2000)] = 500
    channel: str = "web"


class Collection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Products that belong together, by their ids."""

    products: Annotated[tuple[_Word, ...], msgspec.Meta(max_length=10_000)]


class CodeAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A code, as shoppers may type it."""

    code: str


class Codes(msgspec.Struct, frozen=True, kw_only=True):
    """Some codes of a batch, and where to go on; ``next`` is None at the end."""

    items: tuple[str, ...]
    next: str | None


class Voided(msgspec.Struct, frozen=True, kw_only=True):
    """How many codes are worthless now."""

    codes: int


class Alarms(msgspec.Struct, frozen=True, kw_only=True):
    """Campaigns that miss a gate."""

    items: tuple[Page, ...]


def _staff(request: AnyRequest, scope: str) -> str:
    return f"staff:{require_staff(request, scope).id}"


@get("/admin/campaigns", operation_id="promotions_campaigns", tags=["promotions admin"])
async def campaigns_route(
    request: AnyRequest, limit: _Limit = 50, before: FromQuery[str | None] = None
) -> Campaigns:
    """All campaigns, the youngest first. Scope ``promotions:read``."""
    _staff(request, READ)
    items = await plugin_of(request).desk.fetch_as(Campaign, sql.CAMPAIGNS, before or "~", limit)
    return Campaigns(items=tuple(items), next=items[-1].id if len(items) == limit else None)


@post(
    "/admin/campaigns",
    status_code=201,
    operation_id="promotions_make_campaign",
    tags=["promotions admin"],
)
async def make_route(request: AnyRequest, data: JSONBody[Rule]) -> Campaign:
    """Write a campaign down as a draft. Scope ``promotions:write``."""
    return await make_campaign(plugin_of(request).desk, data, _staff(request, WRITE))


@get(
    "/admin/campaigns/{campaign:str}",
    operation_id="promotions_campaign",
    tags=["promotions admin"],
)
async def page_route(request: AnyRequest, campaign: FromPath[str]) -> Page:
    """A campaign's page: figures, gates, who did what. Scope ``promotions:read``."""
    _staff(request, READ)
    plugin = plugin_of(request)
    return await campaign_page(plugin.desk, campaign, plugin.settings)


@put(
    "/admin/campaigns/{campaign:str}",
    operation_id="promotions_change_campaign",
    tags=["promotions admin"],
)
async def change_route(
    request: AnyRequest, campaign: FromPath[str], data: JSONBody[NewVersion]
) -> Campaign:
    """Give it a new version; orders keep the one they had. Scope ``promotions:write``."""
    actor = _staff(request, WRITE)
    desk = plugin_of(request).desk
    return await change_campaign(desk, campaign, data.version, data.rule, actor)


@post(
    "/admin/campaigns/{campaign:str}/start",
    status_code=200,
    operation_id="promotions_start_campaign",
    tags=["promotions admin"],
)
async def start_route(request: AnyRequest, campaign: FromPath[str]) -> Campaign:
    """Switch it on: it holds from its beginning on. Scope ``promotions:write``."""
    return await start_campaign(plugin_of(request).desk, campaign, _staff(request, WRITE))


@post(
    "/admin/campaigns/{campaign:str}/stop",
    status_code=200,
    operation_id="promotions_stop_campaign",
    tags=["promotions admin"],
)
async def stop_route(
    request: AnyRequest, campaign: FromPath[str], data: JSONBody[Stop]
) -> Campaign:
    """Switch it off for ever: nobody new gets it. Scope ``promotions:write``."""
    actor = _staff(request, WRITE)
    return await stop_campaign(plugin_of(request).desk, campaign, actor, data.reason)


@post(
    "/admin/preview",
    status_code=200,
    operation_id="promotions_preview",
    tags=["promotions admin"],
)
async def preview_route(request: AnyRequest, data: JSONBody[Preview]) -> Previewed:
    """Try a rule on a basket; nothing is written. Scope ``promotions:read``."""
    _staff(request, READ)
    check_rule(data.rule)
    plugin, shop = plugin_of(request), shop_of(request)
    sold = await sellables(shop.database, [line.sku for line in data.lines], data.channel)
    items = [
        item_of(sold[line.sku], line.quantity, f"{at:03d}")
        for at, line in enumerate(data.lines)
        if line.sku in sold
    ]
    basket = Basket(
        items=tuple(sorted(items, key=lambda item: (item.sku, item.key))),
        at=data.at or plugin.desk.now(),
        channel=data.channel,
        store=data.store,
        member="preview",
        delivery_fee=data.delivery_fee,
        groups=frozenset(data.groups),
        region=data.region,
    )
    index = await plugin.rules.current(plugin.desk)
    win = try_on(data.rule, basket, plugin.terms.zone, index.collections)
    if win is None:
        return Previewed(effect=None)
    return Previewed(effect=effect_of(Past("", basket), win, plugin.terms.language))


@post(
    "/admin/simulations",
    status_code=200,
    operation_id="promotions_simulate",
    tags=["promotions admin"],
)
async def simulate_route(request: AnyRequest, data: JSONBody[Simulation]) -> Trial:
    """Price past orders under a rule; nothing is written. Scope ``promotions:read``."""
    _staff(request, READ)
    check_rule(data.rule)
    plugin, shop = plugin_of(request), shop_of(request)
    ends = plugin.desk.now()
    begins = ends - timedelta(days=data.days)
    skus = await skus_of_past(plugin.desk, begins, ends, data.orders)
    sold = await sellables(shop.database, skus, data.channel)
    orders = await past_orders(plugin.desk, begins, ends, data.orders, sold)
    index = await plugin.rules.current(plugin.desk)
    zone, language = plugin.terms.zone, plugin.terms.language
    return try_on_orders(data.rule, orders, zone, language, index.collections)


@put(
    "/admin/collections/{name:str}",
    status_code=204,
    operation_id="promotions_keep_collection",
    tags=["promotions admin"],
)
async def collection_route(
    request: AnyRequest, name: FromPath[str], data: JSONBody[Collection]
) -> None:
    """Say which products a collection holds. Scope ``promotions:write``."""
    actor = _staff(request, WRITE)
    await keep_collection(plugin_of(request).desk, name, list(data.products), actor)


@post(
    "/admin/campaigns/{campaign:str}/batches",
    status_code=201,
    operation_id="promotions_issue_batch",
    tags=["promotions admin"],
)
async def batch_route(
    request: AnyRequest,
    campaign: FromPath[str],
    data: JSONBody[NewBatch],
    idempotency_key: IdempotencyKey = None,
) -> Batch:
    """Issue codes, up to 200,000 at once. Scope ``promotions:write``."""
    actor, key = _staff(request, WRITE), key_of(idempotency_key)
    return await issue_batch(plugin_of(request).desk, campaign, data, key, actor)


@get(
    "/admin/batches/{batch:str}/codes",
    operation_id="promotions_codes",
    tags=["promotions admin"],
)
async def codes_route(
    request: AnyRequest,
    batch: FromPath[str],
    limit: Annotated[int, QueryParameter(ge=1, le=5000)] = 1000,
    after: FromQuery[str | None] = None,
) -> Response[Codes]:
    """The codes of a batch. They are money: scope ``promotions:write``."""
    _staff(request, WRITE)
    found = await codes_of(plugin_of(request).desk, batch, after or "", limit)
    items = tuple(code for _, code in found)
    following = found[-1][0] if len(found) == limit else None
    return Response(
        Codes(items=items, next=following), headers={"cache-control": "private, no-store"}
    )


@post(
    "/admin/campaigns/{campaign:str}/batches/{batch:str}/void",
    status_code=200,
    operation_id="promotions_void_batch",
    tags=["promotions admin"],
)
async def void_route(request: AnyRequest, campaign: FromPath[str], batch: FromPath[str]) -> Voided:
    """Make worthless what nobody holds yet of a batch. Scope ``promotions:write``."""
    actor = _staff(request, WRITE)
    return Voided(codes=await void_batch(plugin_of(request).desk, campaign, batch, actor))


@post(
    "/admin/campaigns/{campaign:str}/codes",
    status_code=201,
    operation_id="promotions_add_code",
    tags=["promotions admin"],
)
async def code_route(
    request: AnyRequest, campaign: FromPath[str], data: JSONBody[NewCode]
) -> CodeAdded:
    """Add a code of your own choice. Scope ``promotions:write``."""
    actor = _staff(request, WRITE)
    return CodeAdded(code=await add_code(plugin_of(request).desk, campaign, data, actor))


@get("/admin/alarms", operation_id="promotions_alarms", tags=["promotions admin"])
async def alarms_route(request: AnyRequest) -> Alarms:
    """Campaigns that are on and miss a gate. Scope ``promotions:read``."""
    _staff(request, READ)
    plugin = plugin_of(request)
    return Alarms(items=tuple(await alarms(plugin.desk, plugin.settings)))


ADMIN_ROUTES = (
    campaigns_route,
    make_route,
    page_route,
    change_route,
    start_route,
    stop_route,
    preview_route,
    simulate_route,
    collection_route,
    batch_route,
    codes_route,
    void_route,
    code_route,
    alarms_route,
)
