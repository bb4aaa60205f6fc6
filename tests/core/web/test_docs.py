"""The API describes itself."""

import asyncio
import re

import pytest
from litestar import get

from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.web import create_app, make_shop
from jishi.web.docs import OperationTwice, described


@pytest.fixture
def migrated_database_url(sqlite_template, tmp_path) -> str:
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
async def description(client) -> dict:
    return (await client.get("/openapi.json")).json()


def operations(description: dict) -> list[tuple[str, str, dict]]:
    return [
        (path, method, operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]


async def test_it_is_openapi_3_1(description):
    assert description["openapi"].startswith("3.1")
    assert {"/store/shop", "/store/orders", "/admin/plugins"} <= description["paths"].keys()


async def test_every_operation_has_a_name_of_its_own_a_tag_and_a_sentence(description):
    found = operations(description)
    names = [operation["operationId"] for _, _, operation in found]
    assert len(found) > 50
    assert len(set(names)) == len(names)
    assert [path for path, _, operation in found if not operation.get("tags")] == []
    assert [path for path, _, operation in found if not operation.get("description")] == []


async def test_staffs_addresses_say_that_they_need_a_staff_token(description):
    for path, _, operation in operations(description):
        if path.startswith("/admin/") and path != "/admin/login":
            assert operation["security"] == [{"staff": []}]


async def test_errors_are_described_as_problem_documents(description):
    for _, _, operation in operations(description):
        assert "application/problem+json" in operation["responses"]["default"]["content"]


async def test_the_page_needs_nothing_from_elsewhere(client):
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "/store/orders" in page.text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)
    assert "<script" not in page.text


async def test_an_unguarded_admin_address_does_not_exist(client, description):
    """Every address of staff refuses strangers, whatever they send."""
    open_to_all = []
    for path, method, _ in operations(description):
        if path.startswith("/admin/") and path not in ("/admin/login",):
            address = re.sub(r"\{[^}]+\}", "1", path)
            body = {"json": {}} if method in ("post", "put", "patch") else {}
            answer = await client.request(method.upper(), address, **body)
            if answer.status_code not in (401, 422, 415):
                open_to_all.append((method, path, answer.status_code))
    assert open_to_all == []


@get("/tiers")
async def list_tiers() -> list[str]:
    """Tiers."""
    return []


@get("/own", operation_id="shop_get")
async def taken() -> str:
    """A name that the core has given already."""
    return ""


class Tiers(Plugin):
    declaration = Declaration(name="tiers_of_members", version="1.0.0")
    routes = (list_tiers,)

    @hookimpl
    def register_routes(self):
        return [*self.routes]


class More(Tiers):
    declaration = Declaration(name="more", version="1.0.0")


class Taken(Tiers):
    declaration = Declaration(name="taken", version="1.0.0")
    routes = (taken,)


@pytest.fixture
def shop_plugins(shop_plugins):
    return {**shop_plugins, "tiers_of_members": Tiers, "more": More}


async def test_an_operation_without_a_name_is_called_after_plugin_and_function(description):
    found = {path: names["get"]["operationId"] for path, names in description["paths"].items()
             if path.endswith("/tiers")}  # fmt: skip
    assert found == {
        "/tiers_of_members/tiers": "tiers_of_members_list_tiers",
        "/more/tiers": "more_list_tiers",
    }


async def test_two_operations_of_one_name_stop_the_start(shop, shop_config, shop_plugins):
    twice = make_shop(shop_config, also={**shop_plugins, "taken": Taken})
    with pytest.raises(OperationTwice, match="GET /store/shop and GET /taken/own"):
        create_app(twice)


async def test_the_description_is_made_when_somebody_asks_for_it(shop):
    app = create_app(shop)
    assert app.state.get("description") is None
    both = await asyncio.gather(described(app), described(app))
    assert both[0] is both[1] is app.state.description
