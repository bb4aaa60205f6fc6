"""Membership over HTTP: who gets what, and what strangers learn."""

from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar, Request, Response

from jishi.callers import Caller
from jishi.membership import caller_from_token
from jishi.membership.routes import ROUTES
from jishi.problems import Problem

PHONE = "138 0013 8000"
HOME = {"name": "李雷", "phone": "13800138000", "region": "浙江省", "city": "杭州市",
        "street": "文三路 1 号"}  # fmt: skip
CLERK = Caller(kind="staff", id="clerk", scopes=frozenset({"members:read"}))
ADDRESS = "/store/me/addresses"


class Door:
    """Recognises callers as the web's front does."""

    def __init__(self, app, shop) -> None:
        self.app, self.shop = app, shop

    async def __call__(self, scope, receive, send) -> None:
        headers = dict(scope["headers"])
        token = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
        known = CLERK if token == "clerk" else await caller_from_token(self.shop, token)
        scope["jishi.caller"] = known or Caller()
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
    app.state.shop, app.state.adopters = shop, ()
    return app


@pytest.fixture
async def client(app) -> AsyncIterator[httpx.AsyncClient]:
    """A client in the test's own event loop, where the database lives."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


@pytest.fixture
def log_in(client, box):
    async def logged_in(**who: str) -> dict[str, str]:
        await client.post("/store/login/codes", json=who)
        answer = await client.post("/store/login", json=who | {"code": box.code})
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    return logged_in


async def test_known_and_unknown_are_answered_alike(client, log_in):
    await log_in(phone=PHONE)
    known = await client.post("/store/login/codes", json={"email": "li@example.com"})
    await log_in(phone="+8613900139000")
    unknown = await client.post("/store/login/codes", json={"email": "nobody@example.com"})
    assert (known.status_code, known.json()) == (202, {"expires_in": 300})
    assert (unknown.status_code, unknown.json()) == (known.status_code, known.json())


async def test_a_wrong_code_is_answered_alike_for_member_and_stranger(client, log_in, box, shop):
    await log_in(phone=PHONE)
    wrong = {"code": "000000" if box.code != "000000" else "000001"}
    member = await client.post("/store/login", json={"phone": PHONE} | wrong)
    stranger = await client.post("/store/login", json={"phone": "13900139000"} | wrong)
    assert member.status_code == stranger.status_code == 422
    assert member.json() == stranger.json()


async def test_a_guest_gets_a_token_of_his_own(client, shop):
    answer = (await client.post("/store/sessions")).json()
    assert (await caller_from_token(shop, answer["token"])).id == answer["id"]


async def test_a_member_sees_and_names_himself(client, log_in):
    mine = await log_in(phone=PHONE)
    await client.patch("/store/me", json={"name": "韩梅梅"}, headers=mine)
    me = (await client.get("/store/me", headers=mine)).json()
    assert me["name"] == "韩梅梅"
    assert me["identities"] == [{"kind": "phone", "value": "8613800138000", "issuer": ""}]


async def test_a_logged_out_token_opens_nothing(client, log_in):
    mine = await log_in(phone=PHONE)
    assert (await client.post("/store/logout", headers=mine)).status_code == 204
    assert (await client.get("/store/me", headers=mine)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phone": "13800138000", "email": "li@example.com"},
        {"phone": "12345"},
        {"phone": "13800138000", "admin": "yes"},
        {"email": "li@example"},
        {"email": "li@example.com\r\nBcc: all@example.com"},
        {"email": "лі@example.com"},
        {"phone": 13800138000},
    ],
)
async def test_what_is_no_contact_gets_no_code(client, box, body):
    answer = await client.post("/store/login/codes", json=body)
    assert answer.status_code in (400, 422)
    assert box.letters == []


async def test_addresses_of_others_are_not_there(client, log_in):
    mine, theirs = await log_in(phone=PHONE), await log_in(email="li@example.com")
    kept = (await client.post(ADDRESS, json=HOME, headers=theirs)).json()
    path = f"{ADDRESS}/{kept['id']}"
    answers = [
        await client.get(path, headers=mine),
        await client.put(path, json=HOME, headers=mine),
        await client.delete(path, headers=mine),
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert (await client.get(path, headers=theirs)).status_code == 200


async def test_guests_and_strangers_have_no_account(client):
    guest = (await client.post("/store/sessions")).json()["token"]
    for headers in ({}, {"Authorization": f"Bearer {guest}"}, {"Authorization": "Bearer clerk"}):
        for path in ("/store/me", ADDRESS, "/store/me/identities", "/store/me/tokens"):
            assert (await client.get(path, headers=headers)).status_code == 401


async def test_staff_find_a_member_and_shoppers_do_not(client, log_in):
    mine = await log_in(phone=PHONE)
    await client.post(ADDRESS, json=HOME, headers=mine)
    clerk = {"Authorization": "Bearer clerk"}
    [found] = (await client.get("/admin/members?q=8001", headers=clerk)).json()["items"]
    file = (await client.get(f"/admin/members/{found['id']}", headers=clerk)).json()
    assert file["addresses"][0]["address"] == HOME | {
        "district": "", "postcode": "", "label": "", "is_default": "yes"}  # fmt: skip
    assert (await client.get("/admin/members", headers=mine)).status_code == 401


async def test_every_operation_has_a_name_of_its_own(app):
    paths = app.openapi_schema.to_schema()["paths"]
    names = [operation["operationId"] for path in paths.values() for operation in path.values()]
    assert len(names) == len(set(names)) == len(ROUTES)
