"""The visitor's language: asked for, kept, accepted, or the shop's."""

import pytest

from jishi.themes.formats import amount_of
from jishi.themes.words import Words


@pytest.fixture
def words(tmp_path):
    (tmp_path / "zh-CN.toml").write_text('[cart]\ntitle = "购物车"\nfew = "{count} 件"', "utf-8")
    (tmp_path / "en.toml").write_text('[cart]\ntitle = "Cart"', "utf-8")
    return Words([tmp_path], "zh-CN")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh", "zh-CN"),
        ("zh-TW,zh;q=0.8", "zh-CN"),
        ("fr,en;q=0.5,zh;q=0.7", "zh-CN"),
        ("fr", None),
        ("en;q=0", None),
        ("", None),
        (";;;q=x,,", None),
    ],
)
def test_the_best_accepted_language(words, header, language):
    assert words.accepted(header) == language


def test_an_unknown_language_of_the_shop_falls_back_to_one_that_is_there(tmp_path, words):
    assert Words([tmp_path], "ja").first in words.languages


def test_a_text_that_is_missing_shows_its_key(words):
    assert words.say("en", "cart.few", {}) == "cart.few"


def test_a_value_is_filled_in_and_is_never_a_pattern(words):
    assert words.say("zh-CN", "cart.few", {"count": "{title.__class__}"}) == "{title.__class__} 件"


@pytest.mark.parametrize(
    ("fen", "currency", "text"),
    [
        (1230, "CNY", "¥12.30"),
        (5, "CNY", "¥0.05"),
        (0, "CNY", "¥0.00"),
        (123456789, "CNY", "¥1,234,567.89"),
        (-500, "CNY", "−¥5.00"),
        (1230, "JPY", "JP¥1,230"),
        (1230, "CHF", "CHF 12.30"),
    ],
)
def test_money_is_exact(fen, currency, text):
    assert str(amount_of(fen, currency)) == text


async def test_asked_for_beats_kept_beats_accepted(client):
    chinese = {"accept-language": "zh-CN"}
    assert 'lang="zh-CN"' in (await client.get("/", headers=chinese)).text
    assert 'lang="en"' in (await client.get("/?lang=en", headers=chinese)).text
    assert 'lang="en"' in (await client.get("/", headers=chinese)).text
    assert 'lang="zh-CN"' in (await client.get("/?lang=zh", headers=chinese)).text


async def test_a_page_names_its_encoding_once(client):
    assert (await client.get("/")).headers["content-type"] == "text/html; charset=utf-8"


async def test_a_language_that_is_not_there_changes_nothing(client):
    page = await client.get("/?lang=../../etc", headers={"accept-language": "en"})
    assert 'lang="en"' in page.text
    assert "set-cookie" not in page.headers
