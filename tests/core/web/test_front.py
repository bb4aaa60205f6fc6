"""What every request passes: names, callers, channels, headers, forms of other sites."""

import re

import pytest
from litestar import Request, get, post

from jishi.callers import Caller, caller_of
from jishi.membership import new_guest
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.testing.people import ADDRESS
from jishi.web.headers import protect

GUARDED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
}


@get("/who")
async def who(request: Request) -> dict:
    caller = caller_of(request)
    return {"kind": caller.kind, "id": caller.id, "address": caller.address, **seen(caller)}


def seen(caller) -> dict:
    return {"channel": caller.channel, "store": caller.store, "scopes": sorted(caller.scopes)}


@post("/form", status_code=200)
async def form(request: Request) -> dict:
    return {"kind": caller_of(request).kind}


@get("/page", media_type="text/html")
async def page(request: Request) -> str:
    return f'<script nonce="{request.scope["jishi.nonce"]}"></script>'


class Mirror(Plugin):
    declaration = Declaration(name="mirror", version="1.0.0")

    @hookimpl
    def register_routes(self):
        return [who, form, page]


@pytest.fixture
def migrated_database_url(sqlite_template, tmp_path) -> str:
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'shop.db'}"  # the front does not depend on the engine


@pytest.fixture
def shop_plugins(shop_plugins):
    return {**shop_plugins, "mirror": Mirror}


async def test_a_request_has_an_id_in_answer_and_header(client):
    answer = await client.get("/store/shop")
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"])


async def test_a_sane_request_id_is_kept(client):
    answer = await client.get("/store/nowhere", headers={"x-request-id": "edge-12345678"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "edge-12345678"


@pytest.mark.parametrize("sent", ["short", "x" * 65, "white space here", "<script>alert(1)"])
async def test_a_strange_request_id_is_replaced(client, sent):
    answer = await client.get("/store/shop", headers={"x-request-id": sent})
    assert answer.headers["x-request-id"] != sent


@pytest.mark.parametrize("path", ["/store/shop", "/store/nowhere", "/mirror/page", "/docs"])
async def test_every_answer_is_protected(client, path):
    answer = await client.get(path)
    for name, value in GUARDED.items():
        assert answer.headers[name] == value
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers  # the address is plain http


async def test_data_may_load_nothing(client):
    policy = (await client.get("/store/shop")).headers["content-security-policy"]
    assert "default-src 'none'" in policy


async def test_a_page_runs_only_scripts_with_its_nonce(client):
    first, second = await client.get("/mirror/page"), await client.get("/mirror/page")
    nonce = re.search(r'nonce="([\w-]+)"', first.text)[1]
    policy = first.headers["content-security-policy"]
    assert f"'nonce-{nonce}'" in policy
    assert "unsafe-inline" not in policy
    assert nonce not in second.text


def policy_of(https):
    page = [(b"content-type", b"text/html; charset=utf-8")]
    policy = dict(protect(page, Caller(), "n0nce", https))[b"content-security-policy"].decode()
    return {name: rest for name, _, rest in (each.partition(" ") for each in policy.split("; "))}


def test_a_page_on_plain_http_shows_pictures_of_plain_http():
    policy = policy_of("no")
    assert policy["img-src"].split() == ["'self'", "data:", "https:", "http:"]
    assert "upgrade-insecure-requests" not in policy


def test_a_page_on_https_asks_for_every_picture_by_https():
    policy = policy_of("yes")
    assert policy["img-src"].split() == ["'self'", "data:", "https:"]
    assert policy["upgrade-insecure-requests"] == ""
    assert "'nonce-n0nce'" in policy["script-src"]


async def test_answers_to_somebody_known_are_not_kept(client, shopper):
    assert (await shopper.send("GET", "/mirror/who")).headers["cache-control"] == "no-store"
    assert "cache-control" not in (await client.get("/mirror/who")).headers


async def test_a_guest_a_member_of_staff_and_nobody_are_told_apart(client, shopper, owner):
    assert (await client.get("/mirror/who")).json()["kind"] == "anonymous"
    assert (await shopper.send("GET", "/mirror/who")).json()["id"] == shopper.id
    staff = (await client.get("/mirror/who", headers=owner)).json()
    assert (staff["kind"], staff["scopes"]) == ("staff", ["*"])


@pytest.mark.parametrize(
    "sent",
    [
        "Bearer nonsense",
        "Bearer ",
        "Basic YWRtaW46YWRtaW4=",
        "Bearer g.x.y",
        "Bearer " + "m." * 400,
    ],
)
async def test_a_token_that_nobody_has_is_refused(client, sent):
    answer = await client.get("/mirror/who", headers={"authorization": sent})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-user-id": "1", "x-user": "owner", "x-staff": "owner@example.com"},
        {"x-forwarded-user": "owner", "x-remote-user": "owner", "remote-user": "owner"},
        {"x-forwarded-for": "10.1.2.3", "forwarded": "for=10.1.2.3", "x-real-ip": "10.1.2.3"},
        {"x-original-url": "/admin/plugins", "x-http-method-override": "DELETE"},
    ],
)
async def test_spoofed_headers_change_nothing(client, headers):
    plain = (await client.get("/mirror/who")).json()
    assert (await client.get("/mirror/who", headers=headers)).json() == plain


async def test_an_unknown_channel_is_named_with_the_known_ones(client):
    answer = await client.get("/store/shop", headers={"jishi-channel": "mini_programm"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_channel")
    assert "did you mean 'mini_program'?" in answer.json()["detail"]


async def test_the_channel_comes_from_the_header_or_is_the_web(client):
    assert (await client.get("/store/shop")).json()["channel"] == "web"
    there = await client.get("/store/shop", headers={"jishi-channel": "mini_program"})
    assert there.json()["channel"] == "mini_program"


async def test_a_cookie_counts_for_pages_and_never_for_the_api(client, shop, seller, shopper):
    cookie = {"cookie": f"jishi={new_guest(shop).token}"}
    assert (await client.get("/mirror/who", headers=cookie)).json()["kind"] == "guest"
    answer = await client.post(
        "/store/quotes",
        json={"lines": [{"sku": "tea", "quantity": 1}], "address": ADDRESS},
        headers=cookie,
    )
    assert answer.status_code == 401


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"sec-fetch-site": "same-origin", "origin": "http://shop.test"}, 200),
        ({"origin": "http://shop.test"}, 200),
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://blog.shop.test"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://shop.test"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_a_form_of_another_site_is_refused(client, shop, sent, status):
    headers = {**FORM, **sent, "cookie": f"jishi={new_guest(shop).token}"}
    answer = await client.post("/mirror/form", content=b"a=1", headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("query", ["a=1&" * 120, "a=" + "x" * 9000])
async def test_endless_parameters_are_refused(client, query):
    assert (await client.get(f"/store/shop?{query}")).status_code in (400, 414)


@pytest.mark.parametrize("path", ["/" + "a" * 3000, "/store/%00", "/store/carts/%ff%fe"])
async def test_a_strange_path_is_answered_with_a_problem(client, path):
    answer = await client.get(path)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


async def test_who_tries_many_passwords_is_slowed_down(client):
    body = {"email": "owner@example.com", "password": "wrong password " * 2}
    answers = [await client.post("/admin/login", json=body) for _ in range(32)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


@pytest.mark.parametrize("method", ["BREW", "PROPFIND", "TRACE"])
async def test_a_method_nobody_knows_is_refused(client, method):
    answer = await client.request(method, "/store/shop")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert method not in (await client.get("/metrics")).text
