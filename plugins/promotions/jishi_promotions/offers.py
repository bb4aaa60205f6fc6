"""What the plugin answers in a lane: the rules that win, as offers with what they use up."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Literal, NamedTuple

import msgspec

from jishi.effects import ORDER, Effect, Record
from jishi.pricing import Basket, Item, Lane, Nets, Offer
from jishi_promotions.engine import (
    Facts,
    HeldCoupon,
    Usable,
    Win,
    deliver,
    drive,
    usable,
)
from jishi_promotions.index import Found, Index
from jishi_promotions.limits import USED_UP, budget_need, claims
from jishi_promotions.words import Language, reason_of

LANES: frozenset[Lane] = frozenset(("promotion", "coupon", "delivery"))
"""Where the plugin speaks."""


class Loaded(msgspec.Struct, frozen=True):
    """Everything a price needs from this plugin, fetched before it is computed.

    Attributes:
        index: The rules of this moment.
        coupons: What this shopper holds or named, good now.
        available: What is left of the accounts that may be claimed from.
        is_first: Whether this would be the member's first order.
        items: The lines for which the rules were looked up, in the order of pricing.
        rules: What may be used on them.
    """

    index: Index
    coupons: tuple[HeldCoupon, ...] = ()
    available: Mapping[str, int] = {}
    is_first: Literal["no", "yes"] = "no"
    items: tuple[Item, ...] = ()
    rules: Sequence[Usable] = ()


class Terms(NamedTuple):
    """What the merchant's settings say about prices.

    Attributes:
        zone: Where the shop's days and hours are counted.
        language: Of the sentences for shoppers.
        coupons_per_order: How many coupons one order may use.
    """

    zone: tzinfo
    language: Language = "zh"
    coupons_per_order: int = 1


def pairs_for(
    index: Index, coupons: Sequence[HeldCoupon], items: Sequence[Item]
) -> list[tuple[Found, HeldCoupon | None]]:
    """The rules that mean any of these lines: automatic ones, and those a coupon is there for.

    What the shopper named goes before what he holds; of several coupons of a campaign the one
    that ends first is used.
    """
    named = [each for each in coupons if each.chosen == "yes"]
    best: dict[str, HeldCoupon] = {}
    for coupon in sorted(named or coupons, key=_ends):
        best.setdefault(coupon.campaign, coupon)
    pairs: list[tuple[Found, HeldCoupon | None]] = []
    for each in index.found(items):
        if each.live.rule.trigger == "automatic":
            pairs.append((each, None))
        elif (held := best.get(each.live.campaign)) is not None:
            pairs.append((each, held))
    return pairs


def _ends(coupon: HeldCoupon) -> tuple[bool, float, str]:
    at = coupon.expires_at
    return (at is None, at.timestamp() if at else 0.0, coupon.id)


def wins_of(loaded: Loaded, basket: Basket, lane: Lane, nets: Nets, terms: Terms) -> list[Win]:
    """The rules that apply in a lane, in their order."""
    if lane not in LANES:
        return []
    facts = Facts(loaded.available, loaded.is_first, terms.zone)
    rules = loaded.rules
    if loaded.items != basket.items:
        pairs = pairs_for(loaded.index, loaded.coupons, basket.items)
        rules = usable(pairs, basket, facts)
    if lane == "delivery":
        return deliver(rules, basket, nets, facts) if nets.delivery else []
    mine = [each for each in rules if (each.coupon is None) is (lane == "promotion")]
    most = terms.coupons_per_order if lane == "coupon" else None
    return drive(mine, basket, nets, facts, most) if mine else []


def offers_of(
    loaded: Loaded, basket: Basket, lane: Lane, nets: Nets, terms: Terms
) -> list[Offer] | None:
    """What the plugin offers in a lane; None for nothing."""
    wins = wins_of(loaded, basket, lane, nets, terms)
    offers: list[Offer] = []
    room = _ROOM.get(lane, 0)
    for win, team in zip(wins, _teams(wins), strict=True):
        effects = tuple(_effects(win, basket, terms.language))
        room -= len(effects)
        if room < 0:
            break  # each later one counts on those before it, so the last ones are left out
        offers.append(
            Offer(
                rule=rule_of(win.usable),
                reason=reason_of(win.usable.found.live.rule, terms.language),
                amounts=win.amounts,
                delivery=win.delivery,
                priority=1000 - win.place,
                together=team,
                effects=effects,
            )
        )
    return offers or None


_ROOM: dict[Lane, int] = {"promotion": 130, "coupon": 50, "delivery": 20}
"""Effects of one order in each lane; the core takes 200 of a plugin."""


def rule_of(won: Usable) -> str:
    """How an order remembers the rule: ``campaign@version``, and the coupon after a ``#``."""
    return f"{won.name}#{won.coupon.id}" if won.coupon else won.name


def _teams(wins: Sequence[Win]) -> list[str]:
    """Rules that touch a common line stand together; the others compete by themselves."""
    teams: list[set[int]] = []
    for win in wins:
        lines = {line for line, amount in enumerate(win.amounts) if amount}
        met = [team for team in teams if team & lines]
        teams = [team for team in teams if not team & lines] + [lines.union(*met)]
    names = []
    for win in wins:
        line = next((line for line, amount in enumerate(win.amounts) if amount), None)
        team = next((team for team in teams if line in team), set[int]())
        names.append(f"lines-{min(team)}" if team else "")
    return names


def _effects(win: Win, basket: Basket, language: Language) -> list[Effect]:
    """What the rule uses up if it wins and the order is placed, and the note that it did."""
    live, coupon = win.usable.found.live, win.usable.coupon
    needs = list(win.usable.needs)
    budget = budget_need(live, win.worth)
    if budget is not None:
        needs.append(budget)
    row: dict[str, str | int | datetime | None] = {
        "order_id": ORDER,
        "campaign": live.campaign,
        "version": live.number,
        "coupon": coupon.id if coupon else "",
        "member": basket.member,
        "channel": basket.channel,
        "store": basket.store,
        "amount": win.worth,
        "kind": "order",
        "actor": "",
        "receipt": "",
        "total": 0,
        "redeemed_at": basket.at,
        "returned_at": None,
        "return_reason": "",
    }
    note = Record(table="promotions_redemptions", row=row, key=f"{live.campaign}:note")
    return [*claims(live.campaign, needs, USED_UP[language]), note]
