"""A file in the build's own folder takes the place of the theme's file of the same name."""


async def test_a_template_of_the_build_replaces_the_themes(themes_folder, client):
    (themes_folder / "home.html").write_text("我们自己的首页 {{ shop_name }}", "utf-8")
    assert (await client.get("/")).text == "我们自己的首页 测试小店"
    assert "购物车" in (await client.get("/cart")).text


async def test_a_template_of_the_build_extends_the_themes(themes_folder, client):
    text = '{% extends "theme/home.html" %}{% block foot %}沪ICP备00000000号{% endblock %}'
    (themes_folder / "home.html").write_text(text, "utf-8")
    page = (await client.get("/")).text
    assert "沪ICP备00000000号" in page
    assert 'href="/cart"' in page


async def test_a_layout_of_the_build_counts_for_every_page(themes_folder, client):
    text = '{% extends "theme/layout.html" %}{% block foot %}联系我们{% endblock %}'
    (themes_folder / "layout.html").write_text(text, "utf-8")
    for address in ("/", "/cart", "/login"):
        assert "联系我们" in (await client.get(address)).text


async def test_single_words_are_replaced(themes_folder, client):
    (themes_folder / "words").mkdir()
    (themes_folder / "words" / "zh-CN.toml").write_text('[nav]\ncart = "菜篮子"\n', "utf-8")
    page = (await client.get("/")).text
    assert "菜篮子" in page
    assert "订单" in page


async def test_a_static_file_of_the_build_replaces_the_themes(themes_folder, client):
    (themes_folder / "static").mkdir()
    (themes_folder / "static" / "icon.svg").write_text("<svg/>", "utf-8")
    assert (await client.get("/static/any/icon.svg")).text == "<svg/>"


async def test_an_address_of_an_older_version_is_not_kept_for_ever(client):
    answer = await client.get("/static/0123456789ab/shop.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


async def test_nothing_outside_of_the_static_folders_is_served(client):
    for path in ("../words/en.toml", "..%2fwords%2fen.toml", "%2e%2e/words/en.toml", "none.css"):
        assert (await client.get(f"/static/x/{path}")).status_code == 404
