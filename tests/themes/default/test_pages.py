"""Every page: in both languages, light, well-formed for people who do not see or point."""

import re

import pytest

from jishi.testing.people import ADDRESS

pytestmark = pytest.mark.usefixtures("goods")

PAGES = (
    "/",
    "/c/tea",
    "/search",
    "/search?q=杯",
    "/p/longjing",
    "/p/pot",
    "/cart",
    "/orders",
    "/login",
)
MOST = 60_000
"""Bytes of a page with its styles and scripts, before its pictures."""


@pytest.fixture
async def all_pages(visitor, goods):
    """Every page's address, those of an order among them."""
    await visitor.open("/p/cup")
    await visitor.press("加入购物车")
    await visitor.follow("去结算")
    await visitor.press("提交订单", **ADDRESS)
    await visitor.press("Scan")
    order = visitor.path.split("/")[2]
    await visitor.open("/p/longjing")
    await visitor.press("加入购物车")
    return (*PAGES, "/checkout", f"/orders/{order}", f"/orders/{order}/pay", "/p/none", "/nowhere")


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
async def test_every_page_answers_in_both_languages(all_pages, visitor, lang):
    for address in all_pages:
        await visitor.open(address, headers={"accept": "text/html", "accept-language": lang})
        expected = 404 if address in ("/p/none", "/nowhere") else 200
        assert visitor.answer.status_code == expected, address
        assert f'<html lang="{lang}">' in visitor.answer.text, address
        assert ("购物车" if lang == "zh-CN" else "Cart") in visitor.text, address


async def test_every_page_is_lighter_than_sixty_kilobytes(all_pages, visitor):
    for address in all_pages:
        await visitor.open(address, headers={"accept": "text/html"})
        links = [one["href"] for one in visitor.root.all("link")]
        scripts = [one["src"] for one in visitor.root.all("script")]
        weight = len(visitor.answer.content)
        for asset in (*links, *scripts):
            weight += len((await visitor.http.get(asset)).content)
        assert weight < MOST, address


async def test_a_full_page_of_a_list_is_light_too(seller, visitor):
    for number in range(30):
        await seller.product(f"p{number}", title="很长的商品名称" * 5, brief="说明" * 40, stock=1)
    await visitor.open("/search?q=商品")
    assert len(visitor.root.all("article", "h3")) == 24
    assert len(visitor.answer.content) < MOST - 22_000
    await visitor.follow("下一页")
    assert len(visitor.root.all("h3")) == 6


async def test_every_field_and_button_has_a_name(all_pages, visitor):
    for address in all_pages:
        await visitor.open(address, headers={"accept": "text/html"})
        labelled = {one.attrs.get("for") for one in visitor.root.all("label")}
        wrapped = {id(x) for one in visitor.root.all("label") for x in one.all("input")}
        for one in visitor.root.all("input", "select", "textarea"):
            named = one.attrs.get("id") in labelled or "aria-label" in one.attrs
            hidden = one.attrs.get("type") == "hidden"
            assert named or hidden or id(one) in wrapped, (address, one.attrs)
        for one in visitor.root.all("button", "a"):
            pictured = any("alt" in each.attrs for each in one.all("img"))
            assert one.text or "aria-label" in one.attrs or pictured, (address, one.attrs)


async def test_every_page_has_landmarks_a_heading_and_a_way_past_the_navigation(
    all_pages, visitor
):
    for address in all_pages:
        await visitor.open(address, headers={"accept": "text/html"})
        assert len(visitor.root.all("main")) == 1, address
        assert len(visitor.root.all("h1")) == 1, address
        assert visitor.root.all("header"), address
        assert all("aria-label" in one.attrs for one in visitor.root.all("nav")), address
        assert visitor.root.all("a")[0]["href"] == "#main", address


async def test_every_picture_keeps_its_place_and_only_the_first_hurry(all_pages, visitor):
    for address in all_pages:
        await visitor.open(address, headers={"accept": "text/html"})
        for one in visitor.root.all("img"):
            assert {"width", "height", "alt", "loading"} <= one.attrs.keys(), address
        assert sum(one["loading"] == "eager" for one in visitor.root.all("img")) <= 2, address


async def test_no_page_needs_inline_styles_or_scripts(all_pages, visitor):
    for address in all_pages:
        await visitor.open(address, headers={"accept": "text/html"})
        assert "unsafe-inline" not in visitor.answer.headers["content-security-policy"]
        assert not visitor.root.all("style"), address
        for one in visitor.root.all():
            assert "style" not in one.attrs, address
            assert not any(name.startswith("on") for name in one.attrs), address
        assert all("src" in one.attrs for one in visitor.root.all("script")), address


async def test_the_address_of_every_asset_holds_for_ever(visitor):
    await visitor.open("/")
    for one in visitor.root.all("link", "script"):
        answer = await visitor.http.get(one.attrs.get("href") or one["src"])
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


async def test_a_product_is_shown_in_the_language_it_is_translated_to(visitor):
    await visitor.open("/p/longjing?lang=en")
    assert "Longjing tea" in visitor.text
    await visitor.open("/p/longjing")
    assert "Longjing tea" in visitor.text  # the choice is kept
    await visitor.open("/p/longjing?lang=zh-CN")
    assert "龙井绿茶" in visitor.text


async def test_what_cannot_be_had_cannot_be_bought(visitor):
    await visitor.open("/p/pot")
    assert "已售罄" in visitor.text
    assert not [one for one in visitor.root.all("button") if one.text == "加入购物车"]


async def test_lists_sort_by_price(visitor):
    await visitor.open("/c/tea")
    await visitor.follow("价格低到高")
    titles = [one.text for one in visitor.root.all("h3")]
    assert titles == ["白瓷杯", "龙井绿茶", "紫砂壶"]
    await visitor.follow("仅看有货")
    assert "紫砂壶" not in visitor.text


async def test_moments_are_told_on_the_shops_clock(all_pages, visitor):
    await visitor.open(next(one for one in all_pages if one.startswith("/orders/")))
    assert re.search(r"2026-03-01 16:\d\d", visitor.text)  # 08:00 UTC in Shanghai
