"""A page that is known is answered before the router, and as the router would have answered."""

from itertools import product

import httpx
import msgspec
import pytest

from jishi.callers import Caller
from jishi.catalogue import NewPrice, StockOrder, change_stock, memory, set_prices
from jishi.config import StoreSettings
from jishi.membership import new_guest
from jishi.web import create_app
from jishi.web.front import Front

LIST, TEA = "/store/products", "/store/products/tea"


@pytest.fixture
def migrated_database_url(sqlite_template, tmp_path) -> str:
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'shop.db'}"  # what is known is known in the process


@pytest.fixture
def shop_tables(shop_tables):
    return {**shop_tables, "web": {"allowed_origins": ["https://app.example"]}}


@pytest.fixture
def shop_config(shop_config):
    return msgspec.structs.replace(
        shop_config,
        stores={"west": StoreSettings(name="西店"), "east": StoreSettings(name="东店")},
        channels={
            name: msgspec.structs.replace(
                channel, price_list="mini" if name == "mini_program" else "base"
            )
            for name, channel in shop_config.channels.items()
        },
    )


class Routed:
    """Counts what reaches the router."""

    def __init__(self, app):
        self.app = app
        self.count = 0

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            self.count += 1
        await self.app(scope, receive, send)


@pytest.fixture
async def known(shop, seller, monkeypatch):
    """A client of an application that knows both pages, and what reaches its router."""
    for limit in ("LOOK_EVERY", "LIFETIME"):
        monkeypatch.setattr(memory, limit, 3600.0)  # however slow the machine is
    await seller.product("tea", stock=3)
    app = create_app(shop)
    front = app.asgi_handler
    assert isinstance(front, Front)
    front.app = routed = Routed(front.app)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://shop.test"
    ) as browser:
        for path in (LIST, TEA):
            assert (await browser.get(path)).status_code == 200
        routed.count = 0
        yield browser, routed


def told(answer) -> dict[str, str]:
    """An answer's headers, but for what names the request."""
    return {name: value for name, value in answer.headers.items() if name != "x-request-id"}


ASKED = [
    {},
    {"if-none-match": "*"},
    {"if-none-match": '"another"'},
    {"accept-language": "zh-CN,zh;q=0.9"},
    {"x-request-id": "edge-12345678"},
]


async def test_a_known_page_is_answered_as_the_router_answers_it(known):
    browser, routed = known
    front = browser._transport.app.asgi_handler
    ready, turns = front._ready, list(product(ASKED, ("GET", "HEAD"), (LIST, TEA)))
    for headers, method, path in turns:
        front._ready = ready
        quick = await browser.request(method, path, headers=headers)
        front._ready = None
        slow = await browser.request(method, path, headers=headers)
        assert (quick.status_code, quick.content) == (slow.status_code, slow.content)
        assert told(quick) == told(slow)
        assert quick.headers["x-request-id"]
    assert routed.count == len(turns)


async def test_an_etag_that_is_known_saves_the_body(known):
    browser, routed = known
    etag = (await browser.get(TEA)).headers["etag"]
    again = await browser.get(TEA, headers={"if-none-match": etag})
    assert (again.status_code, again.content, routed.count) == (304, b"", 0)


REFUSED = [
    ({"authorization": "Bearer nonsense"}, 401),
    ({"jishi-channel": "nowhere"}, 400),
    ({"jishi-store": "nowhere"}, 400),
    ({"content-length": "many"}, 400),
    ({"host": "shop.test/x y"}, 400),
]


async def test_a_known_page_is_no_way_around_what_every_request_must_pass(known):
    browser, _ = known
    for headers, status in REFUSED:
        assert (headers, (await browser.get(TEA, headers=headers)).status_code) == (
            headers,
            status,
        )


async def test_another_query_is_another_page(known):
    browser, _ = known
    for query in ("?limit=0", "?srot=price", "?limit=5&limit=6"):
        assert (await browser.get(LIST + query)).status_code == 422


async def test_only_reading_is_answered_with_a_page(known):
    browser, _ = known
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await browser.request(method, TEA)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


async def test_channels_with_price_lists_of_their_own_have_pages_of_their_own(known, shop):
    browser, routed = known
    await set_prices(shop, [NewPrice(sku="tea", amount=77, price_list="mini")])
    for _ in range(2):
        for channel, price in (("web", None), ("mini_program", 77)):
            shown = await browser.get(TEA, headers={"jishi-channel": channel})
            assert (shown.json()["skus"][0]["price"] == 77) == (price == 77)
    assert routed.count == 2  # the second turn came from memory


async def test_a_store_and_a_language_never_get_anothers_page(known):
    browser, routed = known
    for headers in (
        {"jishi-store": "west"},
        {"jishi-store": "east"},
        {"accept-language": "en"},
        {"accept-language": "en", "jishi-store": "west"},
        {"accept-language": "en", "jishi-store": "west", "jishi-channel": "mini_program"},
    ):
        before = routed.count
        await browser.get(TEA, headers=headers)
        assert routed.count == before + 1  # nobody had asked for this one


async def test_somebody_known_gets_the_page_that_everybody_gets(known, shop):
    """A page is the same for guests, members and staff: what is dearer or cheaper for somebody
    is told by a quote, never by a page."""
    browser, routed = known
    headers = {"authorization": f"Bearer {new_guest(shop).token}"}
    mine = await browser.get(TEA, headers=headers)
    assert routed.count == 0
    assert mine.content == (await browser.get(TEA)).content
    assert "set-cookie" not in mine.headers


async def test_another_sites_page_gets_its_headers(known):
    browser, _ = known
    answer = await browser.get(TEA, headers={"origin": "https://app.example"})
    assert answer.headers["access-control-allow-origin"] == "https://app.example"


async def test_a_changed_stock_is_seen_at_once(known, shop):
    browser, _ = known
    order = StockOrder(sku="tea", kind="count", quantity=9, reason="counted")
    await change_stock(shop, order, "k", "staff:1")
    assert (await browser.get(TEA)).json()["skus"][0]["available"] == 9


async def test_pages_of_others_middleware_go_through_it(shop):
    """Only an application of ours alone leaves its router out."""
    inner = create_app(shop).asgi_handler.app
    assert getattr(inner, "_ready", None) is None


async def test_a_known_page_is_counted_like_any_other(known):
    browser, routed = known
    await browser.get(TEA)
    await browser.head(TEA)
    assert routed.count == 0
    served = browser._transport.app.state.metrics._served.requests
    assert served["GET", "/store/products/{handle}", 200] == 2
    assert served["HEAD", "/store/products/{handle}", 200] == 1


async def test_head_tells_what_get_would(client):
    for path in ("/store/shop", "/health/live", "/docs", "/openapi.json"):
        whole, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        for name in ("content-type", "content-length"):
            assert head.headers[name] == whole.headers[name]


async def test_head_of_what_is_not_there_says_so(client):
    answer = await client.head("/store/products/none")
    assert (answer.status_code, answer.content) == (404, b"")


async def test_nobody_is_somebody_without_a_token(client):
    assert Caller().kind == "anonymous"
    assert (await client.head("/store/me")).status_code == 401
