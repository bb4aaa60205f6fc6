"""Money is shared out exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.money import Money, allocate, share_of

AMOUNTS = st.integers(min_value=-(10**12), max_value=10**12)
WEIGHTS = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=30)


@given(AMOUNTS, WEIGHTS)
def test_shares_sum_to_the_total(total: int, weights: list[int]) -> None:
    assert sum(allocate(total, weights)) == total


@given(AMOUNTS, WEIGHTS)
def test_a_share_is_never_further_than_one_from_its_fair_part(
    total: int, weights: list[int]
) -> None:
    whole = sum(weights)
    if whole == 0:
        return
    for share, weight in zip(allocate(total, weights), weights, strict=True):
        assert abs(share * whole - total * weight) < whole


@given(st.integers(min_value=0, max_value=10**12), WEIGHTS)
def test_no_share_has_the_other_sign(total: int, weights: list[int]) -> None:
    assert all(share >= 0 for share in allocate(total, weights))


def test_the_largest_remainder_gets_the_odd_fen() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]


def test_nothing_can_be_shared_out_to_nobody() -> None:
    with pytest.raises(ValueError, match="nobody"):
        allocate(1, [])


def test_a_part_is_rounded_half_away_from_zero() -> None:
    assert share_of(105, 1000) == 11
    assert share_of(-105, 1000) == -11
    assert share_of(104, 1000) == 10


def test_currencies_do_not_mix() -> None:
    assert Money(amount=1) + Money(amount=2) == Money(amount=3)
    with pytest.raises(ValueError, match="USD"):
        Money(amount=1) + Money(amount=1, currency="USD")
