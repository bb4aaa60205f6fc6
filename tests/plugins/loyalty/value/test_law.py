"""What goes back of a top-up by the law: the published cases to the fen, and the arithmetic."""

import json
import random
from pathlib import Path

import pytest

from jishi_loyalty.value.law import Used, due, interest

CASES = json.loads((Path(__file__).parent / "prepaid_refund.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['reason']}-{case['refund']}")
def test_the_published_cases_come_out_to_the_fen(case):
    used = Used(
        paid=case["paid"],
        gift=case["gift"],
        used=case["face_value_used"],
        undiscounted=case.get("undiscounted_value"),
    )
    found = due(used, case["reason"])
    assert found.refund == case["refund"]
    assert found.delivered == case.get("delivered_value", found.delivered)


def test_within_the_days_an_untouched_top_up_goes_back_whole():
    assert due(Used(paid=50_000, gift=5_000), "within_days").refund == 50_000


def test_the_customer_never_owes_and_never_gets_more_than_he_paid():
    dice = random.Random(4)
    for _ in range(2_000):
        paid, gift = dice.randint(0, 10**6), dice.randint(0, 10**5)
        used = dice.randint(0, paid + gift)
        back = dice.randint(0, paid)
        for reason in ("merchant", "consumer", "within_days"):
            found = due(Used(paid=paid, gift=gift, used=used, returned=back), reason)
            assert 0 <= found.refund <= paid - back or found.refund == 0


def test_half_fen_go_to_the_customer():
    assert due(Used(paid=1_000, gift=1, used=1), "merchant").refund == 1_000


@pytest.mark.parametrize(
    ("amount", "rate", "days", "expected"),
    [(100_000, 300, 365, 3_000), (100_000, 150, 30, 123), (100_000, 300, 0, 0), (1, 300, 1, 0)],
)
def test_interest_is_simple_and_rounded_once(amount, rate, days, expected):
    assert interest(amount, rate, days) == expected
