"""The API describes itself."""

import re

import pytest


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
