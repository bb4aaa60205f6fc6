"""Tax and rounding are lanes like any other."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from jishi.builtin.rounding import Rounding, RoundingSettings
from jishi.builtin.vat import Vat, VatSettings
from jishi.pricing import Basket, Item, Nets

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def basket(*rates: int) -> Basket:
    return Basket(
        at=NOW,
        items=tuple(
            Item(
                key=str(i),
                sku=str(i),
                product="p",
                title="t",
                quantity=1,
                unit_price=0,
                tax_rate=rate,
            )
            for i, rate in enumerate(rates)
        ),
    )


def test_prices_in_china_include_their_tax() -> None:
    offers = Vat(VatSettings()).adjust_price(
        basket(1300, 900, 0), "tax", Nets(lines=(11300, 10900, 500))
    )
    assert offers is not None
    assert offers[0].amounts == (1300, 900, 0)
    assert offers[0].included == "yes"


def test_a_merchant_may_add_the_tax_on_top() -> None:
    vat = Vat(VatSettings(prices="exclude_tax", delivery_rate=600))
    offers = vat.adjust_price(basket(1300), "tax", Nets(lines=(10000,), delivery=1000))
    assert offers is not None
    assert (offers[0].amounts, offers[0].delivery, offers[0].included) == ((1300,), 60, "no")


def test_tax_speaks_in_its_own_lane_only() -> None:
    assert Vat(VatSettings()).adjust_price(basket(1300), "coupon", Nets(lines=(100,))) is None


@given(
    st.lists(st.integers(min_value=0, max_value=10**7), min_size=1, max_size=8),
    st.integers(min_value=0, max_value=5000),
    st.sampled_from(["jiao", "yuan"]),
)
def test_rounding_takes_off_exactly_the_odd_fen(
    lines: list[int], delivery: int, down_to: str
) -> None:
    unit = {"jiao": 10, "yuan": 100}[down_to]
    rounding = Rounding(RoundingSettings(down_to=down_to))  # type: ignore[arg-type]
    offers = rounding.adjust_price(
        basket(*[0] * len(lines)), "rounding", Nets(lines=tuple(lines), delivery=delivery)
    )
    total = sum(lines) + delivery
    taken = sum(offers[0].amounts) + offers[0].delivery if offers else 0
    assert (total + taken) % unit == 0
    assert -unit < taken <= 0


def test_a_fen_is_not_rounded() -> None:
    assert (
        Rounding(RoundingSettings()).adjust_price(basket(0), "rounding", Nets(lines=(1,))) is None
    )
