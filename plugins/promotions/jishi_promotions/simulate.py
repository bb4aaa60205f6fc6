"""Try a rule before it runs: on a basket, and on the orders of the past."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

import msgspec

from jishi.catalogue import Sellable
from jishi.plugins import Desk
from jishi.pricing import Basket, Item, Nets
from jishi_promotions import sql
from jishi_promotions.engine import Facts, HeldCoupon, Win, deliver, drive, usable
from jishi_promotions.index import Index, Version
from jishi_promotions.matching import Collections
from jishi_promotions.structs import Rule
from jishi_promotions.words import Language, reason_of


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would have done to one order.

    Attributes:
        order: The order's id; empty for a basket that nobody ordered.
        before: What the goods cost at list prices, in fen.
        off: What the rule takes off, in fen.
        amounts: For each line (SKU), what comes off, in fen.
        reason: What the shopper reads.
    """

    order: str
    before: int
    off: int
    amounts: dict[str, int]
    reason: str


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, tried on many orders, each by itself, at list prices.

    Attributes:
        orders: How many were looked at.
        matched: How many it would have applied to.
        revenue: What all of them cost, in fen.
        cost: What it would have taken off, in fen; an end of its budget and limits included.
        stopped_by: The limit that ran out first; empty when none did.
        examples: The orders with most off.
    """

    orders: int
    matched: int
    revenue: int
    cost: int
    stopped_by: str
    examples: tuple[Effect, ...]


class Past(NamedTuple):
    """An order of the past as a basket."""

    order: str
    basket: Basket


def try_on(
    rule: Rule, basket: Basket, zone: tzinfo, collections: Collections | None = None
) -> Win | None:
    """What a rule alone does to a basket at list prices; a coupon is taken to be at hand."""
    index = Index(0, [Version("trial", 1, rule)], collections)
    found = index.of_campaign("trial", basket.items)
    if found is None:
        return None
    facts = Facts({}, "yes", zone)
    coupon = HeldCoupon("trial", "", "trial", 0, None) if rule.trigger == "coupon" else None
    rules = usable([(found, coupon)], basket, facts)
    nets = Nets(
        lines=tuple(item.unit_price * item.quantity for item in basket.items),
        delivery=basket.delivery_fee,
    )
    wins = [*drive(rules, basket, nets, facts), *deliver(rules, basket, nets, facts)]
    return wins[0] if wins else None


def try_on_orders(
    rule: Rule,
    orders: Iterable[Past],
    zone: tzinfo,
    language: Language,
    collections: Collections | None = None,
) -> Trial:
    """Price past orders under a rule, in the order in which they were placed.

    The windows of the rule are left out: the question is what such a rule would have cost, not
    when it begins. Its limits are counted: total, per day, per member, and the budget.
    """
    endless = msgspec.structs.replace(rule.limits, budget=None)
    timeless = msgspec.structs.replace(rule, starts_at=None, ends_at=None, limits=endless)
    used: dict[str, int] = {}
    seen = revenue = cost = 0
    stopped_by = ""
    effects: list[Effect] = []
    for past in orders:
        seen += 1
        revenue += _list_price(past.basket)
        win = try_on(timeless, past.basket, zone, collections)
        if win is None:
            continue
        if short := _count(rule, past.basket, win.worth, used, zone):
            stopped_by = stopped_by or short
            continue
        cost += win.worth
        effects.append(effect_of(past, win, language))
    effects.sort(key=lambda each: (-each.off, each.order))
    return Trial(
        orders=seen,
        matched=len(effects),
        revenue=revenue,
        cost=cost,
        stopped_by=stopped_by,
        examples=tuple(effects[:10]),
    )


def _list_price(basket: Basket) -> int:
    return sum(item.unit_price * item.quantity for item in basket.items)


def _count(rule: Rule, basket: Basket, worth: int, used: dict[str, int], zone: tzinfo) -> str:
    """Count what an order uses up; gives the limit that is reached, or nothing."""
    limits, day = rule.limits, f"{basket.at.astimezone(zone):%Y-%m-%d}"
    member = basket.member or ""
    wanted = (
        ("total", limits.total, "", 1),
        ("per_day", limits.per_day, day, 1),
        ("per_member", limits.per_member, member, 1),
        ("per_member_day", limits.per_member_day, f"{member} {day}", 1),
        ("budget", limits.budget, "", worth),
    )
    for name, limit, of, amount in wanted:
        if limit is not None and used.get(f"{name} {of}", 0) + amount > limit:
            return name
    for name, limit, of, amount in wanted:
        if limit is not None:
            used[f"{name} {of}"] = used.get(f"{name} {of}", 0) + amount
    return ""


def effect_of(past: Past, win: Win, language: Language) -> Effect:
    """What a win means for an order."""
    amounts: dict[str, int] = {}
    for item, amount in zip(past.basket.items, win.amounts, strict=False):
        if amount:
            amounts[item.sku] = amounts.get(item.sku, 0) + amount
    return Effect(
        order=past.order,
        before=_list_price(past.basket),
        off=win.worth,
        amounts=amounts,
        reason=reason_of(win.usable.found.live.rule, language),
    )


async def past_orders(
    desk: Desk,
    begins: datetime,
    ends: datetime,
    limit: int,
    sold: Mapping[str, Sellable],
) -> list[Past]:
    """Orders of a period as baskets at the prices of then, oldest first.

    Args:
        desk: The plugin's.
        begins: From when on, UTC.
        ends: Until when, UTC.
        limit: At most so many, the youngest.
        sold: What the catalogue knows of their SKUs today: shelves and brands.
    """
    orders = await desk.fetch(sql.PAST_ORDERS, begins, ends, limit)
    lines = await desk.fetch(sql.PAST_LINES, [str(order[0]) for order in orders])
    of: dict[str, list[Item]] = {}
    for order, sku, product, title, quantity, price, _ in lines:
        known = sold.get(str(sku))
        item = Item(
            key=str(sku),
            sku=str(sku),
            product=str(product),
            title=str(title),
            quantity=int(str(quantity)),
            unit_price=int(str(price)),
            category=tuple(known.category) if known else (),
            brand=known.brand if known else "",
        )
        of.setdefault(str(order), []).append(item)
    baskets = [
        Past(
            str(order),
            Basket(
                items=tuple(sorted(of.get(str(order), []), key=lambda item: (item.sku, item.key))),
                at=placed if isinstance(placed, datetime) else begins,
                channel=str(channel),
                store=None if store is None else str(store),
                member=None if member is None else str(member),
                delivery_fee=int(str(fee)),
            ),
        )
        for order, placed, member, channel, store, _, fee in orders
    ]
    return baskets[::-1]


async def skus_of_past(desk: Desk, begins: datetime, ends: datetime, limit: int) -> Sequence[str]:
    """The SKUs of these orders."""
    orders = await desk.fetch(sql.PAST_ORDERS, begins, ends, limit)
    lines = await desk.fetch(sql.PAST_LINES, [str(order[0]) for order in orders])
    return sorted({str(line[1]) for line in lines})
