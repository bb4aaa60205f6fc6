"""The plugin's part in the demo: what it wants in the build, and what it takes for an error."""

import msgspec
import pytest

from jishi.demo import companions, walks
from jishi_loyalty.demo import PLAN, STORES, companion, tour
from jishi_loyalty.settings import LoyaltySettings
from jishi_loyalty.value.walk import Told

AGREEING = Told(
    order="o",
    topped_up=22_000,
    from_balance=22_000,
    from_bank=6_600,
    returned=13_900,
    back_to_bank=6_600,
    back_to_balance=7_300,
    balance=7_300,
    statement=7_300,
)


def test_its_settings_are_settings(tmp_path):
    settings = msgspec.convert(companion(tmp_path).settings, LoyaltySettings)
    assert settings.value.enabled == "yes"
    assert settings.value.plans == (PLAN,)


def test_the_top_up_is_spent_without_a_password(tmp_path):
    settings = msgspec.convert(companion(tmp_path).settings, LoyaltySettings)
    assert PLAN.pay + PLAN.gift < settings.value.step_up_from


def test_it_brings_two_stores_and_a_walk(tmp_path):
    assert companions(tmp_path)["loyalty"].stores == STORES
    (tmp_path / "jishi.toml").write_text('[plugins]\nenabled = ["loyalty"]\n')
    assert walks(tmp_path) == {"loyalty": tour}


def test_books_that_agree_are_not_complained_about():
    assert AGREEING.disagreements() == []


@pytest.mark.parametrize(
    "book",
    [
        "topped_up",
        "from_balance",
        "returned",
        "back_to_bank",
        "back_to_balance",
        "balance",
        "statement",
    ],
)
def test_one_fen_too_much_in_a_book_is_noticed(book):
    wrong = AGREEING._replace(**{book: getattr(AGREEING, book) + 1})
    assert wrong.disagreements() != []
