"""Lots in a purse: pure, any number of steps, counted by an account book of the test's own."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jishi.effects import Credit, Debit
from jishi.orders import OrderLine
from jishi_loyalty.problems import NotEnoughPoints
from jishi_loyalty.purse import Purse, Rules
from jishi_loyalty.returning import given_back, undone
from jishi_loyalty.structs import Line, Lot, Spent

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def lot(name: str, points: int, days: int = 100, **more) -> Lot:
    """A lot that ends in some days."""
    return Lot(
        id=name,
        member="m",
        root=name,
        source=more.pop("source", "granted"),
        reference="",
        state=more.pop("state", "open"),
        available_at=None,
        expires_at=NOW + timedelta(days=days),
        opened_at=NOW,
        points=points,
        **more,
    )


def purse(*lots: Lot, shortfall: str = "negative", grace: datetime | None = None) -> Purse:
    """A purse with lots."""
    return Purse("m", lots, (), Rules(shortfall=shortfall, now=NOW, grace_until=grace), "k")


def left(one: Purse) -> dict[str, int]:
    """Points by lot, without empty ones."""
    return {each.root: each.points for each in one.lots.values() if each.points}


def test_what_ends_first_is_burnt_first():
    one = purse(lot("late", 50, 90), lot("soon", 30, 10))
    assert one.burn(40, "spent") == [Spent("soon", 30), Spent("late", 10)]


def test_more_than_there_is_cannot_be_burnt():
    with pytest.raises(NotEnoughPoints):
        purse(lot("a", 50)).burn(51, "spent")


def test_points_whose_time_is_over_are_not_burnt():
    with pytest.raises(NotEnoughPoints):
        purse(lot("a", 50, 0)).burn(1, "spent")


def test_taken_back_points_that_were_spent_are_paid_by_other_lots():
    one = purse(lot("b", 20), lot("c", 80))
    assert one.take_back("b", 50) == 0
    assert left(one) == {"c": 50}


def test_points_that_come_back_go_to_the_lot_that_paid():
    one = purse(lot("b", 20), lot("c", 80))
    one.take_back("b", 50)
    one.give_back("b", 30, "returned goods")
    assert left(one) == {"c": 80}


def test_what_nobody_can_pay_is_owed_and_the_balance_is_below_zero():
    one = purse(lot("b", 20))
    assert one.take_back("b", 50) == 30
    assert (one.debt(), one.spendable()) == (30, 0)


def test_the_next_points_pay_what_is_owed():
    one = purse(lot("b", 20))
    one.take_back("b", 50)
    one.open(100, "granted", "", "a present", expires_at=NOW + timedelta(days=1))
    assert (one.debt(), one.spendable()) == (0, 70)


def test_only_earnings_pay_where_the_shop_says_so():
    one = purse(lot("b", 20), lot("c", 80), shortfall="next_earnings")
    one.take_back("b", 50)
    one.open(100, "gift", "", "given")
    assert (one.debt(), one.spendable()) == (30, 180)
    one.open(40, "earned", "", "bought")
    assert (one.debt(), one.spendable()) == (0, 190)


def test_points_that_ended_are_not_asked_for_again():
    one = purse(lot("b", 20, 0), lot("c", 80))
    one.end(one.lots["b"])
    assert one.take_back("b", 20) == 0
    assert left(one) == {"c": 80}


def test_points_that_come_back_after_their_end_are_gone_at_once():
    one = purse(lot("a", 0, 0, state="ended"))
    one.give_back("a", 30, "returned goods")
    assert left(one) == {}
    assert [type(each) for each in one.effects] == [Credit, Debit]


def test_or_last_some_days_where_the_shop_is_kind():
    until = NOW + timedelta(days=5)
    one = purse(lot("a", 0, 0, state="ended"), grace=until)
    one.give_back("a", 30, "returned goods")
    assert [(each.points, each.expires_at) for each in one.lots.values() if each.points] == [
        (30, until)
    ]


def line(total: int, quantity: int, refunded: int = 0, amount: int = 0) -> OrderLine:
    """A line of an order."""
    return OrderLine(
        id="l",
        sku="s",
        product="p",
        title="t",
        quantity=quantity,
        unit_price=0,
        total=total,
        refunded=refunded,
        refunded_amount=amount,
    )


@given(st.integers(0, 10**6), st.integers(1, 99), st.integers(0, 10**6), st.data())
def test_any_split_of_a_refund_undoes_the_whole_and_never_more(total, quantity, points, data):
    steps = sorted(data.draw(st.lists(st.integers(0, quantity), max_size=6)))
    last = 0
    for pieces in [*steps, quantity]:
        now = undone(line(total, quantity, pieces, total * pieces // quantity), points)
        assert last <= now <= points
        last = now
    assert last == points


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=5),
    st.lists(st.integers(0, 250), max_size=5),
)
def test_spent_points_find_their_lots_in_any_split(parts, cuts):
    spent = tuple(Spent(f"lot{at}", points) for at, points in enumerate(parts))
    burnt = Line(line="l", sku="s", product="p", spent=spent)
    found: dict[str, int] = defaultdict(int)
    steps = sorted({min(cut, sum(parts)) for cut in cuts} | {0, sum(parts)})
    for low, high in pairwise(steps):
        for each in given_back(burnt, low, high):
            found[each.lot] += each.points
    assert found == {each.lot: each.points for each in spent}


class Story:
    """Purchases that earn and spend, and come back in any order; one member, two old lots."""

    def __init__(self) -> None:
        self.purse = purse(lot("old1", 40, 30), lot("old2", 70, 60))
        self.book: dict[str, int] = defaultdict(int)
        self.bought: list[tuple[str, int, list[Spent]]] = []
        self.returned: list[list[int]] = []

    def buy(self, earned: int, spent: int) -> None:
        """Spend what is there of ``spent``, earn at once."""
        burnt = self.purse.burn(min(spent, self.purse.spendable()), "spent")
        made = self.purse.open(earned, "earned", "", "bought", expires_at=NOW + timedelta(days=90))
        self.bought.append((made.root, earned, burnt))
        self.returned.append([0, 0])

    def bring_back(self, which: int, percent: int) -> None:
        """Return a purchase up to some share of it."""
        if not self.bought:
            return
        which %= len(self.bought)
        root, earned, burnt = self.bought[which]
        taken, given = self.returned[which]
        whole = sum(each.points for each in burnt)
        taken_now, given_now = (
            max(taken, earned * percent // 100),
            max(given, whole * percent // 100),
        )
        row = Line(line="l", sku="s", product="p", spent=tuple(burnt))
        for back in given_back(row, given, given_now):
            self.purse.give_back(back.lot, back.points, "returned goods")
        self.purse.take_back(root, taken_now - taken)
        self.returned[which] = [taken_now, given_now]

    def check(self) -> None:
        """The purse is what its entries say, and nothing in it is below zero."""
        book: dict[str, int] = defaultdict(int, {"points:m:old1": 40, "points:m:old2": 70})
        for effect in self.purse.effects:
            if isinstance(effect, Credit):
                book[effect.account] += effect.amount
            elif isinstance(effect, Debit):
                book[effect.account] -= effect.amount
            if isinstance(effect, Credit | Debit):
                assert book[effect.account] >= 0, effect
        for each in self.purse.lots.values():
            assert book[each.account] == each.points
            assert book[f"points_debt:m:{each.id}"] == each.debt
        keys = [each.key for each in self.purse.effects]
        assert len(set(keys)) == len(keys)


STEP = st.one_of(
    st.tuples(st.just("buy"), st.integers(1, 60), st.integers(0, 120)),
    st.tuples(st.just("back"), st.integers(0, 9), st.integers(0, 100)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=14), st.randoms(use_true_random=False))
def test_buying_and_returning_in_any_order_and_split_ends_where_it_began(steps, dice):
    story = Story()
    for what, one, other in steps:
        story.buy(one, other) if what == "buy" else story.bring_back(one, other)
        story.check()
    order = list(range(len(story.bought)))
    dice.shuffle(order)
    for which in order:
        story.bring_back(which, 100)
        story.check()
    # Every purchase came back; what they earned and spent is undone to the point, lot by lot.
    assert left(story.purse) == {"old1": 40, "old2": 70}
    assert story.purse.debt() == 0


def test_the_positive_control_finds_a_lot_that_forgets_who_paid():
    one = purse(lot("b", 20), lot("c", 80))
    one.take_back("b", 50)
    one.covers = []
    one.give_back("b", 30, "returned goods")
    assert left(one) != {"c": 80}
