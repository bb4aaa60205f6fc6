"""What a category needs, and numbers whose check digits are wrong."""

import msgspec
import pytest

from jishi_content_review import ContentReviewSettings
from jishi_content_review.licences import requirements


async def test_food_needs_one_of_four_licences(ask):
    (found,) = await ask("绿茶", "食品", "食品饮料")
    assert (found.rule, found.severity) == ("licence_missing", "doubt")
    assert "食品经营许可证 / 食品生产许可证" in found.message


async def test_any_of_them_is_enough(ask):
    settings = ContentReviewSettings(licences={"食品生产许可证": "2099-12-31"})
    assert await ask("绿茶", "食品饮料", settings=settings) == []


async def test_one_that_has_lapsed_does_not_count_and_is_named(ask):
    settings = ContentReviewSettings(licences={"食品生产许可证": "2020-12-31"})
    (found,) = await ask("绿茶", "食品饮料", settings=settings)
    assert "已过期：食品生产许可证" in found.message


async def test_all_of_them_where_all_are_needed(ask):
    one = ContentReviewSettings(licences={"医疗器械经营许可证": "forever"})
    (found,) = await ask("血压计", "医疗器械自营", settings=one)
    assert "互联网药品信息服务资格证书" in found.message
    assert "医疗器械经营许可证" not in found.message
    both = ContentReviewSettings(
        licences={
            "医疗器械经营许可证": "forever",
            "药品、医疗器械互联网信息服务备案凭证": "forever",
        }
    )
    assert await ask("血压计", "医疗器械自营", settings=both) == []


async def test_the_shops_own_category_names_are_translated(ask):
    settings = ContentReviewSettings(categories={"零食": "食品饮料"})
    assert len(await ask("饼干", "零食", settings=settings)) == 1
    assert await ask("饼干", "零食") == []


async def test_towels_need_nothing(ask):
    assert await ask("毛巾", "居家", "家居家纺") == []


async def test_what_only_a_person_can_read_is_shown_until_it_is_settled(ask):
    (found,) = await ask("钻机", "商用设备机械销售")
    assert "机械设备销售" in found.message
    settled = ContentReviewSettings(licences={"商用设备机械销售": "forever"})
    assert await ask("钻机", "商用设备机械销售", settings=settled) == []


def test_the_requirements_are_complete():
    assert (len(requirements().needs), len(requirements().texts)) == (13, 58)
    assert set(requirements().needs) <= set(requirements().texts)


VALID = ["91110000600037341L", "91440300MA5DA1T3U1", "92330106MA2AXK1W0J", "121100004000000001"]
INVALID = ["91110000600037342L", "91110000600037341I", "9111000060003734", "911100006000373410"]


@pytest.mark.parametrize("number", VALID)
async def test_a_right_company_number_is_no_finding(ask, number):
    assert await ask("营业执照", company_number=number) == []


@pytest.mark.parametrize("number", INVALID)
async def test_a_wrong_company_number_is_pointed_at(ask, number):
    (found,) = await ask("营业执照", company_number=number)
    assert (found.rule, found.excerpt) == ("company_number_wrong", number)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"licences": {"食品经营许可证": "next year"}}, "expected a day like 2027-01-31"),
        ({"licences": {"食品经营许可证": "2027-02-31"}}, "expected a day like 2027-01-31"),
        ({"company_number": INVALID[0]}, "wrong check digits"),
        ({"words": "nowhere.toml"}, "nowhere.toml cannot be used"),
        ({"alowed": ["x"]}, "alowed"),
    ],
)
def test_wrong_settings_are_refused_with_a_reason(settings, said):
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(settings, ContentReviewSettings, strict=False, dec_hook=_path)


def _path(kind, value):
    return kind(value)
