import random

import pytest

from jishi.catalogue import (
    BadQuery,
    CategoryInput,
    NewPrice,
    ProductQuery,
    Sku,
    StockOrder,
    change_stock,
    create_category,
    list_products,
    set_prices,
    withdraw_product,
)


async def listed(shop, channel="web", locale="zh", **query):
    page = await list_products(
        shop.database, ProductQuery(**query), channel=channel, locale=locale, location="main"
    )
    return [card.handle for card in page.items]


async def test_only_what_is_on_sale_is_listed(shop, goods):
    await goods.draft("draft")
    gone = await goods.on_sale("gone")
    await goods.on_sale("there")
    await withdraw_product(shop, gone.id)
    assert await listed(shop) == ["there"]


async def test_a_product_answers_to_all_words_and_to_no_others(shop, goods):
    tea = await create_category(shop, CategoryInput(handle="tea", title="茶叶"))
    await goods.on_sale("wool", "澳洲羊毛被", brand="MUJI", keywords="保暖")
    await goods.on_sale(
        "green", "龙井", category=tea.id, translations={"en": {"title": "Dragon Well"}}
    )
    assert await listed(shop, q="羊毛") == ["wool"]
    assert await listed(shop, q="羊毛 muji") == ["wool"]
    assert await listed(shop, q="保暖 被") == ["wool"]
    assert await listed(shop, q="WOOL-1") == ["wool"]
    assert await listed(shop, q="dragon") == ["green"]
    assert await listed(shop, q="茶叶") == ["green"]
    assert await listed(shop, q="羊毛 龙井") == []
    assert await listed(shop, q="毛羊") == []
    assert await listed(shop, q="%") == []


async def test_a_hit_in_the_title_comes_first(shop, goods):
    await goods.on_sale("title", "羊毛被")
    await goods.on_sale("keyword", "毯子", keywords="羊毛")
    assert await listed(shop, q="羊毛") == ["title", "keyword"]


async def test_a_category_shows_what_stands_inside_it(shop, goods):
    home = await create_category(shop, CategoryInput(handle="home", title="居家"))
    bed = await create_category(shop, CategoryInput(handle="bed", title="床品", parent=home.id))
    await goods.on_sale("sheet", category=bed.id)
    await goods.on_sale("lamp", category=home.id)
    await goods.on_sale("loose")
    assert await listed(shop, category="bed") == ["sheet"]
    assert sorted(await listed(shop, category="home")) == ["lamp", "sheet"]
    with pytest.raises(BadQuery):
        await listed(shop, category="nowhere")


async def test_brand_and_price_narrow_a_list(shop, goods):
    await goods.on_sale("cheap", price=100, brand="A")
    await goods.on_sale("dear", price=900, brand="A")
    await goods.on_sale("other", price=900, brand="B")
    assert await listed(shop, brand="A", sort="price") == ["cheap", "dear"]
    assert await listed(shop, min_price=900, sort="title") == ["dear", "other"]
    assert await listed(shop, max_price=899) == ["cheap"]


async def test_what_is_out_of_stock_can_be_left_out(shop, goods):
    await goods.on_sale("empty")
    await goods.on_sale("full")
    order = StockOrder(sku="full-1", kind="count", quantity=3, reason="delivery")
    await change_stock(shop, order, "k1", "staff:1")
    assert await listed(shop, in_stock="yes") == ["full"]


async def test_titles_sort_as_chinese_readers_expect(shop, goods):
    for handle, title in (("w", "王"), ("a", "阿"), ("z", "张")):
        await goods.on_sale(handle, title)
    assert await listed(shop, sort="title") == ["a", "w", "z"]


async def test_a_channel_has_its_own_products_and_prices(shop, goods):
    await goods.on_sale("both", price=500)
    await goods.on_sale("mini-only", price=700, channels=("mini_program",))
    await set_prices(shop, [NewPrice(sku="both-1", amount=800, price_list="mini")])
    assert await listed(shop, sort="price") == ["both"]
    assert await listed(shop, "mini_program", sort="price") == ["mini-only", "both"]
    await set_prices(shop, [NewPrice(sku="both-1", amount=None, price_list="mini")])
    assert await listed(shop, "mini_program", sort="price") == ["both", "mini-only"]


async def test_a_list_speaks_the_shoppers_language_where_it_can(shop, goods):
    await goods.on_sale("tea", "龙井", translations={"en": {"title": "Dragon Well"}})
    query = ProductQuery()
    for locale, title in (("en", "Dragon Well"), ("zh", "龙井"), ("fr", "龙井")):
        page = await list_products(
            shop.database, query, channel="web", locale=locale, location="main"
        )
        assert page.items[0].title == title


@pytest.mark.parametrize("sort", ["newest", "price", "-price", "title", "relevance"])
async def test_pages_hold_every_product_exactly_once(shop, goods, sort):
    chance = random.Random(sort)
    handles = {f"p{number}" for number in range(23)}
    for handle in sorted(handles):
        title = chance.choice(["绿茶", "绿茶 茶", "红豆"])
        await goods.on_sale(handle, title, chance.choice([100, 200]), keywords="绿茶")
    whole = await listed(shop, sort=sort, q="绿茶", limit=100)
    for limit in (1, 4, 22, 23):
        seen, cursor = [], ""
        while cursor is not None:
            page = await list_products(
                shop.database,
                ProductQuery(sort=sort, q="绿茶", limit=limit, cursor=cursor),
                channel="web",
                locale="zh",
                location="main",
            )
            seen += [card.handle for card in page.items]
            cursor = page.next
        assert seen == whole
        assert set(seen) == handles


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJwcmljZSIsMSwieCJd", "é", "===="])
async def test_a_cursor_of_another_list_is_refused(shop, goods, cursor):
    await goods.on_sale("one")
    with pytest.raises(BadQuery):
        await listed(shop, sort="title", cursor=cursor)


async def test_relevance_without_words_is_refused(shop):
    with pytest.raises(BadQuery):
        await listed(shop, sort="relevance")


async def test_a_card_shows_the_range_of_prices(shop, goods):
    skus = (
        Sku(code="S", price=300, list_price=400, options={"尺寸": "小"}),
        Sku(code="L", price=500, options={"尺寸": "大"}),
    )
    await goods.on_sale("shirt", skus=skus)
    page = await list_products(
        shop.database, ProductQuery(), channel="web", locale="zh", location="main"
    )
    (card,) = page.items
    assert (card.price, card.highest_price, card.list_price) == (300, 500, 400)
    assert (card.sku, card.available) == (None, "no")
