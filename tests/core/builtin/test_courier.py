"""The courier's fee: region, weight, value."""

from datetime import UTC, datetime

import msgspec
import pytest

from jishi.builtin.courier import Courier, CourierSettings, Zone
from jishi.fulfilment import Address, Consignment

HANGZHOU = Address(
    name="王小明", phone="13800138000", region="浙江省", city="杭州市", street="文三路 1 号"
)


def consignment(
    region: str | None = "浙江省", weight_g: int = 1000, value: int = 5000
) -> Consignment:
    address = msgspec.structs.replace(HANGZHOU, region=region) if region else None
    return Consignment(
        parcels=(),
        weight_g=weight_g,
        value=value,
        currency="CNY",
        channel="web",
        store=None,
        address=address,
        at=datetime(2026, 11, 22, tzinfo=UTC),
    )


COURIER = Courier(
    CourierSettings(
        zones=(
            Zone(regions=("浙江", "上海"), first_fee=600, extra_fee=100, free_from=9900),
            Zone(regions=("*",), first_g=500, first_fee=1200, extra_g=500, extra_fee=300),
        ),
        no_delivery=("西藏自治区",),
    )
)


def fee(**said: object) -> int | None:
    options = COURIER.offer_delivery(consignment(**said))  # type: ignore[arg-type]
    return options[0].fee if options else None


@pytest.mark.parametrize(
    ("weight_g", "expected"), [(0, 600), (1000, 600), (1001, 700), (2000, 700), (2001, 800)]
)
def test_each_begun_step_of_weight_costs(weight_g: int, expected: int) -> None:
    assert fee(weight_g=weight_g) == expected


def test_a_region_is_known_with_and_without_its_suffix() -> None:
    assert fee(region="上海市") == fee(region="上海") == 600


def test_the_star_row_serves_the_rest() -> None:
    assert fee(region="四川省", weight_g=1400) == 1200 + 2 * 300


def test_delivery_is_free_from_the_value_on() -> None:
    assert (fee(value=9899), fee(value=9900)) == (600, 0)


@pytest.mark.parametrize(
    "region",
    [
        "西藏自治区",
        "西藏",
        "西藏 ",
        " 西 藏",
        "\u3000西藏自治区",
        "Tibet",
        "tibet",
        "Atlantis",
        "西葬",
    ],
)
def test_a_region_that_is_left_out_is_offered_nothing_however_it_is_written(region: str) -> None:
    assert fee(region=region) is None


def test_before_the_address_is_known_the_star_row_counts() -> None:
    assert fee(region=None) == 1500


def test_a_table_without_a_star_row_serves_only_its_regions() -> None:
    local = Courier(CourierSettings(zones=(Zone(regions=("浙江",), first_fee=500),)))
    assert local.offer_delivery(consignment(region="广东省")) is None
    options = local.offer_delivery(consignment(region="浙江省"))
    assert options is not None
    assert options[0].fee == 500
