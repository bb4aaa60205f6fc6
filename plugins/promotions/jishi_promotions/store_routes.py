"""Coupons for shoppers: what there is to claim, what they hold, what lies just ahead."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from jishi.callers import caller_of, require_member
from jishi.catalogue import sellables
from jishi.idempotency import IdempotencyKey, key_of
from jishi.pricing import Basket
from jishi.shop import shop_of
from jishi_promotions import sql
from jishi_promotions.campaigns import campaign_in
from jishi_promotions.claims import Claimer, Coupon, claim_coupon, take_coupon, wallet
from jishi_promotions.hints import Hint, hints
from jishi_promotions.load import load, rule_of_text
from jishi_promotions.plain import item_of
from jishi_promotions.seat import AnyRequest, plugin_of
from jishi_promotions.windows import holds_at
from jishi_promotions.words import reason_of

_Device = Annotated[str, msgspec.Meta(max_length=128)]
_Limit = Annotated[int, QueryParameter(ge=1, le=100)]


class Claimable(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign whose coupons a member may claim.

    Attributes:
        campaign: The campaign's id.
        title: What it is called.
        reason: What a coupon gives.
    """

    campaign: str
    title: str
    reason: str


class Claimables(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to claim."""

    items: tuple[Claimable, ...]


class Wallet(msgspec.Struct, frozen=True, kw_only=True):
    """Some of a member's coupons, and where to go on; ``next`` is None at the end."""

    items: tuple[Coupon, ...]
    next: str | None


class Claiming(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a claim: which campaign, and what tells this device from others."""

    campaign: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    device: _Device = ""


class TypedCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code that somebody typed."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    device: _Device = ""


class HintLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A SKU and how many pieces."""

    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=9999)] = 1


class HintBasket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody has in the cart."""

    lines: Annotated[tuple[HintLine, ...], msgspec.Meta(min_length=1, max_length=100)]


class Hints(msgspec.Struct, frozen=True, kw_only=True):
    """What lies just ahead, the nearest first."""

    items: tuple[Hint, ...]


@get("/claimable", operation_id="promotions_claimable", tags=["promotions"])
async def claimable_route(request: AnyRequest) -> Claimables:
    """Campaigns whose coupons members may claim now."""
    plugin = plugin_of(request)
    rows = await plugin.desk.fetch(sql.LIVE)
    rules = [(str(row[0]), rule_of_text(str(row[2]))) for row in rows]
    now = plugin.desk.now()
    open_ones = [
        (campaign, rule)
        for campaign, rule in rules
        if rule.trigger == "coupon"
        and rule.claiming.open_to_all == "yes"
        and (not rule.starts_at or rule.starts_at <= now)
        and (not rule.ends_at or now < rule.ends_at)
    ]
    return Claimables(
        items=tuple(
            Claimable(
                campaign=campaign, title=rule.title, reason=reason_of(rule, plugin.terms.language)
            )
            for campaign, rule in open_ones
        )
    )


def _claimer(request: AnyRequest, device: str) -> Claimer:
    plugin, caller = plugin_of(request), require_member(request)
    return Claimer(
        member=caller.owner,
        device=device or caller.address,
        zone=plugin.terms.zone,
        per_member_day=plugin.settings.claims_per_member_day,
        per_device_day=plugin.settings.claims_per_device_day,
    )


@post(
    "/coupons",
    status_code=201,
    operation_id="promotions_claim",
    tags=["promotions"],
)
async def claim_route(
    request: AnyRequest, data: JSONBody[Claiming], idempotency_key: IdempotencyKey = None
) -> Coupon:
    """Claim a coupon of a campaign; the same key again gives the same coupon."""
    key, who, plugin = key_of(idempotency_key), _claimer(request, data.device), plugin_of(request)
    return await claim_coupon(plugin.desk, data.campaign, key, who, plugin.terms.language)


@post(
    "/coupons/typed",
    status_code=200,
    operation_id="promotions_take_code",
    tags=["promotions"],
)
async def take_route(request: AnyRequest, data: JSONBody[TypedCode]) -> Coupon:
    """Put the coupon of a code into the member's wallet; twice is once."""
    plugin, who = plugin_of(request), _claimer(request, data.device)
    wrong = plugin.settings.wrong_codes_per_day
    return await take_coupon(plugin.desk, data.code, who, wrong, plugin.terms.language)


@get("/coupons", operation_id="promotions_wallet", tags=["promotions"])
async def wallet_route(
    request: AnyRequest, limit: _Limit = 50, before: FromQuery[str | None] = None
) -> Wallet:
    """The member's coupons, the youngest first."""
    plugin, member = plugin_of(request), require_member(request).owner
    items = await wallet(plugin.desk, member, before or "~", limit, plugin.terms.language)
    return Wallet(items=tuple(items), next=items[-1].id if len(items) == limit else None)


@post(
    "/campaigns/{campaign:str}/shares",
    status_code=204,
    operation_id="promotions_share",
    tags=["promotions"],
)
async def share_route(request: AnyRequest, campaign: FromPath[str]) -> None:
    """Note that the member showed a campaign to others; counted once."""
    plugin, member = plugin_of(request), require_member(request).owner
    known = await campaign_in(plugin.desk, campaign)
    if known.status == "on":
        async with plugin.desk.writing() as w:
            await w.execute(sql.SHARE, campaign, member, plugin.desk.now())


@post("/hints", status_code=200, operation_id="promotions_hints", tags=["promotions"])
async def hints_route(request: AnyRequest, data: JSONBody[HintBasket]) -> Hints:
    """What lies just ahead for these goods: ``20 yuan more and 10 are off``, a gift to put in."""
    plugin, caller, shop = plugin_of(request), caller_of(request), shop_of(request)
    sold = await sellables(shop.database, [line.sku for line in data.lines], caller.channel)
    items = tuple(
        item_of(sold[line.sku], line.quantity, f"{at:03d}")
        for at, line in enumerate(data.lines)
        if line.sku in sold
    )
    basket = Basket(
        items=items,
        at=plugin.desk.now(),
        channel=caller.channel,
        store=caller.store,
        member=caller.id if caller.kind == "member" else None,
    )
    loaded = await load(plugin.desk, plugin.rules, basket, plugin.terms, "chosen")
    rules = [
        each
        for each in loaded.index.automatic_for(items)
        if holds_at(each.live.rule, basket.at, plugin.terms.zone)
    ]
    return Hints(items=tuple(hints(rules, basket, plugin.terms.language)))


STORE_ROUTES = (
    claimable_route,
    claim_route,
    take_route,
    wallet_route,
    share_route,
    hints_route,
)
