"""A shopper wants to open a team or to join one: looked at, priced, and what it uses up."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from jishi.effects import ORDER, Claim, Effect, Open, Record
from jishi.identifiers import new_id
from jishi.ledger import Balance
from jishi.plugins import Desk
from jishi.pricing import Basket, Nets, Offer
from jishi.problems import NotFound
from jishi_group_buy import accounts, sql
from jishi_group_buy.ladder import price_at
from jishi_group_buy.store import campaign_and_team, find_campaign
from jishi_group_buy.structs import Campaign, Rules, SeatLine, TeamState

OPEN, JOIN = "group_buy.open", "group_buy.team"
"""What a shopper's client says with the order: a campaign's id, or a team's code."""

ENDLESS = 10**12
"""The floor of what has no limit."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a shopper cannot have a seat.

    Attributes:
        code: For programs.
        message: For the shopper.
    """

    code: str
    message: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A seat that a shopper can probably have; the ledger has the last word.

    Attributes:
        campaign: Its campaign.
        team: The team's id, also of one that is only about to be opened.
        code: The team's code.
        opens: Whether the team is opened with it.
        ends_at: When the team's time is over, UTC.
        seat: The new seat's id.
        member: Whose.
        newcomer: Whether the member buys for the first time.
    """

    campaign: Campaign
    team: str
    code: str
    opens: Literal["yes", "no"]
    ends_at: datetime
    seat: str
    member: str
    newcomer: Literal["yes", "no"]


def wants(extras: Mapping[str, str]) -> bool:
    """Whether a shopper's client says anything about teams."""
    return bool(extras.get(OPEN) or extras.get(JOIN))


async def look(
    desk: Desk, extras: Mapping[str, str], member: str | None, now: datetime
) -> Wanted | Refusal | None:
    """What a basket's extras ask for; None when they are not about teams.

    Args:
        desk: The plugin's.
        extras: What the shopper's client says.
        member: Who wants it.
        now: The moment that counts, UTC.
    """
    if not wants(extras):
        return None
    campaign_id, code = extras.get(OPEN, ""), extras.get(JOIN, "")
    if campaign_id and code:
        return Refusal(code="team_or_campaign", message="开团和参团只能选一个。")
    if member is None:
        return Refusal(code="login_first", message="请先登录，再参加拼团。")
    if code:
        return await _joining(desk, code, member, now)
    return await _opening(desk, campaign_id, member, now)


async def _opening(desk: Desk, campaign_id: str, member: str, now: datetime) -> Wanted | Refusal:
    try:
        campaign = await find_campaign(desk, campaign_id)
    except NotFound:
        return Refusal(code="no_such_campaign", message="没有这个拼团活动。")
    if not campaign.is_on(now):
        early = campaign.state == "running" and now < campaign.starts_at
        message = "拼团活动还没有开始。" if early else "拼团活动已经结束。"
        return Refusal(code="campaign_not_on", message=message)
    return await _seated(
        desk,
        Wanted(
            campaign=campaign,
            team=new_id(),
            code=secrets.token_urlsafe(16),
            opens="yes",
            ends_at=now + timedelta(hours=campaign.rules.hours),
            seat=new_id(),
            member=member,
            newcomer="no",
        ),
    )


async def _joining(desk: Desk, code: str, member: str, now: datetime) -> Wanted | Refusal:
    found = await campaign_and_team(desk, code)
    if found is None:
        return Refusal(code="no_such_team", message="没有这个团，请检查链接。")
    campaign, team = found
    if campaign.state != "running":
        return Refusal(code="campaign_not_on", message="拼团活动已经结束。")
    if team.state not in ("opening", "open") or now >= team.ends_at:
        return Refusal(code="team_over", message="这个团已经结束，可以自己开一个团。")
    wanted = Wanted(
        campaign=campaign,
        team=team.id,
        code=team.code,
        opens="no",
        ends_at=team.ends_at,
        seat=new_id(),
        member=member,
        newcomer="no",
    )
    return await _seated(desk, wanted, team.state)


async def _seated(desk: Desk, wanted: Wanted, state: TeamState | None = None) -> Wanted | Refusal:
    """How the accounts stand, in one look; and whether the member is new here."""
    rules, stands = wanted.campaign.rules, await desk.balances(_accounts(wanted))
    refusal = _no_room(wanted, state, stands) if state else None
    refusal = refusal or _no_share(wanted, stands)
    if refusal is not None:
        return refusal
    if not rules.newcomers or _used(stands, accounts.newness(wanted.member)) >= 1:
        return wanted
    if await desk.fetch(sql.BOUGHT_BEFORE, wanted.member):
        return wanted
    return msgspec.structs.replace(wanted, newcomer="yes")


def _accounts(wanted: Wanted) -> list[str]:
    member, campaign = wanted.member, wanted.campaign.id
    return [
        accounts.seats(wanted.team),
        accounts.share(member, campaign),
        accounts.once(member, wanted.team),
        accounts.places(campaign),
        accounts.newness(member),
    ]


def _used(stands: Mapping[str, Balance], account: str) -> int:
    """What is held or taken of an account that begins at 0."""
    return stands[account].held - stands[account].balance


def _no_room(wanted: Wanted, state: TeamState, stands: Mapping[str, Balance]) -> Refusal | None:
    """Why a team cannot be joined: its leader has not paid, or it is full."""
    seats = accounts.seats(wanted.team)
    if state == "opening" and stands[seats].balance >= 0:
        return Refusal(code="team_not_open", message="团长付款后才能参团。")
    if _used(stands, seats) >= wanted.campaign.rules.seats:
        return Refusal(code="team_full", message="这个团满员了，可以自己开一个团。")
    return None


def _no_share(wanted: Wanted, stands: Mapping[str, Balance]) -> Refusal | None:
    """Why this member cannot have another seat."""
    rules, member, campaign = wanted.campaign.rules, wanted.member, wanted.campaign.id
    used = _used(stands, accounts.share(member, campaign))
    if _used(stands, accounts.once(member, wanted.team)) >= 1:
        return Refusal(code="in_this_team", message=_ONCE)
    if rules.orders_per_member and used >= rules.orders_per_member:
        return Refusal(code="limit_reached", message=_SHARE)
    if rules.places and _used(stands, accounts.places(campaign)) >= rules.places:
        return Refusal(code="campaign_full", message=_PLACES)
    return None


_ONCE = "您已经在这个团里了。"
_SHARE = "您在这个活动里的参团次数已经用完。"
_PLACES = "这个活动的名额已经抢完。"
_FULL = "这个团的名额不够了，可以自己开一个团。"
_REGULARS = "这个团剩下的名额留给新顾客，可以邀请新朋友一起来。"
_NEW = "您有另一个新顾客订单，请先完成或取消它。"


def offer(wanted: Wanted, basket: Basket, nets: Nets) -> Offer | None:
    """The price of the smallest step, and the seat that it costs; None when nothing is cheaper."""
    step = wanted.campaign.rules.ladder[0]
    amounts: list[int] = []
    lines: dict[str, SeatLine] = {}
    for item, net in zip(basket.items, nets.lines, strict=True):
        if not wanted.campaign.sells(item.product, item.sku):
            amounts.append(0)
            continue
        joined = price_at(step, net, item.quantity)
        amounts.append(joined - net)
        line = SeatLine(sku=item.sku, quantity=item.quantity, net=net, joined=joined)
        lines[item.sku] = _together(lines.get(item.sku), line)
    if not any(amounts) or too_many(wanted.campaign.rules, lines.values()):
        return None
    return Offer(
        rule=wanted.campaign.id,
        reason=f"拼团“{wanted.campaign.title}”",
        amounts=tuple(amounts),
        effects=_effects(wanted, tuple(lines.values()), basket.at),
    )


def too_many(rules: Rules, lines: Collection[SeatLine]) -> bool:
    """Whether an order brings more pieces than one order, or a team, may."""
    pieces = sum(line.quantity for line in lines)
    most = rules.pieces_per_order or ENDLESS
    if rules.unit == "pieces":
        most = min(most, rules.seats)
    return pieces > most


def _together(known: SeatLine | None, line: SeatLine) -> SeatLine:
    if known is None:
        return line
    return SeatLine(
        sku=line.sku,
        quantity=known.quantity + line.quantity,
        net=known.net + line.net,
        joined=known.joined + line.joined,
    )


def _effects(wanted: Wanted, lines: tuple[SeatLine, ...], now: datetime) -> tuple[Effect, ...]:
    """Everything that a seat uses up, and the rows about it; written when the order is placed."""
    rules = wanted.campaign.rules
    pieces = sum(line.quantity for line in lines)
    return (
        *_claims(wanted, pieces if rules.unit == "pieces" else 1),
        *([_team_row(wanted, now)] if wanted.opens == "yes" else ()),
        _seat_row(wanted, lines, pieces, now),
    )


def _claims(wanted: Wanted, seats: int) -> list[Effect]:
    rules, campaign, member, team = (
        wanted.campaign.rules,
        wanted.campaign.id,
        wanted.member,
        wanted.team,
    )
    effects = [
        *_claim(accounts.seats(team), rules.seats, seats, "seat", _FULL),
        *_claim(accounts.once(member, team), 1, 1, "once", _ONCE),
        *_claim(accounts.share(member, campaign), rules.orders_per_member, 1, "share", _SHARE),
        *_claim(accounts.places(campaign), rules.places, 1, "place", _PLACES),
    ]
    if wanted.newcomer == "yes":
        effects += _claim(accounts.newness(member), 1, 1, "new", _NEW)
    elif rules.newcomers and rules.unit == "people":
        most = rules.seats - rules.newcomers
        effects += _claim(accounts.regulars(team), most, 1, "regular", _REGULARS)
    return effects


def _claim(account: str, most: int, amount: int, key: str, refusal: str) -> list[Effect]:
    """Take ``amount`` of ``most`` (0: any number), in an account that begins with it."""
    opened = Open(account=account, unit="seat", key=f"{key}:open", floor=-(most or ENDLESS))
    return [opened, Claim(account=account, amount=amount, key=key, refusal=refusal)]


def _team_row(wanted: Wanted, now: datetime) -> Record:
    row: dict[str, str | int | datetime | None] = {
        "id": wanted.team,
        "code": wanted.code,
        "campaign": wanted.campaign.id,
        "state": "opening",
        "outcome": "",
        "size": 0,
        "reach": 0,
        "opened_at": now,
        "ends_at": wanted.ends_at,
    }
    return Record(table="group_buy_teams", row=row, key="team")


def _seat_row(wanted: Wanted, lines: tuple[SeatLine, ...], pieces: int, now: datetime) -> Record:
    row: dict[str, str | int | datetime | None] = {
        "id": wanted.seat,
        "team": wanted.team,
        "campaign": wanted.campaign.id,
        "order_id": ORDER,
        "member": wanted.member,
        "newcomer": wanted.newcomer,
        "pieces": pieces,
        "lines": msgspec.json.encode(lines).decode(),
        "state": "placed",
        "due": "",
        "refund": 0,
        "placed_at": now,
    }
    return Record(table="group_buy_seats", row=row, key="row")
