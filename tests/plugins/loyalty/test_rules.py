"""The worked cases: what is earned, when it ends, what it pays; to the point and the fen."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.pricing import Basket, Item
from jishi_loyalty.burning import Purseful, offer_of_points
from jishi_loyalty.earning import Bought, Purchase, earned
from jishi_loyalty.expiry import day_start, expires_at, months_later
from jishi_loyalty.settings import LoyaltySettings, Multiplier, Rate, Reward, Tier

CHINA = ZoneInfo("Asia/Shanghai")
WEDNESDAY = datetime(2026, 3, 4, 4, tzinfo=UTC)


def bought(*fen: int, category: tuple[str, ...] = ()) -> Purchase:
    """A purchase of lines that cost so much."""
    lines = tuple(
        Bought(line=f"l{at}", sku=f"s{at}", product=f"p{at}", category=category, fen=each)
        for at, each in enumerate(fen)
    )
    return Purchase(lines=lines, channel="web", at=WEDNESDAY)


@pytest.mark.parametrize(
    ("settings", "fen", "points"),
    [
        ({}, (9_999,), (99,)),
        ({}, (50, 50), (1, 0)),
        ({}, (99, 99, 99), (1, 1, 0)),
        ({"points_per_yuan": 3}, (1_050, 950), (32, 28)),
        ({"points_per_yuan": 0}, (10_000,), (0,)),
        ({}, (0, 0), (0, 0)),
        ({"first_purchase_points": 7}, (100, 300), (1, 3)),
    ],
)
def test_points_are_rounded_down_once_and_shared_out_exactly(settings, fen, points):
    assert earned(LoyaltySettings(**settings), bought(*fen), CHINA) == points


def test_the_first_purchase_brings_more():
    purchase = msgspec.structs.replace(bought(100, 300), first=True)
    assert earned(LoyaltySettings(first_purchase_points=8), purchase, CHINA) == (3, 9)


@pytest.mark.parametrize(
    ("multiplier", "points"),
    [
        ({"weekdays": ("wed",)}, 200),
        ({"weekdays": ("thu",)}, 100),
        ({"first_day": date(2026, 3, 4), "last_day": date(2026, 3, 4)}, 200),
        ({"last_day": date(2026, 3, 3)}, 100),
        ({"categories": ("tea",)}, 200),
        ({"categories": ("cups",)}, 100),
        ({"channels": ("pos",)}, 100),
    ],
)
def test_a_multiplier_counts_when_all_its_conditions_do(multiplier, points):
    settings = LoyaltySettings(multipliers=(Multiplier(name="m", percent=200, **multiplier),))
    purchase = bought(10_000, category=("food", "tea"))
    assert earned(settings, purchase, CHINA) == (points,)


def test_the_highest_multiplier_counts_and_the_tier_multiplies_it():
    settings = LoyaltySettings(
        multipliers=(Multiplier(name="a", percent=150), Multiplier(name="b", percent=300)),
        tiers=(Tier(code="gold", title="金", reach=1, points_percent=200),),
    )
    purchase = msgspec.structs.replace(bought(10_000), tier="gold")
    assert earned(settings, purchase, CHINA) == (600,)


def test_the_first_rate_that_fits_counts():
    settings = LoyaltySettings(
        rates=(
            Rate(points_per_yuan=0, products=("p0",)),
            Rate(points_per_yuan=5, channels=("web",)),
        )
    )
    assert earned(settings, bought(1_000, 1_000), CHINA) == (0, 50)


@pytest.mark.parametrize(
    ("settings", "end"),
    [
        ({"expiry": "never"}, None),
        ({"expiry": "end_of_next_year"}, datetime(2027, 12, 31, 16, tzinfo=UTC)),
        ({"expiry": "rolling", "expiry_months": 1}, datetime(2026, 2, 28, 16, tzinfo=UTC)),
        (
            {"expiry": "fixed", "expiry_day": date(2026, 6, 30)},
            datetime(2026, 6, 30, 16, tzinfo=UTC),
        ),
    ],
)
def test_points_end_with_a_day_of_the_shop(settings, end):
    # 1:00 on 31 January in Shanghai, still the day before in UTC
    at = datetime(2026, 1, 30, 17, tzinfo=UTC)
    assert expires_at(LoyaltySettings(**settings), at, CHINA) == end


def test_new_year_is_the_shops_own():
    at = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert expires_at(LoyaltySettings(), at, CHINA) == datetime(2028, 12, 31, 16, tzinfo=UTC)
    assert day_start(at, CHINA) == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_a_month_has_a_last_day():
    assert months_later(date(2027, 12, 31), 2) == date(2028, 2, 29)


def basket(**extras: str) -> Basket:
    """Two lines of 60 and 40 yuan."""
    items = tuple(
        Item(key=sku, sku=sku, product=sku, title=sku, quantity=1, unit_price=price)
        for sku, price in (("cup", 4_000), ("tea", 6_000))
    )
    named = {f"loyalty.{name}": value for name, value in extras.items()}
    return Basket(items=items, at=WEDNESDAY, member="m", extras=named)


def purseful(*free: int) -> Purseful:
    """Lots with so many free points."""
    lots = tuple((f"points:m:lot{at}", each) for at, each in enumerate(free))
    return Purseful(member="m", lots=lots, spendable=sum(free))


@pytest.mark.parametrize(
    ("settings", "wish", "has", "off", "points"),
    [
        ({}, "100", 500, 1_000, 100),
        ({}, "all", 500, 5_000, 500),
        ({}, "999999", 500, 5_000, 500),
        ({}, "all", 5_000, 10_000, 1_000),
        ({"most_share": 30}, "all", 5_000, 3_000, 300),
        ({"points_for_yuan": 100}, "150", 500, 150, 150),
        ({"points_for_yuan": 3}, "10", 500, 333, 10),
        ({"points_for_yuan": 300}, "100", 500, 33, 99),
    ],
)
def test_points_pay_whole_fen_and_no_more_of_them_than_needed(settings, wish, has, off, points):
    offer = offer_of_points(
        LoyaltySettings(**settings), basket(points=wish), (4_000, 6_000), purseful(has)
    )
    assert -sum(offer.amounts) == off
    assert sum(claim.amount for claim in offer.effects) == points


@pytest.mark.parametrize("wish", ["-5", "1e9", "0.5", "ten", "９", "9" * 40, " ", "0", ""])
def test_a_wish_that_makes_no_sense_spends_nothing(wish):
    settings = LoyaltySettings()
    assert offer_of_points(settings, basket(points=wish), (1, 1), purseful(9)) is None


def test_the_lots_at_the_front_pay_first_and_each_line_knows_its_lots():
    offer = offer_of_points(
        LoyaltySettings(), basket(points="100"), (4_000, 6_000), purseful(50, 80)
    )
    assert [(claim.key, claim.amount) for claim in offer.effects] == [
        ("points:000:cup:lot0", 40),
        ("points:001:tea:lot0", 10),
        ("points:002:tea:lot1", 50),
    ]


@given(
    st.lists(st.integers(0, 50_000), min_size=2, max_size=2),
    st.lists(st.integers(1, 999), min_size=1, max_size=6),
    st.integers(0, 4_000),
    st.integers(1, 500),
    st.integers(0, 100),
)
def test_what_points_pay_is_claimed_to_the_point(nets, free, wish, rate, share):
    settings = LoyaltySettings(points_for_yuan=rate, most_share=share)
    purse = purseful(*free)
    offer = offer_of_points(settings, basket(points=str(wish)), nets, purse)
    if offer is None:
        return
    fen = -sum(offer.amounts)
    claimed = sum(claim.amount for claim in offer.effects)
    assert all(-net <= amount <= 0 for net, amount in zip(nets, offer.amounts, strict=True))
    assert fen <= sum(nets) * share // 100
    assert claimed <= min(wish, sum(free))
    assert fen * rate <= claimed * 100 < fen * rate + 100
    of: dict[str, int] = {}
    for claim in offer.effects:
        of[claim.account] = of.get(claim.account, 0) + claim.amount
    assert all(of.get(account, 0) <= has for account, has in purse.lots)


def test_a_reward_names_a_coupon_or_goods():
    with pytest.raises(ValueError, match="one of them"):
        Reward(code="a", title="a", points=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tiers": (Tier(code="a", title="a", reach=5), Tier(code="b", title="b", reach=1))},
        {"tiers": (Tier(code="a", title="a"), Tier(code="a", title="a"))},
        {"expiry": "fixed"},
        {"multipliers": (Multiplier(name="m", percent=200, tiers=("gold",)),)},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        LoyaltySettings(**wrong)
