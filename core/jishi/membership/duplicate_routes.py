"""Duplicates at staff's desk: the queue, decisions, merging and parting by hand."""

from typing import Annotated

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from jishi.callers import Caller, require_staff
from jishi.db import Transaction
from jishi.events import note_look
from jishi.membership.duplicates import (
    PairDecision,
    PairPage,
    SideBySide,
    decide_pair,
    list_pairs,
    load_pair,
)
from jishi.membership.find_matches import resolve
from jishi.membership.members import find_row
from jishi.membership.merge_members import Also, Why, merge_members
from jishi.membership.pairs import Pair, PairState
from jishi.membership.part_members import part_member
from jishi.membership.people import Match, Said
from jishi.membership.structs import Merge
from jishi.problems import Invalid, NotFound
from jishi.shop import shop_of

AnyRequest = Request[object, object, State]
_PAGE = 50
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class MergeWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who turned out to be whom.

    Attributes:
        into: The survivor.
    """

    into: _Id


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """Members who may be meant, the likeliest first."""

    items: tuple[Match, ...]


@post(
    "/admin/members/search", operation_id="membership_resolve", status_code=200, tags=["members"]
)
async def search(request: AnyRequest, data: JSONBody[Said]) -> Matches:
    """Members who may be meant by what somebody said, each with its evidence."""
    caller, shop = require_staff(request, "members:read"), shop_of(request)
    items = await resolve(shop, data)
    await note_look(shop, caller, "member", [one.member for one in items])
    return Matches(items=items)


@post(
    "/admin/members/{member_id:str}/merge",
    operation_id="membership_merge",
    status_code=200,
    tags=["members"],
)
async def merge(request: AnyRequest, member_id: FromPath[str], data: JSONBody[MergeWish]) -> Merge:
    """This member turned out to be another; his id stays good, and it can be taken back."""
    caller = require_staff(request, "members:merge")
    also = _noting(request, caller, "member.merged", member_id, {"into": data.into})
    why, shop = Why(actor=f"staff:{caller.id}"), shop_of(request)
    try:
        await find_row(shop.database, data.into)
    except NotFound:
        raise Invalid(
            "There is no member of this id to become.",
            field="into",
            next_step="Look him up with POST /admin/members/search.",
        ) from None
    return await merge_members(shop, member_id, data.into, why, also)


@post(
    "/admin/members/{member_id:str}/part",
    operation_id="membership_part",
    status_code=200,
    tags=["members"],
)
async def part(request: AnyRequest, member_id: FromPath[str]) -> Merge:
    """This member, who was merged into another, is himself after all."""
    caller = require_staff(request, "members:merge")
    also = _noting(request, caller, "member.parted", member_id, {})
    why = Why(actor=f"staff:{caller.id}")
    return await part_member(shop_of(request), member_id, why, also)


@get("/admin/duplicates", operation_id="membership_duplicates", tags=["members"])
async def duplicates(
    request: AnyRequest,
    show: FromQuery[PairState] = "open",
    cursor: Annotated[str | None, QueryParameter(max_length=80)] = None,
) -> PairPage:
    """Pairs of members who may be one person, the likeliest first."""
    require_staff(request, "members:read")
    return await list_pairs(shop_of(request), show, cursor, _PAGE)


@get("/admin/duplicates/{pair_id:str}", operation_id="membership_duplicate", tags=["members"])
async def duplicate(request: AnyRequest, pair_id: FromPath[str]) -> SideBySide:
    """A pair side by side, with what speaks for it and against it."""
    caller, shop = require_staff(request, "members:read"), shop_of(request)
    both = await load_pair(shop, pair_id)
    await note_look(shop, caller, "member", [both.one.member.id, both.other.member.id])
    return both


@post(
    "/admin/duplicates/{pair_id:str}/decision",
    operation_id="membership_decide_duplicate",
    status_code=200,
    tags=["members"],
)
async def decide(
    request: AnyRequest, pair_id: FromPath[str], data: JSONBody[PairDecision]
) -> Pair:
    """They are one, or they are two and never come again."""
    caller = require_staff(request, "members:merge")
    also = _noting(request, caller, "duplicate.decided", pair_id, {"verdict": data.verdict})
    return await decide_pair(shop_of(request), pair_id, data, f"staff:{caller.id}", also)


def _noting(
    request: AnyRequest, caller: Caller, action: str, subject: str, detail: dict[str, object]
) -> Also | None:
    """The entry in the audit log; it is written by whoever assembled the shop's web."""
    record = request.app.state.get("record")
    if record is None:
        return None
    shop = shop_of(request)

    async def note(tx: Transaction) -> None:
        await record(tx, shop, caller, action, subject, detail)

    return note


ROUTES = (search, merge, part, duplicates, duplicate, decide)
"""The handlers below ``/admin/duplicates``, and those that make one member of two."""
