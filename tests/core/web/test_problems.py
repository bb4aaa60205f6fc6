"""Every failure is a problem document, and strangers learn nothing from it."""

import pytest
from litestar import get, post
from litestar.params import FromPath

from jishi.db import Busy, Conflict, Retry, Unavailable
from jishi.plugins import Declaration, HookFailed, Plugin, hookimpl
from jishi.problems import TooMany

ERRORS = {
    "broken": ZeroDivisionError("the password is hunter2"),
    "busy": Busy("relation secret_table is locked"),
    "retry": Retry("deadlock detected in secret_table"),
    "gone": Unavailable("no route to db.internal"),
    "conflict": Conflict("key (email)=(li@example.com)", kind="unique", constraint="secret"),
    "hook": HookFailed("loyalty@0.1.0", "adjust_price", "KeyError: secret"),
    "slow": TooMany("Slow down.", retry_after=7),
}


@get("/raise/{name:str}")
async def raise_error(name: FromPath[str]) -> None:
    raise ERRORS[name]


@post("/write")
async def write() -> None:
    """Take only POST."""


class Trouble(Plugin):
    declaration = Declaration(name="trouble", version="1.0.0")

    @hookimpl
    def register_routes(self):
        return [raise_error, write]


@pytest.fixture
def migrated_database_url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'shop.db'}"  # what is told does not depend on the engine


@pytest.fixture
def shop_plugins(shop_plugins):
    return {**shop_plugins, "trouble": Trouble}


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("broken", 500, "internal_error"),
        ("busy", 503, "database_busy"),
        ("retry", 503, "database_retry"),
        ("gone", 503, "database_unavailable"),
        ("conflict", 409, "conflict"),
        ("hook", 503, "plugin_unavailable"),
        ("slow", 429, "too_many_requests"),
    ],
)
async def test_an_error_is_told_without_what_is_inside(client, name, status, code):
    answer = await client.get(f"/trouble/raise/{name}")
    document = answer.json()
    assert (answer.status_code, document["code"], document["status"]) == (status, code, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["instance"].endswith(document["request_id"])
    for inside in ("secret", "hunter2", "db.internal", "li@example.com", "Traceback", "loyalty"):
        assert inside not in answer.text


@pytest.mark.parametrize("name", ["busy", "retry", "gone", "hook", "slow"])
async def test_who_may_try_again_is_told_when(client, name):
    answer = await client.get(f"/trouble/raise/{name}")
    assert int(answer.headers["retry-after"]) == (7 if name == "slow" else 1)


async def test_staff_is_told_which_plugin_failed(client, owner):
    document = (await client.get("/trouble/raise/hook", headers=owner)).json()
    assert (document["plugin"], document["hook"]) == ("loyalty@0.1.0", "adjust_price")


async def test_an_unknown_address_is_a_problem_too(client):
    answer = await client.get("/store/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


async def test_a_wrong_method_is_told_the_right_ones(client):
    answer = await client.get("/trouble/write")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]


async def test_a_wrong_parameter_is_named(client, shopper):
    answer = await client.get(
        "/store/carts/any/quote", params={"explain": "lots"}, headers=shopper.headers
    )
    assert answer.status_code == 422
    assert answer.json()["field"] == "explain"


async def test_a_plugins_routes_lie_below_its_own_name(client):
    assert (await client.post("/write")).status_code == 404
    assert (await client.post("/trouble/write")).status_code == 201
