import pytest
from bench.figures import Row, at_least, at_most, figure, never_above, ratio_at_least


def row(mine, best=None, bar=None):
    limit = figure(best, "/s") if best else None
    return Row(part="reads", what="list", figure=figure(mine, "/s"), limit=limit, bar=bar)


def test_the_ratio_is_taken_between_runs_that_followed_one_another():
    # The machine was twice as fast in the second pair; both ratios stay a half.
    assert row([10, 20], [20, 40]).ratios == (0.5, 0.5)


@pytest.mark.parametrize(
    ("bar", "verdict"),
    [
        (at_least(20), "met"),
        (at_least(21), "not met"),
        (at_most(20), "met"),
        (at_most(19), "not met"),
        (never_above(29), "not met"),
        (never_above(30), "met"),
        (ratio_at_least(0.5), "met"),
        (ratio_at_least(0.6), "not met"),
        (None, "no bar"),
    ],
)
def test_a_bar_is_held_against_the_median_the_worst_run_or_the_ratio(bar, verdict):
    assert row([10, 20, 30], [20, 40, 60], bar).verdict == verdict


def test_what_was_not_measured_is_never_met():
    assert Row(part="reads", what="list", bar=at_least(0)).verdict == "not taken"


def test_a_ratio_without_a_limit_is_never_met():
    assert row([10], None, ratio_at_least(0.1)).verdict == "not taken"
