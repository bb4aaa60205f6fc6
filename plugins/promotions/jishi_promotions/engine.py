"""A lane: which rules apply to a basket, what each takes off, and in which order.

Pure: everything that decides was loaded before. Nothing here knows a database or a clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Literal, NamedTuple

from jishi.pricing import Basket, Nets
from jishi_promotions.benefits import Scene, delivery_off
from jishi_promotions.contest import Bid, contest
from jishi_promotions.index import Found, Live, suits
from jishi_promotions.limits import Need, enough, needs_of
from jishi_promotions.structs import FreeDelivery
from jishi_promotions.windows import holds_at


class HeldCoupon(NamedTuple):
    """A coupon that somebody may use now.

    Attributes:
        id: The coupon's id.
        code: As the shopper sees it.
        campaign: Whose it is.
        uses: How often it can be used in all; 0: as often as the campaign allows.
        expires_at: When it is over, UTC; None: with the campaign.
        chosen: Whether the shopper named it.
    """

    id: str
    code: str
    campaign: str
    uses: int
    expires_at: datetime | None
    chosen: Literal["no", "yes"] = "no"


class Usable(NamedTuple):
    """A rule that this shopper may use on this basket.

    Attributes:
        found: The rule and its lines.
        coupon: The coupon that brings it; None for an automatic one.
        needs: What it uses up, apart from the budget.
    """

    found: Found
    coupon: HeldCoupon | None
    needs: tuple[Need, ...]

    @property
    def name(self) -> str:
        """Names it in explanations and breaks ties."""
        return self.found.live.name


class Win(NamedTuple):
    """A rule that applies.

    Attributes:
        usable: The rule, its coupon, what it uses up.
        amounts: What it takes off each line, 0 or below, in fen; empty for none.
        delivery: What it takes off the delivery, 0 or below, in fen.
        place: When it is applied: 0 first.
    """

    usable: Usable
    amounts: tuple[int, ...]
    delivery: int
    place: int

    @property
    def worth(self) -> int:
        """What the customer saves, in fen; above 0."""
        return -sum(self.amounts) - self.delivery


class Facts(NamedTuple):
    """What a price needs to know beside the basket.

    Attributes:
        available: What is left of each account that was asked for; one that is missing is full.
        is_first: Whether this would be the member's first order.
        zone: Where the shop's days and hours are counted.
    """

    available: Mapping[str, int]
    is_first: Literal["no", "yes"]
    zone: tzinfo


def candidates(
    found: Iterable[tuple[Found, HeldCoupon | None]], basket: Basket, zone: tzinfo
) -> list[Usable]:
    """Those rules that hold now and for this shopper; some of them may be used up."""
    local = basket.at.astimezone(zone)
    return [
        Usable(each, coupon, needs_of(each.live, coupon, basket.member, local))
        for each, coupon in found
        if suits(each.live.rule, basket) and holds_at(each.live.rule, basket.at, zone)
    ]


def still_there(found: Iterable[Usable], facts: Facts) -> list[Usable]:
    """Those rules that are not used up."""
    return [
        each
        for each in found
        if (not each.needs or enough(each.needs, facts.available))
        and (facts.is_first == "yes" or each.found.live.rule.audience.who != "first_order")
    ]


def usable(
    found: Iterable[tuple[Found, HeldCoupon | None]], basket: Basket, facts: Facts
) -> list[Usable]:
    """Those rules that hold now, for this shopper, and are not used up."""
    return still_there(candidates(found, basket, facts.zone), facts)


def drive(
    rules: Sequence[Usable],
    basket: Basket,
    nets: Nets,
    facts: Facts,
    most: int | None = None,
) -> list[Win]:
    """The rules of a lane that win, in the order in which they apply.

    Exclusion groups go one after the other, the higher priority first; a later group sees what
    things cost after the earlier ones, and its thresholds count that.

    Args:
        rules: What may be used; rules about the delivery are left out.
        basket: What is priced.
        nets: What the lines cost after the lanes before.
        facts: What else is known.
        most: How many rules may win at most; None for no end.
    """
    quantities = [item.quantity for item in basket.items]
    full = [item.unit_price * item.quantity for item in basket.items]
    left = list(nets.lines)
    wins: list[Win] = []
    for group in _groups(rules):
        if most is not None and len(wins) >= most:
            break
        scene = Scene(basket.items, tuple(left), quantities)
        bids = [
            bid
            for place, each in enumerate(group)
            if (bid := _bid(each, place, scene, full, facts))
        ]
        room = None if most is None else most - len(wins)
        for place, amounts in contest(bids, room):
            wins.append(Win(group[place], tuple(amounts), 0, len(wins)))
            left = [net + amount for net, amount in zip(left, amounts, strict=True)]
    return wins


def _groups(rules: Sequence[Usable]) -> list[list[Usable]]:
    """The exclusion groups, the one with the highest priority first; inside by name."""
    groups: dict[str, list[Usable]] = {}
    for each in rules:
        if not each.found.live.delivers:
            groups.setdefault(each.found.live.rule.group, []).append(each)
    names = sorted(
        groups,
        key=lambda name: (-max(each.found.live.rule.priority for each in groups[name]), name),
    )
    return [sorted(groups[name], key=lambda each: each.name) for name in names]


def _bid(each: Usable, place: int, scene: Scene, full: Sequence[int], facts: Facts) -> Bid | None:
    live, lines = each.found.live, each.found.lines
    if live.rule.full_price_only == "yes":
        lines = [line for line in lines if scene.nets[line] == full[line]]
    if not lines:
        return None
    gain = live.benefit.gain(scene, lines)
    if gain is None or not affordable(live, -gain.worth, facts):
        return None
    return Bid(each.name, gain, live.benefit.by_line, place)


def affordable(live: Live, amount: int, facts: Facts) -> bool:
    """Whether a campaign's budget has so many fen left."""
    budget = live.rule.limits.budget
    if budget is None:
        return True
    return facts.available.get(f"promotions:{live.campaign}:budget", budget) >= amount


def deliver(rules: Sequence[Usable], basket: Basket, nets: Nets, facts: Facts) -> list[Win]:
    """The one rule about the delivery that saves most."""
    quantities = [item.quantity for item in basket.items]
    scene = Scene(basket.items, nets.lines, quantities)
    best: Win | None = None
    for each in sorted(rules, key=lambda one: one.name):
        benefit = each.found.live.rule.benefit
        if not isinstance(benefit, FreeDelivery):
            continue
        amount = delivery_off(benefit, scene, each.found.lines, nets.delivery)
        if amount > (best.worth if best else 0) and affordable(each.found.live, amount, facts):
            best = Win(each, (), -amount, 0)
    return [best] if best else []
