"""A campaign's page: what came of it, and whether that is enough."""

from typing import Literal

import msgspec

from jishi.plugins import Desk
from jishi_promotions import sql
from jishi_promotions.campaigns import Campaign, Event, campaign_in, rule_in
from jishi_promotions.limits import account_of
from jishi_promotions.settings import PromotionsSettings
from jishi_promotions.structs import Rule
from jishi_promotions.words import reason_of


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """One effectiveness gate.

    Attributes:
        name: ``redemption``, ``share`` or ``newcomers``.
        reached: The share, in basis points; None when there is nothing to divide by.
        wanted: From how much on it is good, in basis points.
        state: ``good``, ``alarm``, or ``early`` while there is too little to judge.
    """

    name: Literal["redemption", "share", "newcomers"]
    reached: int | None
    wanted: int
    state: Literal["good", "alarm", "early"]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign with its figures.

    Attributes:
        campaign: Its life: also who started and stopped it, and when.
        rule: What its present version says.
        reason: What shoppers read.
        issued: Coupons that exist.
        claimed: Those that somebody holds.
        claimers: How many members hold one.
        redeemed: Uses that count: paid orders and tills, not given back.
        customers: How many members those were.
        newcomers: Those of them whose first paid order it was.
        revenue: What these orders brought, in fen, without what went back.
        cost: What their customers saved, in fen.
        sharers: Members who showed it to others.
        left: What is left of ``total`` uses and of the ``budget`` in fen, where there is a limit.
        gates: How good that is.
        timeline: Who did what, oldest first.
    """

    campaign: Campaign
    rule: Rule
    reason: str
    issued: int
    claimed: int
    claimers: int
    redeemed: int
    customers: int
    newcomers: int
    revenue: int
    cost: int
    sharers: int
    left: dict[str, int]
    gates: tuple[Gate, ...]
    timeline: tuple[Event, ...]


async def campaign_page(desk: Desk, campaign: str, settings: PromotionsSettings) -> Page:
    """A campaign with everything that can be said about it."""
    known = await campaign_in(desk, campaign)
    rule = await rule_in(desk, campaign, known.version)
    redeemed, cost, revenue, customers = await _numbers(desk, sql.FIGURES, campaign)
    issued, claimed, claimers = await _numbers(desk, sql.COUPON_FIGURES, campaign)
    (newcomers,) = await _numbers(desk, sql.NEWCOMERS, campaign)
    (sharers,) = await _numbers(desk, sql.SHARERS, campaign)
    coupons_used, coupons_out = await _numbers(desk, sql.COUPON_USE, campaign)
    early = redeemed < settings.gate_from
    gates = [
        _gate("newcomers", newcomers, customers, settings.newcomer_gate, early),
        _gate("share", sharers, claimers or customers, settings.share_gate, early),
    ]
    if known.trigger == "coupon":
        out = coupons_out or claimed
        late = coupons_out < settings.gate_from
        gates.insert(0, _gate("redemption", coupons_used, out, settings.redemption_gate, late))
    return Page(
        campaign=known,
        rule=rule,
        reason=reason_of(rule, settings.language),
        issued=issued,
        claimed=claimed,
        claimers=claimers,
        redeemed=redeemed,
        customers=customers,
        newcomers=newcomers,
        revenue=revenue,
        cost=cost,
        sharers=sharers,
        left=await _left(desk, campaign, rule),
        gates=tuple(gates),
        timeline=tuple(await desk.fetch_as(Event, sql.TIMELINE, campaign)),
    )


def _gate(
    name: Literal["redemption", "share", "newcomers"],
    part: int,
    whole: int,
    percent: int,
    early: bool,
) -> Gate:
    reached = part * 10_000 // whole if whole else None
    state: Literal["good", "alarm", "early"] = "early"
    if reached is not None and not early:
        state = "good" if reached > percent * 100 else "alarm"
    return Gate(name=name, reached=reached, wanted=percent * 100, state=state)


async def _numbers(desk: Desk, statement: str, campaign: str) -> tuple[int, ...]:
    (row,) = await desk.fetch(statement, campaign)
    return tuple(int(str(value or 0)) for value in row)


async def _left(desk: Desk, campaign: str, rule: Rule) -> dict[str, int]:
    limits = {"total": (rule.limits.total, "uses"), "budget": (rule.limits.budget, "budget")}
    wanted = {
        name: (limit, account_of(campaign, account))
        for name, (limit, account) in limits.items()
        if limit is not None
    }
    rows = await desk.fetch(sql.AVAILABLE, [account for _, account in wanted.values()])
    known = {str(account): int(str(left)) for account, left in rows}
    return {name: known.get(account, limit) for name, (limit, account) in wanted.items()}


async def alarms(desk: Desk, settings: PromotionsSettings, at_most: int = 100) -> list[Page]:
    """Campaigns that are on and miss a gate, the youngest first."""
    rows = await desk.fetch(sql.ON, at_most)
    pages = [await campaign_page(desk, str(row[0]), settings) for row in rows]
    return [page for page in pages if any(gate.state == "alarm" for gate in page.gates)]
