"""How points are reached, all below ``/loyalty``: members, staff, tills."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from jishi.callers import Caller, require_member, require_staff
from jishi.db import Transaction
from jishi.events import note_look
from jishi.idempotency import REPLAYED, IdempotencyKey, key_of
from jishi.problems import Invalid, NotFound
from jishi.shop import shop_of
from jishi.staff import record
from jishi_loyalty import sql
from jishi_loyalty.birthdays import Birthday, say_birthday
from jishi_loyalty.exchange_points import Taken, exchange_points
from jishi_loyalty.give_points import Gift, Given, give_points
from jishi_loyalty.grant_points import Grant, Granted, grant_points
from jishi_loyalty.preview_rules import RulePreview, RuleWish, preview_rules
from jishi_loyalty.read_points import Holding, Statement, read_holding, read_statement
from jishi_loyalty.recount_tiers import TierPreview, preview_tiers, with_ladder
from jishi_loyalty.refund_worth import RefundWorth, refund_worth
from jishi_loyalty.scheme import Scheme, scheme_of
from jishi_loyalty.settings import Reward, Tier
from jishi_loyalty.write_off import WriteOff, write_off

AnyRequest = Request[Any, Any, Any]
Cursor = Annotated[str | None, QueryParameter(max_length=64, description="From the page before.")]


class Rewards(msgspec.Struct, frozen=True, kw_only=True):
    """What points buy."""

    items: tuple[Reward, ...]


class Ladder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ladder of tiers that is thought of."""

    tiers: tuple[Tier, ...]


class Adjustment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points that staff give, or below 0 take."""

    points: Annotated[int, msgspec.Meta(ge=-(10**9), le=10**9)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


def _scheme(request: AnyRequest) -> Scheme:
    return scheme_of(shop_of(request))


def _me(request: AnyRequest) -> str:
    return require_member(request).owner


@get("/me", operation_id="loyalty_me")
async def me(request: AnyRequest) -> Holding:
    """What I have: points by their end, what waits, what I owe, my tier."""
    scheme = _scheme(request)
    return await read_holding(scheme.desk, scheme.settings, _me(request))


@get("/me/statement", operation_id="loyalty_my_statement")
async def my_statement(request: AnyRequest, cursor: Cursor = None) -> Statement:
    """Every entry in my accounts, the youngest first."""
    return await read_statement(_scheme(request).desk, _me(request), cursor)


@put("/me/birthday", operation_id="loyalty_say_birthday")
async def birthday(request: AnyRequest, data: JSONBody[Birthday]) -> Birthday:
    """Say my birthday, once."""
    try:
        await say_birthday(_scheme(request), _me(request), data)
    except ValueError as error:
        raise Invalid("There is no such day.", field="day") from error
    return data


@post("/gifts", operation_id="loyalty_give", status_code=201)
async def give(
    request: AnyRequest, data: JSONBody[Gift], idempotency_key: IdempotencyKey = None
) -> Response[Given]:
    """Give points to another member."""
    given = await give_points(_scheme(request), _me(request), data, key_of(idempotency_key))
    return _answer(given, given.replayed)


@get("/rewards", operation_id="loyalty_rewards")
async def rewards(request: AnyRequest) -> Rewards:
    """What points buy."""
    return Rewards(items=_scheme(request).settings.rewards)


@post("/rewards/{code:str}", operation_id="loyalty_take_reward", status_code=201)
async def take_reward(
    request: AnyRequest, code: FromPath[str], idempotency_key: IdempotencyKey = None
) -> Response[Taken]:
    """Take a coupon for points; goods are taken in the cart."""
    key = key_of(idempotency_key)
    taken = await exchange_points(_scheme(request), _me(request), code, key)
    return _answer(taken, taken.replayed)


@get("/members/{member_id:str}", operation_id="loyalty_member")
async def member(request: AnyRequest, member_id: FromPath[str]) -> Holding:
    """What a member has, for staff."""
    caller, scheme = require_staff(request, "members:read"), _scheme(request)
    await _there(scheme, member_id)
    await note_look(scheme.shop, caller, "member", [member_id])
    return await read_holding(scheme.desk, scheme.settings, member_id)


@get("/members/{member_id:str}/statement", operation_id="loyalty_statement")
async def statement(
    request: AnyRequest, member_id: FromPath[str], cursor: Cursor = None
) -> Statement:
    """Every entry in a member's accounts, for staff."""
    caller, scheme = require_staff(request, "members:read"), _scheme(request)
    await _there(scheme, member_id)
    await note_look(scheme.shop, caller, "member", [member_id])
    return await read_statement(scheme.desk, member_id, cursor)


@post("/members/{member_id:str}/points", operation_id="loyalty_adjust", status_code=201)
async def adjust(
    request: AnyRequest,
    member_id: FromPath[str],
    data: JSONBody[Adjustment],
    idempotency_key: IdempotencyKey = None,
) -> Response[Granted]:
    """Give a member points or take some; the reason stands in the audit log."""
    caller, scheme = require_staff(request, "loyalty:write"), _scheme(request)
    key = key_of(idempotency_key)
    if not data.points:
        raise Invalid("0 points change nothing.", field="points")
    await _there(scheme, member_id)
    grant = Grant(
        member=member_id,
        points=data.points,
        source="granted",
        reason=data.reason,
        actor=f"staff:{caller.id}",
        key=f"staff:{member_id}:{key}",
    )

    async def work(tx: Transaction) -> Granted:
        granted = await grant_points(scheme, grant)
        if granted.replayed == "no":
            await _audit(tx, scheme, caller, "loyalty.adjusted", member_id, data)
        return granted

    granted = await scheme.shop.database.atomically(work)
    return _answer(granted, granted.replayed)


@post("/members/{member_id:str}/debt", operation_id="loyalty_write_off", status_code=201)
async def settle_debt(
    request: AnyRequest,
    member_id: FromPath[str],
    data: JSONBody[WriteOff],
    idempotency_key: IdempotencyKey = None,
) -> Response[WriteOff]:
    """Strike out what a member owes, for instance because it was kept from his refund."""
    caller, scheme = require_staff(request, "loyalty:write"), _scheme(request)
    key = key_of(idempotency_key)
    await _there(scheme, member_id)

    async def work(tx: Transaction) -> bool:
        new = await write_off(scheme, member_id, data, key)
        if new:
            await _audit(tx, scheme, caller, "loyalty.debt_written_off", member_id, data)
        return new

    new = await scheme.shop.database.atomically(work)
    return _answer(data, "no" if new else "yes")


@get("/orders/{order_id:str}/refund", operation_id="loyalty_refund_worth")
async def worth_of_refund(request: AnyRequest, order_id: FromPath[str]) -> RefundWorth:
    """What is owed if the whole order goes back: points that it earned and that are spent."""
    require_staff(request, "orders:refund")
    return await refund_worth(_scheme(request), order_id)


@post("/tiers/preview", operation_id="loyalty_preview_tiers", status_code=200)
async def tiers_preview(request: AnyRequest, data: JSONBody[Ladder]) -> TierPreview:
    """Who would stand where if this were the ladder; nothing is changed."""
    require_staff(request, "loyalty:read")
    scheme = _scheme(request)
    return await preview_tiers(scheme.desk, with_ladder(scheme.settings, data.tiers))


@post("/rules/preview", operation_id="loyalty_preview_rules", status_code=200)
async def rules_preview(request: AnyRequest, data: JSONBody[RuleWish]) -> RulePreview:
    """What the last days' orders would have earned by other rules; nothing is changed."""
    require_staff(request, "loyalty:read")
    return await preview_rules(_scheme(request), data)


async def _there(scheme: Scheme, member_id: str) -> None:
    if not await scheme.desk.fetch(sql.MEMBER_THERE, member_id):
        raise NotFound("There is no such member.")


async def _audit(
    tx: Transaction,
    scheme: Scheme,
    caller: Caller,
    action: str,
    member_id: str,
    data: msgspec.Struct,
) -> None:
    await record(tx, scheme.shop, caller, action, member_id, msgspec.to_builtins(data))


def _answer(body: Any, replayed: str) -> Response[Any]:
    return Response(body, headers=REPLAYED if replayed == "yes" else {}, status_code=201)


POINTS_ROUTES = (
    me,
    my_statement,
    birthday,
    give,
    rewards,
    take_reward,
    member,
    statement,
    adjust,
    settle_debt,
    worth_of_refund,
    tiers_preview,
    rules_preview,
)
"""The handlers below ``/loyalty`` that are about points and tiers."""
