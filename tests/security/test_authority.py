"""Who reaches what: every address × everybody × other people's things. The table is the rule.

A new address has no row here and fails the first test: say who may use it.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

import httpx
import pytest
from litestar.routes import HTTPRoute

from jishi.identifiers import new_id
from jishi.testing.people import ADDRESS
from jishi.web import create_app

Way = Literal[
    "open", "guest", "own", "member", "own_member", "staff", "token", "gateway", "page", "own_page"
]
"""
open        anybody
guest       any shopper, guest or member, for things that are his by themselves
own         any shopper, for things that must be his own; somebody else's are not there
member      members only
own_member  members only, for things that must be their own
staff       staff whose role has the scope of the row
token       any of the staff, without a scope
gateway     nobody with a token: what counts is the notice's signature
page        a page for any visitor; his cookie says who he is
own_page    the same, for things that must be his own
"""


class Row(NamedTuple):
    """One address.

    Attributes:
        way: Who may.
        scope: What staff need, where `way` is ``staff``.
        body: A body that is answered with 2xx by those who may, or None.
    """

    way: Way
    scope: str = ""
    body: object = None


LINE = {"sku": "tea", "quantity": 1}
LISTING = {"handle": "oolong", "title": "乌龙", "skus": [{"code": "oolong", "price": 100}]}
SHELF = {"handle": "herbs", "title": "草本"}
HIRED = {"email": "new@example.com", "password": "long and winding road 8", "role": "packer"}

DECISION = {"verdict": "approved", "reason": "x", "digest": "0" * 64}

MATRIX: dict[str, Row] = {
    "GET /store/shop": Row("open"),
    "GET /store/brands": Row("open"),
    "GET /store/categories": Row("open"),
    "GET /store/products": Row("open"),
    "GET /store/products/{handle}": Row("open"),
    "POST /store/sessions": Row("open"),
    "POST /store/carts": Row("open"),
    "POST /store/login": Row("open", body={"phone": "13800000009", "code": "000000"}),
    "POST /store/login/codes": Row("open", body={"phone": "13800000009"}),
    "GET /store/carts/current": Row("guest"),
    "GET /store/carts/{cart_id}": Row("own"),
    "PATCH /store/carts/{cart_id}": Row("own", body={"note": "x"}),
    "POST /store/carts/{cart_id}/lines": Row("own", body=LINE),
    "PATCH /store/carts/{cart_id}/lines/{line_id}": Row("own", body={"quantity": 2}),
    "DELETE /store/carts/{cart_id}/lines/{line_id}": Row("own"),
    "GET /store/carts/{cart_id}/quote": Row("own"),
    "POST /store/quotes": Row("guest", body={"lines": [LINE]}),
    "GET /store/orders": Row("guest"),
    "POST /store/orders": Row("guest", body={"lines": [LINE], "address": ADDRESS}),
    "GET /store/orders/{order_id}": Row("own"),
    "GET /store/orders/{order_id}/timeline": Row("own"),
    "GET /store/orders/{order_id}/payments": Row("own"),
    "POST /store/orders/{order_id}/payments": Row(
        "own", body={"gateway": "paper", "method": "scan"}
    ),
    "POST /store/orders/{order_id}/payments/{attempt_id}/check": Row("own"),
    "POST /store/orders/{order_id}/cancel": Row("own"),
    "POST /store/orders/{order_id}/receive": Row("own"),
    "GET /store/me": Row("member"),
    "PATCH /store/me": Row("member", body={"name": "x"}),
    "GET /store/me/addresses": Row("member"),
    "POST /store/me/addresses": Row("member", body=ADDRESS),
    "GET /store/me/addresses/{address_id}": Row("own_member"),
    "PUT /store/me/addresses/{address_id}": Row("own_member", body=ADDRESS),
    "DELETE /store/me/addresses/{address_id}": Row("own_member"),
    "GET /store/me/identities": Row("member"),
    "POST /store/me/identities": Row("member", body={"phone": "13800000008", "code": "000000"}),
    "POST /store/me/identities/codes": Row("member", body={"phone": "13800000008"}),
    "DELETE /store/me/identities/{identity_id}": Row("own_member"),
    "GET /store/me/tokens": Row("member"),
    "DELETE /store/me/tokens/{token_id}": Row("own_member"),
    "POST /store/logout": Row("member"),
    "POST /admin/login": Row("open", body={"email": "x@example.com", "password": "x"}),
    "POST /admin/logout": Row("token"),
    "GET /admin/me": Row("token"),
    "POST /admin/me/password": Row(
        "token", body={"current_password": "x", "new_password": "y" * 12}
    ),
    "POST /admin/me/second-factor": Row("token", body={"current_password": "x"}),
    "POST /admin/me/second-factor/confirm": Row("token", body={"code": "000000"}),
    "POST /admin/me/second-factor/remove": Row(
        "token", body={"current_password": "x", "code": "1"}
    ),
    "DELETE /admin/staff/{person_id}/second-factor": Row("staff", "staff:write"),
    "GET /admin/staff": Row("staff", "staff:read"),
    "POST /admin/staff": Row("staff", "staff:write", HIRED),
    "GET /admin/staff/{person_id}": Row("staff", "staff:read"),
    "PATCH /admin/staff/{person_id}": Row("staff", "staff:write", {"name": "x"}),
    "DELETE /admin/staff/{person_id}": Row("staff", "staff:write"),
    "GET /admin/roles": Row("staff", "staff:read"),
    "PUT /admin/roles/{name}": Row("staff", "staff:write", {"scopes": ["orders:read"]}),
    "DELETE /admin/roles/{name}": Row("staff", "staff:write"),
    "GET /admin/audit": Row("staff", "audit:read"),
    "GET /admin/members": Row("staff", "members:read"),
    "GET /admin/members/{member_id}": Row("staff", "members:read"),
    "POST /admin/members/search": Row("staff", "members:read", {"name": "x"}),
    "POST /admin/members/{member_id}/merge": Row("staff", "members:merge", {"into": "x"}),
    "POST /admin/members/{member_id}/part": Row("staff", "members:merge"),
    "GET /admin/duplicates": Row("staff", "members:read"),
    "GET /admin/duplicates/{pair_id}": Row("staff", "members:read"),
    "POST /admin/duplicates/{pair_id}/decision": Row(
        "staff", "members:merge", {"verdict": "different"}
    ),
    "GET /admin/plugins": Row("staff", "plugins:read"),
    "GET /admin/plugins/{plugin}/settings": Row("staff", "plugins:read"),
    "PATCH /admin/plugins/{plugin}/settings": Row("staff", "plugins:write", {"title": "x"}),
    "GET /admin/events/dead": Row("staff", "events:manage"),
    "POST /admin/events/dead/{job}/replay": Row("staff", "events:manage"),
    "GET /admin/ledger/check": Row("staff", "ledger:read"),
    "GET /admin/ledger/accounts/{account}": Row("staff", "ledger:read"),
    "GET /admin/reviews": Row("staff", "compliance:read"),
    "GET /admin/reviews/{review_id}": Row("staff", "compliance:read"),
    "POST /admin/reviews/{review_id}/decision": Row("staff", "compliance:decide", DECISION),
    "GET /admin/products": Row("staff", "catalogue:read"),
    "POST /admin/products": Row("staff", "catalogue:write", LISTING),
    "GET /admin/products/export": Row("staff", "catalogue:read"),
    "POST /admin/products/import": Row("staff", "catalogue:write"),
    "GET /admin/products/{product_id}": Row("staff", "catalogue:read"),
    "PUT /admin/products/{product_id}": Row("staff", "catalogue:write", {**LISTING, "version": 1}),
    "PATCH /admin/products/{product_id}": Row("staff", "catalogue:write", {"version": 1}),
    "POST /admin/products/{product_id}/{step}": Row("staff", "catalogue:write"),
    "GET /admin/categories": Row("staff", "catalogue:read"),
    "POST /admin/categories": Row("staff", "catalogue:write", SHELF),
    "PUT /admin/categories/{category_id}": Row("staff", "catalogue:write", SHELF),
    "DELETE /admin/categories/{category_id}": Row("staff", "catalogue:write"),
    "GET /admin/prices": Row("staff", "catalogue:read"),
    "PUT /admin/prices": Row("staff", "catalogue:write", {"items": [{"sku": "tea", "amount": 1}]}),
    "GET /admin/stock": Row("staff", "catalogue:read"),
    "POST /admin/stock": Row(
        "staff", "stock:write", {"sku": "tea", "kind": "count", "quantity": 9, "reason": "x"}
    ),
    "GET /pos/scan": Row("staff", "catalogue:read"),
    "GET /admin/codes": Row("staff", "catalogue:read"),
    "POST /admin/codes": Row(
        "staff", "catalogue:write", {"sku": "tea", "code": "x", "kind": "alias"}
    ),
    "DELETE /admin/codes": Row("staff", "catalogue:write"),
    "GET /admin/codes/conflicts": Row("staff", "catalogue:read"),
    "POST /admin/codes/conflicts/{conflict}": Row(
        "staff", "catalogue:write", {"decision": "keep"}
    ),
    "GET /admin/orders": Row("staff", "orders:read"),
    "GET /admin/orders/{order_id}": Row("staff", "orders:read"),
    "GET /admin/orders/{order_id}/payments": Row("staff", "payments:read"),
    "POST /admin/orders/{order_id}/ship": Row("staff", "orders:ship", {}),
    "POST /admin/orders/{order_id}/complete": Row("staff", "orders:ship"),
    "POST /admin/orders/{order_id}/cancel": Row("staff", "orders:cancel"),
    "POST /admin/orders/{order_id}/refund": Row(
        "staff", "orders:refund", {"amount": 1, "restock": "no"}
    ),
    "POST /admin/refunds/{refund_id}/retry": Row("staff", "orders:refund"),
    "GET /admin/payments/alerts": Row("staff", "payments:read"),
    "POST /notify/{gateway}": Row("gateway"),
    "GET /health/live": Row("open"),
    "GET /health/ready": Row("open"),
    "GET /metrics": Row("open"),
    "GET /openapi.json": Row("open"),
    "GET /docs": Row("open"),
    "GET /docs/{path}": Row("open"),
    "GET /docs/openapi.json": Row("open"),
    "GET /media/{path}": Row("open"),
    "GET /": Row("open"),
    "GET /c/{handle}": Row("open"),
    "GET /p/{handle}": Row("open"),
    "GET /search": Row("open"),
    "GET /login": Row("open"),
    "POST /login": Row("open", body={"phone": "13800000009", "code": "000000"}),
    "POST /login/code": Row("open", body={"phone": "13800000009"}),
    "POST /logout": Row("open"),
    "GET /static/{version}/{name}": Row("open"),
    "GET /{address}": Row("open"),
    "GET /cart": Row("page"),
    "POST /cart/lines": Row("page", body=LINE),
    "POST /cart/lines/{line_id}": Row("own_page", body={"quantity": 2}),
    "GET /checkout": Row("page"),
    "POST /checkout": Row("page", body={**ADDRESS, "delivery": "courier"}),
    "GET /orders": Row("page"),
    "GET /orders/{order_id}": Row("own_page"),
    "GET /orders/{order_id}/status": Row("own_page"),
    "GET /orders/{order_id}/pay": Row("own_page"),
    "POST /orders/{order_id}/pay": Row("own_page", body={"way": "paper:scan"}),
    "POST /orders/{order_id}/pay/check": Row("own_page"),
    "POST /orders/{order_id}/cancel": Row("own_page"),
    "POST /orders/{order_id}/receive": Row("own_page"),
}


class Visit:
    """Somebody at an address.

    Args:
        client: Goes to the shop.
        town: Everybody and everything.
        name: The row's.
    """

    def __init__(self, client: httpx.AsyncClient, town, name: str) -> None:
        self.client = client
        self.town = town
        self.method, _, self.template = name.partition(" ")
        self.row = MATRIX[name]

    async def by(self, who: str, whose: str = "") -> httpx.Response:
        """What somebody is answered, about somebody's things; his own unless said."""
        request: dict[str, object] = {"headers": self._headers(who)}
        if self.template.endswith("/import"):
            request["content"] = b"handle,title\n"
            request["headers"]["content-type"] = "text/csv"
        elif self.row.body is not None:
            request["data" if self._is_page else "json"] = self.row.body
        path = self.path(whose or who)
        if self.template in ("/admin/prices", "/admin/stock") and self.method == "GET":
            path += "?sku=tea"
        if self.template in ("/admin/codes", "/pos/scan") and self.method != "POST":
            path += "?sku=tea&code=the-code"
        self.client.cookies.clear()
        return await self.client.request(self.method, path, **request)

    def path(self, whose: str) -> str:
        """The address, with the ids of somebody's things."""
        found = {**self.town.things["member_a"], **self.town.things["shop"]}
        found |= self.town.things.get(whose, {})
        found |= {"path": "none.png", "version": "1", "address": "nowhere"}
        return re.sub(r"\{(\w+)\}", lambda one: found[one[1]], self.template)

    def _headers(self, who: str) -> dict[str, str]:
        key = {"idempotency-key": new_id()}
        if not self._is_page:
            return self.town.headers(who) | key
        own = {"sec-fetch-site": "same-origin"}
        return own | ({"cookie": f"jishi={self.town.tokens[who]}"} if who != "anonymous" else {})

    @property
    def _is_page(self) -> bool:
        first = self.template[1:].partition("/")[0]
        return first not in ("store", "admin", "pos", "notify", "health", "docs", "media")


SHOPPERS = ("guest_a", "guest_b", "member_a", "member_b")
STAFF = ("owner", "clerk", "nobody")


def refused_cells() -> Iterator[tuple[str, str, str, int]]:
    """Every cell of the table that says no: the row, who asks, about whose things, the answer."""
    for name, row in MATRIX.items():
        for who, whose, status in _refused(row):
            yield name, who, whose, status


def _refused(row: Row) -> Iterator[tuple[str, str, int]]:
    if row.way in ("open", "gateway", "page"):
        return
    if row.way != "own_page":
        yield from ((who, "", 401) for who in ("anonymous", "forged", "nobodys"))
    if row.way in ("staff", "token"):
        yield from ((who, "shop", 401) for who in SHOPPERS)
        if row.way == "staff":
            yield "nobody", "shop", 403
            yield "clerk", "shop", 403
        return
    if row.way != "own_page":
        yield from ((who, "member_a", 401) for who in STAFF)
    if row.way in ("member", "own_member"):
        yield from ((who, "member_a", 401) for who in ("guest_a", "guest_b"))
    if row.way == "own_page":
        yield "anonymous", "member_a", 401
    if row.way.startswith("own"):
        askers = ("member_a", "member_b") if row.way == "own_member" else SHOPPERS
        owners = ("member_a", "member_b") if row.way == "own_member" else SHOPPERS
        yield from ((one, other, 404) for one in askers for other in owners if one != other)


@pytest.fixture
def shop_tables(shop_tables):
    return shop_tables | {
        "web": {"storefront": "on", "logins_per_minute": 1_000_000},
        "plugins": {"enabled": ["printed_codes"]},
    }


def routes_of(shop) -> set[str]:
    return {
        f"{method} {re.sub(r':[a-z]+}', '}', route.path)}"
        for route in create_app(shop).routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method not in ("OPTIONS", "HEAD")
    }


@pytest.mark.bar("B25")
async def test_every_address_says_who_may_use_it(shop):
    assert routes_of(shop) == set(MATRIX)


async def everything(shop) -> dict[str, list[str]]:
    """Every row of every table but the runner's own."""
    if shop.database.dialect == "sqlite":
        found = await shop.database.fetch("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        found = await shop.database.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
    tables = sorted(name for (name,) in found if not name.startswith(("events_", "sqlite_")))
    return {
        table: sorted(map(repr, await shop.database.fetch(f"SELECT * FROM {table}")))
        for table in tables
    }


@pytest.mark.bar("B25")
async def test_whoever_may_not_is_told_so_and_nothing_changes(shop, client, town):
    town.tokens["forged"] = town.tokens["guest_a"][:-2] + "xx"
    town.tokens["nobodys"] = "s." + "A" * 43
    before, wrong = await everything(shop), []
    for name, who, whose, status in refused_cells():
        if MATRIX[name].scope == "orders:read" and who == "clerk":
            continue
        answer = await Visit(client, town, name).by(who, whose)
        if answer.status_code not in (status, _sent_away(name, status)):
            wrong.append(f"{name} by {who} of {whose}: {answer.status_code}, not {status}")
    assert "\n".join(wrong) == ""
    assert await everything(shop) == before


def _sent_away(name: str, status: int) -> int:
    """Pages send a stranger to the login, or to an empty cart."""
    return 303 if status == 401 and MATRIX[name].way == "own_page" else status


@pytest.mark.bar("B25")
async def test_whoever_may_gets_in_and_sees_nothing_of_others(shop, client, town):
    wrong = []
    for name in sorted(MATRIX, key=_ends):
        row = MATRIX[name]
        for who in _rightful(row):
            answer = await Visit(client, town, name).by(who)
            told = f"{name} by {who}: {answer.status_code} {answer.text[:200]}"
            if answer.status_code >= 500 or _is_shut(answer, row):
                wrong.append(told)
            if who in SHOPPERS and row.way != "open":
                wrong += [f"{told} shows {one}" for one in _of_others(town, who, answer.text)]
    assert "\n".join(wrong) == ""


def _ends(name: str) -> tuple[int, str]:
    """What ends things comes last, and what ends the visit after that."""
    order = ("cancel", "DELETE", "password", "logout")
    return max([order.index(word) + 1 for word in order if word in name] or [0]), name


def _rightful(row: Row) -> tuple[str, ...]:
    if row.way in ("staff", "token"):
        return ("owner",)
    if row.way in ("member", "own_member"):
        return ("member_a", "member_b")
    return SHOPPERS if row.way in ("guest", "own", "page", "own_page") else ("anonymous",)


def _is_shut(answer: httpx.Response, row: Row) -> bool:
    if row.way in ("open", "gateway", "token"):
        return '"code":"unauthenticated"' in answer.text or '"code":"forbidden"' in answer.text
    reached = ("code_refused", "no second factor")
    return answer.status_code in (401, 403, 404) and not any(
        each in answer.text for each in reached
    )


def _of_others(town, who: str, text: str) -> list[str]:
    mine = set(town.things[who].values())
    return [
        f"{other}'s {name}"
        for other in SHOPPERS
        if other != who
        for name, one in town.things[other].items()
        if one in text and one not in mine
    ]


SCOPES = sorted({row.scope for row in MATRIX.values() if row.scope})


@pytest.mark.bar("B25")
async def test_one_scope_opens_its_doors_and_all_others_together_do_not(client, town, keeper):
    wrong = []
    for scope in SCOPES:
        rows = [name for name, row in MATRIX.items() if row.scope == scope]
        await keeper.give("clerk", _all_but(scope))
        for name in rows:
            if (await Visit(client, town, name).by("clerk", "shop")).status_code != 403:
                wrong.append(f"{name} without {scope}")
        for enough in (scope, f"{scope.partition(':')[0]}:*"):
            await keeper.give("clerk", [enough])
            for name in rows:
                answer = await Visit(client, town, name).by("clerk", "shop")
                # Nobody gives away, or changes, what he does not have himself.
                if answer.status_code == 403 and "beyond_your_role" not in answer.text:
                    wrong.append(f"{name} with {enough}")
    assert "\n".join(wrong) == ""


def _all_but(scope: str) -> list[str]:
    subject = scope.partition(":")[0]
    others = {each.partition(":")[0] for each in SCOPES} - {subject}
    return [each for each in SCOPES if each != scope] + [f"{each}:*" for each in sorted(others)]


@pytest.mark.bar("B25")
async def test_somebody_elses_cart_is_not_ordered(client, town):
    for who in SHOPPERS:
        for whose in sorted(SHOPPERS, key=lambda one, who=who: one == who):
            answer = await client.post(
                "/store/orders",
                json={"cart": town.things[whose]["cart_id"], "address": ADDRESS},
                headers=town.headers(who) | {"idempotency-key": new_id()},
            )
            assert answer.status_code == (201 if who == whose else 404), answer.text


async def test_every_scope_of_the_roles_that_come_along_opens_something():
    from jishi.staff.roles import DEFAULTS

    given = {scope for scopes in DEFAULTS.values() for scope in scopes} - {"*"}
    subjects = {scope.partition(":")[0] for scope in SCOPES}
    idle = {one for one in given if one not in SCOPES and one.partition(":")[0] not in subjects}
    idle |= {one for one in given if not one.endswith(":*") and one not in SCOPES}
    assert idle == set()
