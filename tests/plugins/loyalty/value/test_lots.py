"""How payments are taken from top-ups and how they go back: exact, whatever the order."""

import random
from datetime import UTC, datetime

import pytest

from jishi_loyalty.value.lots import Left, Lot, Part, give_back, take

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def lot(name: str, principal: int, gift: int, order="proportional") -> Left:
    return Left(Lot(name, "till", "", principal, gift, 0, order, NOON, "anna", 0), principal, gift)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("gift_first", [Part("a", "principal", 2_000), Part("a", "gift", 1_000)]),
        ("principal_first", [Part("a", "principal", 3_000)]),
        ("proportional", [Part("a", "principal", 2_727), Part("a", "gift", 273)]),
    ],
)
def test_each_top_up_is_spent_in_the_order_it_was_sold_with(order, expected):
    assert take([lot("a", 10_000, 1_000, order)], 3_000) == expected


def test_the_oldest_goes_first_and_the_rest_comes_from_the_next():
    left = [lot("a", 100, 0), lot("b", 0, 0), lot("c", 500, 50, "principal_first")]
    assert take(left, 250) == [Part("a", "principal", 100), Part("c", "principal", 150)]


def test_there_is_never_taken_more_than_there_is():
    assert sum(part.amount for part in take([lot("a", 100, 10)], 500)) == 110


def test_any_refunds_in_any_pieces_end_where_it_began():
    dice = random.Random(7)
    for _ in range(300):
        orders = ["gift_first", "principal_first", "proportional"]
        left = [
            lot(name, dice.randint(0, 900), dice.randint(0, 300), dice.choice(orders))
            for name in "abc"
        ]
        whole = sum(one.total for one in left)
        amount = dice.randint(1, max(1, whole))
        parts = take(left, amount)
        took = sum(part.amount for part in parts)
        back: dict[tuple[str, str], int] = {}
        before = 0
        while before < took:
            now = dice.randint(1, took - before)
            for part in give_back(parts, before, now):
                assert part.amount > 0
                key = (part.lot, part.kind)
                back[key] = back.get(key, 0) + part.amount
            before += now
        assert back == {(part.lot, part.kind): part.amount for part in parts}


def test_more_than_was_taken_never_goes_back():
    with pytest.raises(ValueError, match="more goes back"):
        give_back([Part("a", "principal", 10)], 5, 6)
