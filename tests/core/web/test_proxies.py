"""The client's address behind proxies that the merchant trusts."""

import pytest
from litestar import Request, get

from jishi.callers import caller_of
from jishi.plugins import Declaration, Plugin, hookimpl


@get("/address")
async def address(request: Request) -> str:
    return caller_of(request).address


class Mirror(Plugin):
    declaration = Declaration(name="mirror", version="1.0.0")

    @hookimpl
    def register_routes(self):
        return [address]


@pytest.fixture
def migrated_database_url(sqlite_template, tmp_path) -> str:
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def shop_plugins(shop_plugins):
    return {**shop_plugins, "mirror": Mirror}


@pytest.fixture
def shop_tables(shop_tables):
    return {**shop_tables, "web": {"storefront": "off", "trusted_proxies": ["127.0.0.0/8"]}}


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("10.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("1.2.3.4, 203.0.113.9, 127.0.0.5", "203.0.113.9"),
        ("nonsense", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("203.0.113.9, <script>", "127.0.0.1"),
    ],
)
async def test_only_what_a_trusted_proxy_wrote_is_believed(client, sent, found):
    answer = await client.get("/mirror/address", headers={"x-forwarded-for": sent})
    assert answer.text == found
