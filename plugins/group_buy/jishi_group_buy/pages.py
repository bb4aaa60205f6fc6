"""What routes answer: a campaign, a team as its link shows it, the merchant's page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from jishi.plugins import Desk
from jishi_group_buy import accounts, sql
from jishi_group_buy.decide_team import count_of, leader_of
from jishi_group_buy.store import find_campaign, seats_of, team_of
from jishi_group_buy.structs import Campaign, Outcome, Rules, Seat, Step, Team, TeamState, Unit

_HERE = ("paid", "owed", "settled")


class CampaignShown(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign for shoppers.

    Attributes:
        id: What ``extras["group_buy.open"]`` of an order names to open a team.
        title: Its title.
        text: Its conditions.
        unit: Whether the ladder counts people or pieces.
        ladder: The steps; who joins pays the first.
        seats: What a team can take.
        hours: How long a team may gather.
        newcomers: New customers that must be in a team.
        leader_percent: What the leader has off besides.
        unfilled: What becomes of a team that reaches no step.
        disclosure: What the shop says about that.
        products: Products that take part.
        skus: SKUs that take part.
        starts_at: UTC.
        ends_at: UTC.
        is_on: Whether teams may be opened now.
        now: The server's time, UTC: count down from it.
    """

    id: str
    title: str
    text: str
    unit: Unit
    ladder: tuple[Step, ...]
    seats: int
    hours: int
    newcomers: int
    leader_percent: int
    unfilled: Literal["refund", "fill"]
    disclosure: str
    products: tuple[str, ...]
    skus: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    is_on: Literal["yes", "no"]
    now: datetime


class MemberShown(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a team: an initial, never a name.

    Attributes:
        name: The first letter and a mask.
        leads: Whether he leads.
        paid_at: UTC.
    """

    name: str
    leads: Literal["yes", "no"]
    paid_at: datetime | None


class TeamShown(msgspec.Struct, frozen=True, kw_only=True):
    """A team as its link shows it.

    Attributes:
        code: What ``extras["group_buy.team"]`` of an order names to join.
        campaign: Its campaign.
        state: Where it stands.
        outcome: How it ended; empty before.
        count: People, or pieces, that are paid.
        left: Seats that can still be had.
        missing: How many the next step needs; 0 on the highest.
        reach: The step that is reached by now, or was at the end; 0 for none.
        members: Who is in it, the first first.
        ends_at: UTC.
        now: The server's time, UTC: count down from it.
    """

    code: str
    campaign: CampaignShown
    state: TeamState
    outcome: Outcome
    count: int
    left: int
    missing: int
    reach: int
    members: tuple[MemberShown, ...]
    ends_at: datetime
    now: datetime


class MySeat(msgspec.Struct, frozen=True, kw_only=True):
    """A member's own seat.

    Attributes:
        order: The order.
        state: Where it stands.
        refund: What goes back, or went back, in fen.
        code: The team's code, to be sent to friends.
        team: The team.
    """

    order: str
    state: str
    refund: int
    code: str
    team: TeamShown


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign has brought.

    Attributes:
        seats: Orders placed for teams, without those given up.
        paid: Of them, paid ones.
        newcomers: Of those, first purchases (counted where the campaign asks for them).
        revenue: What was paid, in fen, without what was given up.
        given_back: What went back or is on its way, in fen.
        settled: Of that, what settlement gave back, in fen.
        teams: How many teams stand where: ``open``, ``settled:filled`` …
    """

    seats: int
    paid: int
    newcomers: int
    revenue: int
    given_back: int
    settled: int
    teams: dict[str, int]


class CampaignPage(msgspec.Struct, frozen=True, kw_only=True):
    """The merchant's page of a campaign."""

    campaign: Campaign
    numbers: Numbers


class CampaignList(msgspec.Struct, frozen=True, kw_only=True):
    """Campaigns, the youngest first."""

    items: tuple[Campaign, ...]
    next: str | None


class TeamFile(msgspec.Struct, frozen=True, kw_only=True):
    """A team as staff see it."""

    team: Team
    seats: tuple[Seat, ...]


class TeamList(msgspec.Struct, frozen=True, kw_only=True):
    """Teams with their seats, the youngest first."""

    items: tuple[TeamFile, ...]
    next: str | None


def masked(name: str) -> str:
    """The first letter of a name, and nothing else of it."""
    letter = name.strip()[:1]
    return f"{letter}**" if letter else "会员"


def shown(campaign: Campaign, now: datetime) -> CampaignShown:
    """A campaign as shoppers see it."""
    rules = campaign.rules
    return CampaignShown(
        id=campaign.id,
        title=campaign.title,
        text=campaign.text,
        unit=rules.unit,
        ladder=rules.ladder,
        seats=rules.seats,
        hours=rules.hours,
        newcomers=rules.newcomers,
        leader_percent=rules.leader_percent,
        unfilled=rules.unfilled,
        disclosure=rules.disclosure,
        products=rules.products,
        skus=rules.skus,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        is_on="yes" if campaign.is_on(now) else "no",
        now=now,
    )


async def show_team(desk: Desk, team: Team, names: dict[str, str]) -> TeamShown:
    """A team's page.

    Args:
        desk: The plugin's.
        team: The team.
        names: Members' names by id; they are masked here.
    """
    campaign = await find_campaign(desk, team.campaign)
    rules = campaign.rules
    seats = await here(desk, team.id)
    leader, count = leader_of(seats), count_of(rules, seats)
    account = accounts.seats(team.id)
    stands = (await desk.balances([account]))[account]
    open_now = team.state in ("opening", "open")
    return TeamShown(
        code=team.code,
        campaign=shown(campaign, desk.now()),
        state=team.state,
        outcome=team.outcome,
        count=count if open_now else team.size,
        left=max(0, rules.seats + stands.balance - stands.held) if open_now else 0,
        missing=_missing(rules, count) if open_now else 0,
        reach=_reach(rules, count) if open_now else team.reach,
        members=tuple(
            MemberShown(
                name=masked(names.get(seat.member, "")),
                leads="yes" if seat.id == leader else "no",
                paid_at=seat.paid_at,
            )
            for seat in seats
        ),
        ends_at=team.ends_at,
        now=desk.now(),
    )


async def here(desk: Desk, team: str) -> list[Seat]:
    """The seats of a team that are paid and were not given up."""
    return [row.seat for row in await seats_of(desk, team) if row.seat.state in _HERE]


def _missing(rules: Rules, count: int) -> int:
    return next((step.reach - count for step in rules.ladder if step.reach > count), 0)


def _reach(rules: Rules, count: int) -> int:
    return max((step.reach for step in rules.ladder if step.reach <= count), default=0)


async def numbers(desk: Desk, campaign: str) -> Numbers:
    """What a campaign has brought."""
    (row,) = await desk.fetch(sql.NUMBERS, campaign)
    seats, paid, newcomers, revenue, given_back, settled = (int(str(each)) for each in row)
    teams: dict[str, int] = {}
    for state, outcome, count in await desk.fetch(sql.OUTCOMES, campaign):
        teams[f"{state}:{outcome}" if outcome else str(state)] = int(str(count))
    return Numbers(
        seats=seats,
        paid=paid,
        newcomers=newcomers,
        revenue=revenue,
        given_back=given_back,
        settled=settled,
        teams=teams,
    )


async def team_list(desk: Desk, campaign: str, cursor: str, limit: int) -> TeamList:
    """A campaign's teams with their seats."""
    teams = [team_of(row) for row in await desk.fetch(sql.TEAMS, campaign, cursor, limit + 1)]
    items: list[TeamFile] = []
    for team in teams[:limit]:
        seats: Sequence[Seat] = [row.seat for row in await seats_of(desk, team.id)]
        items.append(TeamFile(team=team, seats=tuple(seats)))
    more = items[-1].team.id if len(teams) > limit else None
    return TeamList(items=tuple(items), next=more)
