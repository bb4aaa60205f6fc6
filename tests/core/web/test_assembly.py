"""A shop is put together from its rooms and plugins, or mounted in somebody's own application."""

import httpx
import pytest
from litestar import Litestar, get

from jishi.config import ConfigProblem, Source, read_config
from jishi.web import Jishi, WebSettings, create_app


@pytest.fixture
def migrated_database_url(sqlite_template, tmp_path) -> str:
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'shop.db'}"


@get("/hello", sync_to_thread=False)
def hello() -> str:
    return "hello"


async def ask(app, method: str, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://own.test") as http:
        return await http.request(method, path, headers=headers)


async def test_a_shop_can_be_mounted_in_an_application_of_ones_own(shop):
    app = Litestar([hello], plugins=[Jishi(shop)], logging_config=None)
    async with app.lifespan():
        assert (await ask(app, "GET", "/hello")).text == "hello"
        answer = await ask(app, "GET", "/store/shop")
        assert answer.json()["name"] == "测试小店"
        assert answer.headers["x-content-type-options"] == "nosniff"
        refused = await ask(app, "GET", "/store/carts/current")
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
        assert (await ask(app, "GET", "/health/ready")).status_code == 200


async def test_orders_are_taken_only_while_the_shop_is_open(shop):
    app = create_app(shop)
    async with app.lifespan():
        assert app.state.life.counter.is_open
        assert app.state.life.runner.is_running
    assert not app.state.life.counter.is_open
    assert not app.state.life.runner.is_running
    assert app.state.life.state == "stopping"


@pytest.fixture
def shop_tables(shop_tables):
    web = {"storefront": "off", "allowed_origins": ["https://mini.example"]}
    return {**shop_tables, "web": web, "events": {"jobs": "here"}}


async def test_other_sites_pages_may_call_when_the_merchant_says_so(shop):
    app = create_app(shop)
    ours = await ask(app, "GET", "/store/shop", origin="https://mini.example")
    theirs = await ask(app, "GET", "/store/shop", origin="https://evil.example")
    assert ours.headers["access-control-allow-origin"] == "https://mini.example"
    assert theirs.headers.get("access-control-allow-origin") in (None, "https://mini.example")
    assert "access-control-allow-credentials" not in ours.headers


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"trusted_proxies": ["lb.internal"]}, "'lb.internal' is no address"),
        ({"allowed_origins": ["*"]}, "'*' is no origin"),
        ({"allowed_origins": ["https://shop.example/path"]}, "is no origin"),
        ({"logins_per_minut": 3}, "did you mean 'logins_per_minute'?"),
    ],
)
def test_a_wrong_web_table_is_a_sentence(table, said):
    shop = {"name": "x", "secret": {"env": "S"}}
    config = read_config(Source(tables={"shop": shop, "web": table}, environ={"S": "k" * 40}))
    with pytest.raises(ConfigProblem, match="web") as caught:
        config.section("web", WebSettings)
    assert said in str(caught.value)
