"""Staff over HTTP: what each route asks of whoever comes."""

from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar, Request, Response

from jishi.callers import Caller
from jishi.compliance import Subject, review
from jishi.problems import Problem
from jishi.staff import staff_from_token
from jishi.staff.routes import ROUTES

PASSWORD = "correct horse battery"
SUBJECT = Subject(kind="text", id="about", title="About us", texts={"body": "We sell tea."})


class Door:
    """Recognises staff as the web's front does."""

    def __init__(self, app, shop) -> None:
        self.app, self.shop = app, shop

    async def __call__(self, scope, receive, send) -> None:
        token = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
        scope["jishi.caller"] = await staff_from_token(self.shop, token) or Caller()
        await self.app(scope, receive, send)


def problem(request: Request, error: Problem) -> Response:
    return Response(error.document(), status_code=error.status)


@pytest.fixture
def app(shop) -> Litestar:
    app = Litestar(
        route_handlers=ROUTES,
        middleware=[lambda app: Door(app, shop)],
        exception_handlers={Problem: problem},
    )
    app.state.shop = shop
    return app


@pytest.fixture
async def client(app) -> AsyncIterator[httpx.AsyncClient]:
    """A client in the test's own event loop, where the database lives."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


@pytest.fixture
def log_in(client, owner):
    async def logged_in(email: str = "owner@example.com") -> dict[str, str]:
        body = {"email": email, "password": PASSWORD}
        answer = await client.post("/admin/login", json=body)
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    return logged_in


async def test_the_owner_logs_in_and_sees_himself(client, log_in):
    me = (await client.get("/admin/me", headers=await log_in())).json()
    assert (me["person"]["email"], me["scopes"]) == ("owner@example.com", ["*"])


async def test_no_answer_carries_a_password(client, log_in):
    mine = await log_in()
    answers = [await client.get(path, headers=mine) for path in ("/admin/me", "/admin/staff")]
    assert all("argon2" not in answer.text for answer in answers)
    assert all("password" not in answer.text for answer in answers)


async def test_the_owner_brings_somebody_in_and_sends_him_away(client, log_in):
    mine = await log_in()
    new = {"email": "pack@example.com", "password": PASSWORD, "role": "packer"}
    person = (await client.post("/admin/staff", json=new, headers=mine)).json()
    theirs = await log_in("pack@example.com")
    assert (await client.get("/admin/me", headers=theirs)).status_code == 200
    gone = await client.delete(f"/admin/staff/{person['id']}", headers=mine)
    assert gone.status_code == 204
    assert (await client.get("/admin/me", headers=theirs)).status_code == 401


async def test_the_owner_defines_a_role(client, log_in):
    mine = await log_in()
    body = {"scopes": ["orders:read"]}
    answer = await client.put("/admin/roles/guard", json=body, headers=mine)
    assert answer.json() == {"name": "guard", "scopes": ["orders:read"]}
    assert (await client.delete("/admin/roles/guard", headers=mine)).status_code == 204


async def test_a_logged_out_token_opens_nothing(client, log_in):
    mine = await log_in()
    assert (await client.post("/admin/logout", headers=mine)).status_code == 204
    assert (await client.get("/admin/me", headers=mine)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/admin/staff", None),
        ("POST", "/admin/staff", {"email": "x@x.cn", "password": PASSWORD, "role": "owner"}),
        ("GET", "/admin/staff/x", None),
        ("PATCH", "/admin/staff/x", {"role": "owner"}),
        ("DELETE", "/admin/staff/x", None),
        ("GET", "/admin/roles", None),
        ("PUT", "/admin/roles/packer", {"scopes": ["*"]}),
        ("DELETE", "/admin/roles/packer", None),
        ("GET", "/admin/audit", None),
        ("GET", "/admin/reviews", None),
        ("GET", "/admin/reviews/x", None),
        ("POST", "/admin/reviews/x/decision",
         {"verdict": "approved", "reason": "x", "digest": "0" * 64}),
    ],
)  # fmt: skip
async def test_strangers_and_packers_stay_outside(client, log_in, hire, method, path, body):
    person = await hire()
    packer = await log_in(person.email)
    stranger = await client.request(method, path, json=body)
    insider = await client.request(method, path, json=body, headers=packer)
    assert (stranger.status_code, insider.status_code) == (401, 403)


@pytest.mark.parametrize(
    "body",
    [
        {"role": "wizard"},
        {"standing": "asleep"},
        {"password": "short"},
        {"id": "another"},
        {"created_at": "2020-01-01T00:00:00Z"},
    ],
)
async def test_a_change_that_makes_no_sense_changes_nothing(client, log_in, hire, body):
    person, mine = await hire(), await log_in()
    path = f"/admin/staff/{person.id}"
    before = (await client.get(path, headers=mine)).json()
    answer = await client.patch(path, json=body, headers=mine)
    assert answer.status_code in (400, 422)
    assert (await client.get(path, headers=mine)).json() == before


async def test_a_review_is_read_and_decided(client, log_in, shop):
    mine = await log_in()
    found = await review(shop, SUBJECT)
    path = f"/admin/reviews/{found.id}"
    case = (await client.get(path, headers=mine)).json()
    decision = {"verdict": "refused", "reason": "We sell coffee.", "digest": case["digest"]}
    answer = await client.post(f"{path}/decision", json=decision, headers=mine)
    assert (answer.status_code, answer.json()["verdict"]) == (200, "refused")
    refused = (await client.get("/admin/reviews?verdict=refused", headers=mine)).json()
    assert [one["id"] for one in refused["items"]] == [found.id]


async def test_the_audit_log_tells_the_story(client, log_in, hire):
    mine = await log_in()
    await hire()
    page = (await client.get("/admin/audit", headers=mine)).json()
    assert [one["action"] for one in page["items"]] == [
        "staff.added", "staff.logged_in", "staff.added"]  # fmt: skip


async def test_every_operation_has_a_name_of_its_own(app):
    paths = app.openapi_schema.to_schema()["paths"]
    names = [one["operationId"] for path in paths.values() for one in path.values()]
    assert len(names) == len(set(names)) == len(ROUTES)
