"""Texts are data, forms come from our own pages, prices from the shop."""

import pytest

from jishi.testing.people import ADDRESS

OURS = {"origin": "http://shop.test", "sec-fetch-site": "same-origin"}
EVIL = "{{7*7}}<script>alert(1)</script>{% raw %}"
SHOWN = "{{7*7}}&lt;script&gt;alert(1)&lt;/script&gt;{% raw %}"


async def post(client, path, fields, **headers):
    return await client.post(path, data=fields, headers={**OURS, **headers})


@pytest.fixture
async def placed(client, seller):
    """An order placed through the pages; its address."""
    await seller.product("cup", price=3900, title=EVIL, brief=EVIL, description=EVIL)
    page = await client.get("/checkout?sku=cup")
    answer = await post(client, "/checkout", form(page) | ADDRESS | {"note": EVIL, "name": EVIL})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removesuffix("/pay")


def form(page):
    key = page.text.split('name="key" value="')[1].split('"')[0]
    total = page.text.split('name="total" value="')[1].split('"')[0]
    return {"sku": "cup", "quantity": "1", "key": key, "total": total, "do": "place"}


@pytest.mark.parametrize("path", ["/", "/p/cup", "/search?q=%7B%7B7*7%7D%7D", "/cart", "{order}"])
async def test_texts_of_merchants_and_customers_are_never_code(client, placed, path):
    await post(client, "/cart/lines", {"sku": "cup", "quantity": "1"})
    page = (await client.get(path.format(order=placed) if path == "{order}" else path)).text
    assert "{{7*7}}" in page
    assert "<script>alert" not in page
    if path in ("/p/cup", "{order}"):
        assert SHOWN in page


async def test_what_is_searched_for_is_shown_as_text(client):
    page = await client.get("/search", params={"q": '"><img src=x onerror=alert(1)>'})
    assert "<img src=x" not in page.text


async def test_a_form_of_another_site_changes_nothing(client, seller):
    await seller.product("cup")
    for headers in (
        {"origin": "https://evil.test", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.test", "sec-fetch-site": ""},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "", "sec-fetch-site": ""},
    ):
        answer = await post(client, "/cart/lines", {"sku": "cup", "quantity": "1"}, **headers)
        assert answer.status_code == 403, headers
    assert "购物车还是空的" in (await client.get("/cart")).text


async def test_only_plain_forms_are_read(client, seller):
    await seller.product("cup")
    as_json = await client.post("/cart/lines", json={"sku": "cup", "quantity": 1}, headers=OURS)
    in_parts = await client.post("/cart/lines", files={"sku": b"cup"}, headers=OURS)
    large = await post(client, "/cart/lines", {"sku": "cup", "quantity": "1" * 70_000})
    assert [one.status_code for one in (as_json, in_parts, large)] == [415, 415, 415]


@pytest.mark.parametrize("quantity", ["-1", "0", "0.5", "1e30", "ten", "99999999999999999999", ""])
async def test_a_quantity_that_makes_no_sense_changes_nothing(client, seller, quantity):
    await seller.product("cup")
    answer = await post(client, "/cart/lines", {"sku": "cup", "quantity": quantity})
    assert answer.status_code == 422
    assert (await client.get(f"/checkout?sku=cup&quantity={quantity or 'x'}")).status_code == 422
    assert "购物车还是空的" in (await client.get("/cart")).text


async def test_a_price_in_the_form_is_no_price(client, seller):
    await seller.product("cup", price=3900)
    sent = form(await client.get("/checkout?sku=cup")) | ADDRESS
    answer = await post(client, "/checkout", sent | {"total": "1", "price": "1"})
    assert answer.status_code == 409
    assert "价格有更新" in answer.text


async def test_somebody_elses_order_is_not_there(client, placed):
    client.cookies.clear()
    await post(client, "/cart/lines", {"sku": "cup", "quantity": "1"})
    for path in (placed, f"{placed}/pay", f"{placed}/status"):
        assert (await client.get(path)).status_code == 404
    for path in (f"{placed}/cancel", f"{placed}/pay", f"{placed}/pay/check", f"{placed}/receive"):
        assert (await post(client, path, {"way": "paper:scan"})).status_code == 404


async def test_a_stranger_is_asked_to_log_in(client, placed):
    client.cookies.clear()
    answer = await client.get(placed)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/login?next={placed}"


async def test_a_line_of_somebody_elses_cart_is_not_there(client, seller):
    await seller.product("cup")
    await post(client, "/cart/lines", {"sku": "cup", "quantity": "1"})
    line = (await client.get("/cart")).text.split("/cart/lines/")[1].split('"')[0]
    client.cookies.clear()
    await seller.product("pot")
    await post(client, "/cart/lines", {"sku": "pot", "quantity": "1"})
    assert (await post(client, f"/cart/lines/{line}", {"quantity": "5"})).status_code == 404


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, seller):
    await seller.product("cup")
    answer = await post(client, "/cart/lines", {"sku": "cup", "quantity": "1"})
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("jishi=g.")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


class TestOverHttps:
    @pytest.fixture
    def shop_tables(self, shop_tables):
        shop = {**shop_tables["shop"], "base_url": "https://shop.test"}
        return shop_tables | {"shop": shop}

    async def test_the_cookie_belongs_to_this_host_alone(self, client, seller):
        await seller.product("cup")
        answer = await post(client, "/cart/lines", {"sku": "cup", "quantity": "1"})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-jishi=g.")
        assert "secure" in cookie.lower()


@pytest.mark.parametrize(
    "onward", ["//evil.test", "https://evil.test", "/\\evil.test", "\\/evil.test", "/\t/evil.test"]
)
async def test_nobody_is_sent_to_another_site(client, onward):
    page = await client.get("/login", params={"next": onward})
    assert 'name="next" value="/"' in page.text


async def test_an_unknown_address_is_a_page_for_people_and_a_document_for_programs(client):
    page = await client.get("/nowhere", headers={"accept": "text/html"})
    document = await client.get("/nowhere", headers={"accept": "application/json"})
    api = await client.get("/store/nowhere", headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "页面不存在" in page.text
    for answer in (document, api):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_page_that_breaks_tells_nothing_and_keeps_its_number(client, themes_folder):
    (themes_folder / "home.html").write_text("{{ secret_thing.inside }}", "utf-8")
    page = await client.get("/")
    assert page.status_code == 500
    assert "secret_thing" not in page.text
    assert page.headers["x-request-id"] in page.text
    assert (await client.get("/cart")).status_code == 200
