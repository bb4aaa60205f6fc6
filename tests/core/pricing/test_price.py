"""A price is a pure function: lanes, contests, exact sums."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.pricing import (
    Basket,
    Item,
    Lane,
    Nets,
    Offer,
    PricingSettings,
    Quote,
    WrongOffer,
    discount,
    price,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Offers = dict[Lane, list[tuple[str, Offer]]]


def basket(*lines: tuple[str, int, int], delivery_fee: int = 0) -> Basket:
    items = tuple(
        Item(key=f"k{i}", sku=sku, product=sku, title=sku, quantity=quantity, unit_price=unit)
        for i, (sku, unit, quantity) in enumerate(lines)
    )
    return Basket(items=items, at=NOW, delivery_fee=delivery_fee)


def priced(given_basket: Basket, offers: Offers, settings: PricingSettings | None = None) -> Quote:
    def ask(_basket: Basket, lane: Lane, _nets: Nets) -> list[tuple[str, Sequence[Offer]]]:
        return [(plugin, [offer]) for plugin, offer in offers.get(lane, [])]

    return price(given_basket, ask, settings or PricingSettings())


def off(rule: str, *amounts: int, delivery: int = 0, priority: int = 0) -> Offer:
    return Offer(rule=rule, reason=rule, amounts=amounts, delivery=delivery, priority=priority)


def test_without_offers_a_price_is_list_price_times_quantity() -> None:
    quote = priced(basket(("tea", 1999, 3), ("cup", 500, 1), delivery_fee=800), {})
    assert (quote.subtotal, quote.delivery, quote.total) == (6497, 800, 7297)
    assert [line.total for line in quote.lines] == [5997, 500]
    assert quote.adjustments == ()


def test_inside_a_lane_the_best_for_the_customer_wins() -> None:
    offers: Offers = {"promotion": [("a@1", off("ten", -100)), ("b@1", off("twelve", -120))]}
    quote = priced(basket(("tea", 1000, 1)), offers)
    assert quote.total == 880
    assert [(each.plugin, each.rule) for each in quote.adjustments] == [("b@1", "twelve")]


def test_offers_on_different_lines_do_not_compete() -> None:
    offers: Offers = {
        "promotion": [
            ("a@1", off("both", -60, -60)),
            ("b@1", off("first", -80, 0)),
            ("c@1", off("second", 0, -70)),
        ]
    }
    quote = priced(basket(("cup", 1000, 1), ("tea", 1000, 1)), offers)
    assert quote.total == 2000 - 150
    assert {each.rule for each in quote.adjustments} == {"first", "second"}


def test_lanes_are_driven_one_after_the_other() -> None:
    seen: list[tuple[str, int]] = []

    def ask(_basket: Basket, lane: Lane, nets: Nets) -> list[tuple[str, Sequence[Offer]]]:
        seen.append((lane, sum(nets.lines) + nets.delivery))
        return [("p@1", [off(lane, -100)])] if lane in ("activity", "coupon") else []

    quote = price(basket(("tea", 1000, 1), delivery_fee=50), ask, PricingSettings())
    assert quote.total == 850
    assert seen == [
        ("list", 1000),
        ("activity", 1000),
        ("member", 900),
        ("promotion", 900),
        ("coupon", 900),
        ("points", 800),
        ("delivery", 850),
        ("tax", 850),
        ("rounding", 850),
    ]


def test_the_merchant_may_let_offers_stack() -> None:
    offers: Offers = {
        "promotion": [("a@1", off("ten", -100)), ("b@1", off("twelve", -120, priority=5))]
    }
    quote = priced(basket(("tea", 1000, 1)), offers, PricingSettings(lanes={"promotion": "stack"}))
    assert quote.total == 780
    assert [each.rule for each in quote.adjustments] == ["twelve", "ten"]


def test_nothing_costs_less_than_nothing() -> None:
    quote = priced(
        basket(("tea", 100, 1), delivery_fee=50),
        {"coupon": [("a@1", off("big", -900))], "delivery": [("a@1", off("free", delivery=-80))]},
    )
    assert quote.total == 0
    assert quote.adjustments[0].amounts == (-100,)
    assert quote.adjustments[1].delivery == -50


def test_a_surcharge_does_not_compete_with_discounts() -> None:
    offers: Offers = {"activity": [("a@1", off("engraving", 300)), ("b@1", off("sale", -200))]}
    assert priced(basket(("ring", 1000, 1)), offers).total == 1100


def test_an_included_tax_is_shown_and_not_added() -> None:
    tax = Offer(rule="vat", reason="vat", amounts=(115,), included="yes")
    quote = priced(basket(("tea", 1000, 1)), {"tax": [("vat@1", tax)]})
    assert (quote.total, quote.tax_included, quote.lines[0].tax_included) == (1000, 115, 115)


@pytest.mark.parametrize(
    "wrong",
    [
        Offer(rule="short", reason="", amounts=(-1,)),
        Offer(rule="float", reason="", amounts=(-1.5, 0)),  # type: ignore[arg-type]
        Offer(rule="bool", reason="", amounts=(True, 0)),
        Offer(rule="float", reason="", delivery=0.5),  # type: ignore[arg-type]
        "minus ten",
    ],
)
def test_what_cannot_be_a_price_refuses_the_quote_and_names_the_plugin(wrong: Offer) -> None:
    with pytest.raises(WrongOffer, match="bad@2") as refused:
        priced(basket(("cup", 10, 1), ("tea", 10, 1)), {"coupon": [("bad@2", wrong)]})
    assert refused.value.extra["plugin"] == "bad@2"


# Properties ------------------------------------------------------------------------------------

LINES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d", "e", "f"]),
        st.integers(min_value=0, max_value=500_000),
        st.integers(min_value=1, max_value=99),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda line: line[0],
)


@st.composite
def lines_and_offers(draw: st.DrawFn) -> tuple[list[tuple[str, int, int]], Offers]:
    """Lines, and offers whose amounts hang on the SKU, not on the line's place."""
    lines = draw(LINES)
    amount = st.integers(min_value=-600_000, max_value=50_000)
    offers: Offers = {}
    for lane in draw(st.lists(st.sampled_from(["activity", "promotion", "coupon"]), max_size=3)):
        for plugin in draw(st.lists(st.sampled_from("pqrstu"), max_size=5, unique=True)):
            amounts = tuple(draw(amount) if draw(st.booleans()) else 0 for _ in lines)
            offers.setdefault(lane, []).append((f"{plugin}@1", off(f"{plugin}-rule", *amounts)))
    return lines, offers


@given(lines_and_offers())
def test_lines_sum_to_the_total_and_nothing_is_negative(
    case: tuple[list[tuple[str, int, int]], Offers],
) -> None:
    lines, offers = case
    quote = priced(basket(*lines, delivery_fee=799), offers)
    assert sum(line.total for line in quote.lines) + quote.delivery == quote.total
    assert quote.total >= 0
    assert all(line.total >= 0 for line in quote.lines)
    explained = sum(sum(each.amounts) + each.delivery for each in quote.adjustments)
    assert quote.subtotal + 799 + explained == quote.total


@given(lines_and_offers(), st.randoms(use_true_random=False))
def test_neither_the_order_of_lines_nor_of_plugins_changes_a_price(
    case: tuple[list[tuple[str, int, int]], Offers], shuffle: st.DataObject
) -> None:
    lines, offers = case
    lines = sorted(lines)  # plugins see lines sorted by SKU, so amounts keep their meaning
    straight = priced(basket(*lines), offers)
    mixed_lines, mixed_offers = list(lines), {lane: list(each) for lane, each in offers.items()}
    shuffle.shuffle(mixed_lines)  # type: ignore[attr-defined]
    for each in mixed_offers.values():
        shuffle.shuffle(each)  # type: ignore[attr-defined]
    mixed = priced(basket(*mixed_lines), mixed_offers)
    assert mixed.total == straight.total
    assert {line.sku: line.total for line in mixed.lines} == {
        line.sku: line.total for line in straight.lines
    }
    assert [(each.plugin, each.rule) for each in mixed.adjustments] == [
        (each.plugin, each.rule) for each in straight.adjustments
    ]


def test_equal_offers_are_told_apart_by_name_not_by_order() -> None:
    rivals = [("b@1", off("x", -10)), ("a@1", off("x", -10)), ("c@1", off("x", -10))]
    for order in permutations(rivals):
        quote = priced(basket(("tea", 100, 1)), {"coupon": list(order)})
        assert [each.plugin for each in quote.adjustments] == ["a@1"]


@given(st.integers(min_value=0, max_value=10**7), LINES)
def test_a_discount_of_the_whole_basket_never_exceeds_a_line(
    amount: int, lines: list[tuple[str, int, int]]
) -> None:
    nets = [unit * quantity for _, unit, quantity in lines]
    shares = discount(amount, nets)
    assert -sum(shares) == min(amount, sum(nets))
    assert all(0 <= -share <= net for share, net in zip(shares, nets, strict=True))


def test_many_rivals_are_weighed_greedily_and_the_best_single_one_wins() -> None:
    rivals = [(f"p{i}@1", off("all", -i, -i)) for i in range(1, 40)]
    quote = priced(basket(("cup", 1000, 1), ("tea", 1000, 1)), {"promotion": rivals})
    assert quote.total == 2000 - 78
