"""Campaigns: written down, started, stopped; who did it, and when."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from jishi.effects import Debit, Effect, Event, Open
from jishi.identifiers import new_id
from jishi.plugins import Desk, NotEnough, Writing
from jishi.problems import Clash, Invalid, OutOfService
from jishi_group_buy import accounts, sql
from jishi_group_buy.ladder import check_ladder, ladder_of
from jishi_group_buy.settings import GroupBuySettings
from jishi_group_buy.store import as_row, find_campaign
from jishi_group_buy.structs import Campaign, Percent, Rules, Step, Unit
from jishi_group_buy.tables import CampaignTable
from jishi_group_buy.take_seat import ENDLESS

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Names = Annotated[tuple[_Name, ...], msgspec.Meta(max_length=500)]
_TRIES = 50
"""Each lost race means that somebody got a seat, or gave one back, in that moment."""


class CampaignFixed(Clash):
    """A campaign that has started is not changed any more."""

    code = "campaign_fixed"
    title = "The campaign has started"


class CampaignOver(Clash):
    """A campaign that was stopped does not start again."""

    code = "campaign_over"
    title = "The campaign was stopped"


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign as a merchant writes it down; see `Rules` for what the rules mean.

    Attributes:
        title: What shoppers read.
        text: Its conditions, for shoppers.
        starts_at: From when teams may be opened, with its zone.
        ends_at: Until when.
        products: Products that take part, by id.
        skus: SKUs that take part, by code.
        unit: Whether the ladder counts people or pieces.
        ladder: The steps; without them those of the settings.
        seats: People, or pieces, that a team can take; without it the highest step's.
        hours: How long a team may gather; without it as in the settings.
        orders_per_member: Seats of one member; without it as in the settings. 0: any number.
        pieces_per_order: Pieces that one order may bring. 0: any number.
        newcomers: New customers that must be in a team.
        leader_percent: What the leader has off besides.
        unfilled: ``refund``, or ``fill`` with a ``disclosure``.
        disclosure: The sentence that tells shoppers that the shop fills teams.
        places: Seats in all teams together. 0: any number.
    """

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    text: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    starts_at: datetime
    ends_at: datetime
    products: _Names = ()
    skus: _Names = ()
    unit: Unit = "people"
    ladder: Annotated[tuple[Step, ...], msgspec.Meta(max_length=20)] = ()
    seats: Annotated[int, msgspec.Meta(ge=2, le=100_000)] | None = None
    hours: Annotated[int, msgspec.Meta(ge=1, le=720)] | None = None
    orders_per_member: Annotated[int, msgspec.Meta(ge=0, le=10_000)] | None = None
    pieces_per_order: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0
    newcomers: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 0
    leader_percent: Percent = 0
    unfilled: Literal["refund", "fill"] = "refund"
    disclosure: Annotated[str, msgspec.Meta(max_length=500)] = ""
    places: Annotated[int, msgspec.Meta(ge=0, le=10**9)] = 0


def rules_of(plan: Plan, settings: GroupBuySettings) -> Rules:
    """The rules that a plan comes to.

    Raises:
        Invalid: They cannot be kept, or are not fair to shoppers.
    """
    ladder = tuple(sorted(plan.ladder, key=lambda step: step.reach)) or ladder_of(settings.ladder)
    check_ladder(ladder)
    seats = ladder[-1].reach if plan.seats is None else plan.seats
    _check(plan, ladder, seats)
    share = plan.orders_per_member
    return Rules(
        products=plan.products,
        skus=plan.skus,
        unit=plan.unit,
        ladder=ladder,
        seats=seats,
        hours=plan.hours or settings.hours,
        orders_per_member=settings.orders_per_member if share is None else share,
        pieces_per_order=plan.pieces_per_order,
        newcomers=plan.newcomers,
        leader_percent=plan.leader_percent,
        unfilled=plan.unfilled,
        disclosure=plan.disclosure.strip(),
        places=plan.places,
    )


def _check(plan: Plan, ladder: tuple[Step, ...], seats: int) -> None:
    if not plan.products and not plan.skus:
        raise Invalid("A campaign needs products or skus that take part.", field="products")
    if plan.starts_at.tzinfo is None or plan.ends_at.tzinfo is None:
        raise Invalid("Times need a zone, such as 2026-11-11T00:00:00+08:00.", field="starts_at")
    if plan.ends_at <= plan.starts_at:
        raise Invalid("It ends before it begins.", field="ends_at")
    if seats < ladder[-1].reach:
        raise Invalid(
            f"A team of {seats} never reaches the step at {ladder[-1].reach}.", field="seats"
        )
    if plan.newcomers >= ladder[0].reach:
        raise Invalid(
            f"A team of {ladder[0].reach} with {plan.newcomers} new customers has no room for "
            "an old one.",
            field="newcomers",
        )
    if plan.unfilled == "fill" and len(plan.disclosure.strip()) < 6:
        raise Invalid(
            "A shop that fills teams itself must say so to its shoppers.",
            field="disclosure",
            next_step="Write the sentence that shoppers read, or leave unfilled at refund.",
        )


async def write_down(desk: Desk, plan: Plan, settings: GroupBuySettings, who: str) -> Campaign:
    """Keep a new campaign as a draft."""
    campaign = Campaign(
        id=new_id(),
        title=plan.title,
        text=plan.text,
        rules=rules_of(plan, settings),
        state="draft",
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        created_by=who,
        created_at=desk.now(),
    )

    async def work(w: Writing) -> None:
        await w.insert(CampaignTable, sql.CAMPAIGN_COLUMNS.split(", "), [as_row(campaign)])

    await desk.atomically(work)
    return campaign


async def rewrite(desk: Desk, campaign: str, plan: Plan, settings: GroupBuySettings) -> Campaign:
    """Write a draft anew.

    Raises:
        NotFound: There is no such campaign.
        CampaignFixed: It has started.
    """
    found = await find_campaign(desk, campaign)
    rules = msgspec.json.encode(rules_of(plan, settings)).decode()

    async def work(w: Writing) -> int:
        row = (plan.title, plan.text, rules, plan.starts_at, plan.ends_at)
        return await w.execute(sql.REWRITE, found.id, *row)

    if not await desk.atomically(work):
        raise CampaignFixed(
            "A campaign that has started is not changed any more.",
            next_step="Stop it and write another one.",
        )
    return await find_campaign(desk, campaign)


async def start(desk: Desk, campaign: str, who: str) -> Campaign:
    """Let a campaign count from its ``starts_at`` on; once it is started nothing happens.

    Raises:
        NotFound: There is no such campaign.
        CampaignOver: It was stopped.
    """
    found = await find_campaign(desk, campaign)
    if found.state == "stopped":
        raise CampaignOver("It was stopped.", next_step="Write another one.")

    async def work(w: Writing) -> None:
        await w.execute(sql.START, campaign, who, desk.now())

    await desk.atomically(work)
    return await find_campaign(desk, campaign)


async def stop(desk: Desk, campaign: str, who: str, because: str) -> Campaign:
    """Stop a campaign: nobody new gets a seat; orders that were placed before keep theirs.

    Its teams' time is over at once: each ends by what it has as soon as nobody in it has an order
    that may still be paid.

    Raises:
        NotFound: There is no such campaign.
    """
    found = await find_campaign(desk, campaign)
    if found.state == "draft":
        await start(desk, campaign, who)

    async def work(w: Writing) -> None:
        now = desk.now()
        if await w.execute(sql.STOP, campaign, who, now, because):
            await w.execute(sql.CUT_SHORT, campaign, now)
            await w.apply(await _shut(w, found), owner=campaign)

    for _ in range(_TRIES):
        try:
            await desk.atomically(work)
        except NotEnough:
            continue
        return await find_campaign(desk, campaign)
    raise OutOfService("Too many shoppers are at it.", next_step="Stop it again in a moment.")


async def _shut(w: Writing, campaign: Campaign) -> list[Effect]:
    """Take every place that is left, so that an order which is on its way comes too late."""
    account = accounts.places(campaign.id)
    most = campaign.rules.places or ENDLESS
    stands = (await w.balances([account]))[account]
    left = most + stands.balance - stands.held
    key = f"stop:{campaign.id}"
    effects: list[Effect] = [
        Open(account=account, unit="seat", key=f"{key}:open", floor=-most),
        Event(
            name="group_buy.stopped",
            data={"campaign": campaign.id},
            key=key,
            subject=campaign.id,
        ),
    ]
    if left > 0:
        effects.append(Debit(account=account, amount=left, key=f"{key}:places", reason="stopped"))
    return effects
