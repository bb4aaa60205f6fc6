"""Refunds are exact: pieces given back one by one sum to what the line cost."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.clock import FakeClock
from jishi.orders import (
    NotThatMany,
    Order,
    RefundLine,
    RefundTooMuch,
    RefundWish,
    as_placed,
    everything_left,
    plan_refund,
)
from jishi.orders.refund_plan import refunded
from jishi.problems import Invalid
from jishi.shop import Shop
from jishi.testing.orders import draft_of


def order_of(*lines: tuple[int, int], delivery: int = 0) -> Order:
    shop = Shop(None, None, None, FakeClock())
    named = [(f"sku-{n}", quantity, total) for n, (quantity, total) in enumerate(lines)]
    order = as_placed(draft_of(shop, named, delivery=delivery))
    return msgspec.structs.replace(order, status="paid", paid=order.total)


lines = st.lists(
    st.tuples(st.integers(1, 50), st.integers(0, 10**9)).filter(lambda one: sum(one) > 1),
    min_size=1,
    max_size=5,
)


@given(lines, st.randoms(use_true_random=False))
def test_pieces_given_back_in_any_portions_sum_to_the_lines_total(bought, dice):
    order = order_of(*bought)
    for line in order.lines:
        left = line.quantity
        while left:
            portion = dice.randint(1, left)
            left -= portion
            plan = plan_refund(
                order, RefundWish(lines=(RefundLine(line=line.id, quantity=portion),))
            )
            order = refunded(order, plan)
    assert [line.refunded_amount for line in order.lines] == [line.total for line in order.lines]
    assert order.refunded == order.total


@given(lines, st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_no_refund_ever_exceeds_what_is_left(bought, delivery, dice):
    order = order_of(*bought, delivery=delivery)
    for _ in range(8):
        line = dice.choice(order.lines)
        wish = dice.choice(
            [
                RefundWish(lines=(RefundLine(line=line.id, quantity=dice.randint(0, 60)),)),
                RefundWish(lines=(RefundLine(line=line.id, amount=dice.randint(0, 10**9)),)),
                RefundWish(delivery=dice.randint(0, 10_000)),
                RefundWish(amount=dice.randint(0, order.total)),
                RefundWish(
                    lines=(RefundLine(line=line.id, quantity=1),), amount=dice.randint(0, 10**9)
                ),
            ]
        )
        try:
            plan = plan_refund(order, wish)
        except Invalid:
            continue
        assert plan.total == plan.delivery + sum(one.amount for one in plan.lines)
        order = refunded(order, plan)
        for one in order.lines:
            assert one.refunded_amount <= one.total
            assert one.refunded <= one.quantity
            assert one.to_ship >= 0
        assert order.refunded <= order.paid
    rest = everything_left(order)
    if rest.lines or rest.delivery:
        order = refunded(order, plan_refund(order, rest))
    assert order.refunded == order.total


def test_one_fen_too_much_is_refused():
    order = order_of((3, 100), delivery=10)
    line = order.lines[0].id
    for wish in (
        RefundWish(lines=(RefundLine(line=line, amount=101),)),
        RefundWish(delivery=11),
        RefundWish(amount=111),
    ):
        with pytest.raises(RefundTooMuch):
            plan_refund(order, wish)
    with pytest.raises(NotThatMany):
        plan_refund(order, RefundWish(lines=(RefundLine(line=line, quantity=4),)))
    assert plan_refund(order, RefundWish(amount=110)).total == 110


def test_what_makes_no_sense_is_refused():
    order = order_of((3, 100))
    line = order.lines[0].id
    twice = RefundLine(line=line, quantity=1)
    for wish in (
        RefundWish(),
        RefundWish(lines=(RefundLine(line="other", quantity=1),)),
        RefundWish(lines=(twice, twice)),
    ):
        with pytest.raises(Invalid):
            plan_refund(order, wish)
