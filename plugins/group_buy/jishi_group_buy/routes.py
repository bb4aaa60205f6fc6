"""How group buying is reached: shoppers' pages, and the merchant's desk below ``admin``."""

from typing import Annotated

import msgspec
from litestar import Request, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from jishi.callers import require_member, require_staff
from jishi.membership import load_member, member_ids
from jishi.plugins import Desk
from jishi.problems import NotFound
from jishi.shop import Shop, shop_of
from jishi_group_buy import campaigns, pages, sql
from jishi_group_buy.campaigns import Plan
from jishi_group_buy.settings import GroupBuySettings
from jishi_group_buy.store import campaign_of, find_campaign, seat_of_order, team_by_code, team_of
from jishi_group_buy.structs import Campaign, Team

_Asked = Request[object, object, State]
_Cursor = Annotated[str | None, QueryParameter(max_length=64)]
_BEYOND = "~"
"""Sorts behind every id."""

_PAGE, _LISTED = 50, 20


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a campaign is stopped."""

    because: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Campaigns(msgspec.Struct, frozen=True, kw_only=True):
    """Campaigns in which teams may be opened now."""

    items: tuple[pages.CampaignShown, ...]


class Teams(msgspec.Struct, frozen=True, kw_only=True):
    """Teams that anybody may join; empty unless the merchant lists them."""

    items: tuple[pages.TeamShown, ...]


def shopper_routes(desk: Desk, settings: GroupBuySettings) -> list[ControllerRouterHandler]:
    """The pages of shoppers; a team is opened and joined by placing an order."""

    @get("/campaigns", operation_id="group_buy_campaigns")
    async def running(
        product: Annotated[str | None, QueryParameter(max_length=64)] = None,
        sku: Annotated[str | None, QueryParameter(max_length=64)] = None,
    ) -> Campaigns:
        """Campaigns that are on now, for a product or SKU or for all."""
        now = desk.now()
        found = [campaign_of(row) for row in await desk.fetch(sql.RUNNING, now)]
        wanted = [
            one
            for one in found
            if (product is None and sku is None) or one.sells(product or "", sku or "")
        ]
        return Campaigns(items=tuple(pages.shown(one, now) for one in wanted))

    @get("/campaigns/{campaign:str}", operation_id="group_buy_campaign")
    async def campaign_page(campaign: FromPath[str]) -> pages.CampaignShown:
        """A campaign, once it has started."""
        return pages.shown(await _public(desk, campaign), desk.now())

    @get("/campaigns/{campaign:str}/teams", operation_id="group_buy_open_teams")
    async def open_teams(request: _Asked, campaign: FromPath[str]) -> Teams:
        """Open teams that anybody may join, those that end soonest first."""
        found = await _public(desk, campaign)
        if settings.listed == "no" or found.state != "running":
            return Teams(items=())
        rows = await desk.fetch(sql.GATHERING, campaign, desk.now(), _LISTED)
        teams = [await _shown(desk, shop_of(request), team_of(row)) for row in rows]
        return Teams(items=tuple(team for team in teams if team.left))

    @get("/teams/{code:str}", operation_id="group_buy_team")
    async def team_page(request: _Asked, code: FromPath[str]) -> pages.TeamShown:
        """The team that a link leads to."""
        team = await team_by_code(desk, code)
        if team is None:
            raise NotFound("There is no such team.", next_step="Check the link.")
        return await _shown(desk, shop_of(request), team)

    @get("/orders/{order:str}", operation_id="group_buy_my_seat")
    async def my_seat(request: _Asked, order: FromPath[str]) -> pages.MySeat:
        """The seat that an order of one's own brought, and the code for friends."""
        caller = require_member(request)
        row = await seat_of_order(desk, order)
        mine = await member_ids(shop_of(request).database, str(caller.id))
        if row is None or row.seat.member not in mine:
            raise NotFound("This order has no seat in a team.")
        team = team_of((await desk.fetch(sql.TEAM, row.seat.team))[0])
        return pages.MySeat(
            order=order,
            state=row.seat.state,
            refund=row.seat.refund,
            code=team.code,
            team=await _shown(desk, shop_of(request), team),
        )

    return [running, campaign_page, open_teams, team_page, my_seat]


def staff_routes(desk: Desk, settings: GroupBuySettings) -> list[ControllerRouterHandler]:
    """The merchant's desk: ``campaigns:read`` to look, ``campaigns:write`` to act."""

    @get("/admin/campaigns", operation_id="group_buy_list_campaigns")
    async def list_campaigns(request: _Asked, cursor: _Cursor = None) -> pages.CampaignList:
        """All campaigns, the youngest first."""
        require_staff(request, "campaigns:read")
        rows = await desk.fetch(sql.CAMPAIGNS, cursor or _BEYOND, _PAGE + 1)
        found = [campaign_of(row) for row in rows]
        more = found[_PAGE - 1].id if len(found) > _PAGE else None
        return pages.CampaignList(items=tuple(found[:_PAGE]), next=more)

    @post("/admin/campaigns", operation_id="group_buy_write_campaign")
    async def write_campaign(request: _Asked, data: JSONBody[Plan]) -> Campaign:
        """Write a campaign down; it begins when somebody starts it."""
        caller = require_staff(request, "campaigns:write")
        return await campaigns.write_down(desk, data, settings, str(caller.id))

    @put("/admin/campaigns/{campaign:str}", operation_id="group_buy_rewrite_campaign")
    async def rewrite_campaign(
        request: _Asked, campaign: FromPath[str], data: JSONBody[Plan]
    ) -> Campaign:
        """Write a draft anew; one that has started is never changed."""
        require_staff(request, "campaigns:write")
        return await campaigns.rewrite(desk, campaign, data, settings)

    @post(
        "/admin/campaigns/{campaign:str}/start",
        operation_id="group_buy_start_campaign",
        status_code=200,
    )
    async def start_campaign(request: _Asked, campaign: FromPath[str]) -> Campaign:
        """Let a campaign count, from its ``starts_at`` on."""
        caller = require_staff(request, "campaigns:write")
        return await campaigns.start(desk, campaign, str(caller.id))

    @post(
        "/admin/campaigns/{campaign:str}/stop",
        operation_id="group_buy_stop_campaign",
        status_code=200,
    )
    async def stop_campaign(
        request: _Asked, campaign: FromPath[str], data: JSONBody[Because]
    ) -> Campaign:
        """Stop a campaign at once: nobody new gets a seat, placed orders keep theirs."""
        caller = require_staff(request, "campaigns:write")
        return await campaigns.stop(desk, campaign, str(caller.id), data.because)

    @get("/admin/campaigns/{campaign:str}", operation_id="group_buy_campaign_page")
    async def campaign_page(request: _Asked, campaign: FromPath[str]) -> pages.CampaignPage:
        """A campaign: its rules, who started and stopped it, what it has brought."""
        require_staff(request, "campaigns:read")
        found = await find_campaign(desk, campaign)
        return pages.CampaignPage(campaign=found, numbers=await pages.numbers(desk, campaign))

    @get("/admin/campaigns/{campaign:str}/teams", operation_id="group_buy_campaign_teams")
    async def campaign_teams(
        request: _Asked, campaign: FromPath[str], cursor: _Cursor = None
    ) -> pages.TeamList:
        """The campaign's teams with their seats, the youngest first."""
        require_staff(request, "campaigns:read")
        await find_campaign(desk, campaign)
        return await pages.team_list(desk, campaign, cursor or _BEYOND, _PAGE)

    return [
        list_campaigns,
        write_campaign,
        rewrite_campaign,
        start_campaign,
        stop_campaign,
        campaign_page,
        campaign_teams,
    ]


async def _public(desk: Desk, campaign: str) -> Campaign:
    """A campaign that shoppers may know of.

    Raises:
        NotFound: There is none, or it is a draft.
    """
    found = await find_campaign(desk, campaign)
    if found.state == "draft":
        raise NotFound("There is no such campaign.")
    return found


async def _shown(desk: Desk, shop: Shop, team: Team) -> pages.TeamShown:
    names: dict[str, str] = {}
    for seat in await pages.here(desk, team.id):
        try:
            names[seat.member] = (await load_member(shop.database, seat.member)).name
        except NotFound:
            names[seat.member] = ""
    return await pages.show_team(desk, team, names)
