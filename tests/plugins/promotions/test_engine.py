"""Whatever the rules and the basket: sums to the fen, never below zero, the order is nothing."""

import os
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from jishi.money import allocate
from jishi.pricing import Basket, Item, Lane, Nets, Offer, PricingSettings, Quote, price
from jishi_promotions.benefits import Gain
from jishi_promotions.contest import Bid, contest
from jishi_promotions.engine import HeldCoupon
from jishi_promotions.index import Index, Version
from jishi_promotions.offers import Loaded, Terms, offers_of
from jishi_promotions.simulate import try_on
from jishi_promotions.structs import (
    Bundle,
    BuyGet,
    FixedPrice,
    FreeDelivery,
    Gift,
    Limits,
    NthItem,
    Part,
    Percent,
    PercentStep,
    Reduction,
    Rule,
    Selector,
    Step,
)

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
EXAMPLES = int(os.environ.get("JISHI_TEST_PROMOTIONS", "40"))
"""Baskets and rules for each law; 2000 is the long run."""

SKUS = ("a", "b", "c", "d")

fen = st.integers(1, 30_000)
rates = st.integers(1, 10_000)
pieces = st.integers(1, 5)
goods = st.one_of(
    st.just(Selector()),
    st.builds(Selector, skus=st.lists(st.sampled_from(SKUS), min_size=1, max_size=3).map(tuple)),
    st.builds(Selector, except_skus=st.sampled_from(SKUS).map(lambda sku: (sku,))),
)
measures = st.sampled_from(("amount", "pieces"))
benefits = st.one_of(
    st.builds(
        Reduction,
        steps=st.lists(st.builds(Step, reach=fen, off=fen), min_size=1, max_size=3).map(tuple),
        most=st.none() | fen,
    ),
    st.builds(
        Reduction,
        steps=st.builds(Step, reach=st.integers(1, 9), off=fen).map(lambda step: (step,)),
        measure=st.just("pieces"),
        repeat=st.just("yes"),
    ),
    st.builds(
        Percent,
        steps=st.lists(
            st.builds(PercentStep, reach=st.integers(0, 9), off=rates), min_size=1, max_size=3
        ).map(tuple),
        measure=measures,
        most=st.none() | fen,
    ),
    st.builds(FixedPrice, price=fen),
    st.builds(NthItem, nth=st.integers(2, 4), off=rates, of=st.sampled_from(("targets", "sku"))),
    st.builds(BuyGet, buy=pieces, get=pieces, off=rates, gets=st.none() | goods),
    st.builds(
        Bundle,
        parts=st.lists(st.builds(Part, goods=goods, pieces=pieces), min_size=1, max_size=3).map(
            tuple
        ),
        price=fen,
        most=st.none() | pieces,
    ),
    st.builds(Gift, reach=fen, gifts=st.sampled_from(SKUS).map(lambda sku: (sku,))),
    st.builds(FreeDelivery, reach=fen, most=st.none() | fen),
)
rules = st.builds(
    Rule,
    title=st.just("活动"),
    trigger=st.sampled_from(("automatic", "coupon")),
    benefit=benefits,
    goods=goods,
    group=st.sampled_from(("main", "second")),
    priority=st.integers(-1, 1),
    full_price_only=st.sampled_from(("no", "yes")),
)
items = st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 6), fen), min_size=1, max_size=6)


def basket_of(lines: Sequence[tuple[str, int, int]]) -> Basket:
    made = tuple(
        Item(
            key=f"{at}", sku=sku, product=f"p-{sku}", title=sku, quantity=quantity, unit_price=unit
        )
        for at, (sku, quantity, unit) in enumerate(lines)
    )
    return Basket(items=made, at=NOON, member="m", delivery_fee=800)


def priced(basket: Basket, written: Sequence[Rule], dice: random.Random | None = None) -> Quote:
    """The price; with dice, lines, rules and offers come in any order."""
    versions = [Version(f"r{at}", 1, rule) for at, rule in enumerate(written)]
    coupons = [
        HeldCoupon(each.campaign, "", each.campaign, 1, None)
        for each in versions
        if each.rule.trigger == "coupon"
    ]
    lines = list(basket.items)
    if dice is not None:
        for each in (versions, coupons, lines):
            dice.shuffle(each)  # type: ignore[arg-type]
    loaded = Loaded(Index(1, versions), tuple(coupons))
    terms = Terms(ZONE, "zh", 2)

    def ask(given: Basket, lane: Lane, nets: Nets) -> Sequence[tuple[str, Sequence[Offer]]]:
        offers = offers_of(loaded, given, lane, nets, terms) or []
        if dice is not None:
            dice.shuffle(offers)
        return [("promotions@1", offers)]

    return price(msgspec.structs.replace(basket, items=tuple(lines)), ask, PricingSettings())


@settings(max_examples=EXAMPLES, deadline=None)
@given(items, st.lists(rules, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_no_order_of_lines_rules_or_offers_changes_a_price(lines, written, dice) -> None:
    basket = basket_of(lines)
    first, second = priced(basket, written), priced(basket, written, dice)
    assert {line.key: line.total for line in first.lines} == {
        line.key: line.total for line in second.lines
    }
    assert first.delivery == second.delivery


@settings(max_examples=EXAMPLES, deadline=None)
@given(items, st.lists(rules, min_size=1, max_size=8))
def test_a_price_sums_to_the_fen_and_is_never_below_zero(lines, written) -> None:
    basket = basket_of(lines)
    quote = priced(basket, written)
    explained = sum(sum(each.amounts) + each.delivery for each in quote.adjustments)
    assert quote.total == quote.subtotal + basket.delivery_fee + explained
    assert quote.total == sum(line.total for line in quote.lines) + quote.delivery
    assert all(0 <= line.total <= line.subtotal for line in quote.lines)
    assert 0 <= quote.delivery <= basket.delivery_fee


@settings(max_examples=EXAMPLES, deadline=None)
@given(items, st.lists(rules, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_pieces_sent_back_one_by_one_bring_what_was_paid_for_them(lines, written, dice) -> None:
    quote = priced(basket_of(lines), written)
    for line in quote.lines:
        shares = allocate(line.total, [1] * line.quantity)
        dice.shuffle(shares)
        assert sum(shares) == line.total
        assert all(share >= 0 for share in shares)


@settings(max_examples=EXAMPLES, deadline=None)
@given(items, rules)
def test_one_rule_more_never_makes_it_dearer(lines, rule) -> None:
    basket = basket_of(lines)
    assert priced(basket, [rule]).total <= basket.delivery_fee + sum(
        item.unit_price * item.quantity for item in basket.items
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(items, st.lists(benefits, min_size=1, max_size=4))
def test_of_a_group_the_customer_gets_at_least_the_best_single_rule(lines, many) -> None:
    basket = basket_of(lines)
    written = [Rule(title="活动", benefit=benefit) for benefit in many]
    goods_only = [each for each in written if not isinstance(each.benefit, FreeDelivery)]
    best = max(
        (win.worth for each in goods_only if (win := try_on(each, basket, ZONE))), default=0
    )
    quote = priced(basket, goods_only)
    assert quote.subtotal - sum(line.total for line in quote.lines) >= best


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 60), st.sets(st.integers(0, 4), min_size=1)),
        min_size=1,
        max_size=7,
    )
)
def test_the_best_combination_is_found(drawn) -> None:
    bids = [
        Bid(f"b{at}", Gain(-worth, sorted(lines), lambda: [0] * 5), False, at)
        for at, (worth, lines) in enumerate(drawn)
    ]
    found = sum(bids[won.place].gain.worth for won in contest(bids))
    best = 0
    for chosen in range(1 << len(bids)):
        mine = [bid for at, bid in enumerate(bids) if chosen >> at & 1]
        touched = [line for bid in mine for line in bid.gain.lines]
        if len(touched) == len(set(touched)):
            best = min(best, sum(bid.gain.worth for bid in mine))
    assert found == best


def test_however_many_rules_win_the_order_can_be_written() -> None:
    basket = basket_of([("abcd"[at % 4], 1, 20_000 + at) for at in range(6)])
    limits = Limits(total=9, per_day=9, per_member=9, per_member_day=9, budget=10**9)
    step = (PercentStep(off=100),)
    written = [
        Version(
            f"r{at:02d}",
            1,
            Rule(title="活动", group=f"g{at}", benefit=Percent(steps=step), limits=limits),
        )
        for at in range(40)
    ]
    terms, loaded = Terms(ZONE), Loaded(Index(1, written))
    nets = Nets(lines=tuple(item.unit_price for item in basket.items))
    offers = offers_of(loaded, basket, "promotion", nets, terms) or []
    assert offers
    assert sum(len(offer.effects) for offer in offers) <= 130
