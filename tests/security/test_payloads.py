"""Texts that want to be run are stored as they are or refused; they are never run."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from urllib.parse import quote

import httpx
import pytest

from jishi.identifiers import new_id
from jishi.testing.people import ADDRESS

PRODUCT = "1787569"
"""1337 * 1337: what a template that runs our payloads shows."""

TEMPLATES = [
    "{{1337*1337}}",
    "${1337*1337}",
    "#{1337*1337}",
    "<%= 1337*1337 %>",
    "{% for i in range(9) %}x{% endfor %}",
    "{% include '/etc/passwd' %}",
    "{{''.__class__.__mro__[1].__subclasses__()}}",
    "{{config}}{{request}}{{self._TemplateReference__context}}",
    "{{cycler.__init__.__globals__.os.popen('id').read()}}",
    "{% raw %}{{1337*1337}}",
]
MARKUP = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "<iframe src=javascript:alert(1)>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "<!--<script>--!><script>alert(1)</script>",
    '<a href="&#106;avascript:alert(1)">x</a>',
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "]]><script>alert(1)</script>",
]
FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    '=HYPERLINK("http://e")',
]
LETTERS = [
    "\u202egnp.exe\u202c",
    "a\u200bb\ufeffc",
    "\U0001f375茶\U0001f468\u200d\U0001f469",
    "zalgo\u0301\u0316\u0301\u0316",
    "line\nbreak\r\nand\ttab",
    "\u2028\u2029\u0085",
    "'; DROP TABLE orders_orders; --",
    "%00%0d%0aSet-Cookie:x=1",
    "../../../etc/passwd",
    "a" * 40,
]
REFUSED = ["nul\x00inside", "\ud800", "tail\udfff"]
PAYLOADS = TEMPLATES + MARKUP + FORMULAS + LETTERS + REFUSED


@pytest.fixture
def migrated_database_url(sqlite_template, tmp_path) -> str:
    """On SQLite alone: what a page makes of a text is the same on either engine."""
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def shop_tables(shop_tables):
    return shop_tables | {
        "web": {"storefront": "on", "logins_per_minute": 1_000_000},
        "plugins": {"enabled": ["printed_codes"]},
        "checkout": {"unpaid_orders": 1_000},
    }


LEADS = frozenset({"action", "background", "data", "formaction", "href", "poster", "src"})
"""Attributes that a browser follows."""


class Page(HTMLParser):
    """What a browser makes of a page: elements, and attributes that run or lead somewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.dangers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        if dict(attrs).get("http-equiv", "").lower() == "refresh":
            self.dangers.append(f"<{tag} refresh>")
        for name, value in attrs:
            target = re.sub(r"[\x00-\x20]", "", (value or "").lower())
            runs = name in LEADS and target.startswith(("javascript:", "vbscript:", "data:text"))
            if runs or name.startswith("on") or name == "srcdoc":
                self.dangers.append(f"<{tag} {name}={value!r}>")
        if tag in ("iframe", "object", "embed", "base"):
            self.dangers.append(f"<{tag}>")


async def send(
    client: httpx.AsyncClient, headers: dict, method: str, path: str, body: object
) -> httpx.Response:
    """A request whose JSON may hold what Python's own encoder would refuse to send."""
    answer = await client.request(
        method,
        path,
        content=json.dumps(body).encode(),
        headers=headers | {"content-type": "application/json", "idempotency-key": new_id()},
    )
    assert answer.status_code < 500, (method, path, body, answer.text)
    return answer


def staff_writes(town, text: str):
    things = town.things["shop"]
    skus = [{"code": "tea", "price": 1990}]
    listing = {
        "handle": "tea",
        "title": text,
        "brief": text,
        "description": text,
        "brand": text,
        "unit": text[:20],
        "keywords": text,
        "attributes": {text: text},
        "translations": {"en": {"title": text, "brief": text, "description": text}},
        "skus": skus,
    }
    product = f"/admin/products/{things['product_id']}"
    for field in ("title", "brief", "description", "brand", "unit", "keywords"):
        yield "PATCH", product, {"version": "?", field: listing[field]}
    yield "PATCH", product, {"version": "?", "attributes": listing["attributes"]}
    yield "PATCH", product, {"version": "?", "translations": listing["translations"]}
    yield "PATCH", product, {"version": "?", "media": [{"address": text, "alt": text}]}
    yield "PATCH", product, {"version": "?", "media": [{"address": "/media/x.png", "alt": text}]}
    shelf = {"handle": "teas", "title": text, "translations": {"en": {"title": text}}}
    yield "PUT", f"/admin/categories/{things['category_id']}", shelf
    stock = {"sku": "tea", "kind": "count", "quantity": 999, "reason": text}
    yield "POST", "/admin/stock", stock
    yield "PATCH", f"/admin/staff/{things['person_id']}", {"name": text}
    refund = {"amount": 1, "restock": "no", "reason": text}
    yield "POST", f"/admin/orders/{things['order_id']}/refund", refund
    yield "POST", f"/admin/orders/{things['order_id']}/ship", {"carrier": text, "tracking": text}


def customer_writes(town, text: str):
    cart = town.things["member_a"]["cart_id"]
    yield "PATCH", "/store/me", {"name": text}
    for field in ("name", "region", "city", "district", "street", "label", "postcode", "phone"):
        address = {**ADDRESS, field: text}
        yield "PUT", f"/store/me/addresses/{town.things['member_a']['address_id']}", address
    for field in ("name", "region", "city", "district", "street"):
        yield "PATCH", f"/store/carts/{cart}", {"address": {**ADDRESS, field: text}}
    yield "PATCH", f"/store/carts/{cart}", {"note": text, "contact": text}
    yield "PATCH", f"/store/carts/{cart}", {"note": text}
    order = {"lines": [{"sku": "tea", "quantity": 1}], "address": {**ADDRESS, "street": text}}
    yield "POST", "/store/orders", {**order, "note": text}
    yield "POST", "/store/login/codes", {"email": text}


async def version_of(client, town) -> int:
    path = f"/admin/products/{town.things['shop']['product_id']}"
    return (await client.get(path, headers=town.headers("owner"))).json()["version"]


async def spread(client, town, text: str) -> list[str]:
    """Write a text into every field that takes one; gives the orders that were placed."""
    orders = []
    for method, path, body in staff_writes(town, text):
        if body.get("version") == "?":
            body["version"] = await version_of(client, town)
        await send(client, town.headers("owner"), method, path, body)
    for method, path, body in customer_writes(town, text):
        answer = await send(client, town.headers("member_a"), method, path, body)
        if path == "/store/orders" and answer.status_code == 201:
            orders.append(answer.json()["id"])
    product = town.things["shop"]["product_id"]
    await client.post(f"/admin/products/{product}/publish", headers=town.headers("owner"))
    return orders


async def pages(client, town, text: str, orders: list[str]) -> list[httpx.Response]:
    """Every page that shows something of what was written."""
    client.cookies.clear()
    cookie = {"cookie": f"jishi={town.tokens['member_a']}"}
    paths = ["/", "/p/tea", "/c/teas", "/cart", "/checkout", "/orders", "/login"]
    paths += [f"/orders/{one}" for one in orders] + [f"/orders/{one}/pay" for one in orders]
    found = [await client.get(path, headers=cookie) for path in paths]
    readable = text.encode("utf-8", "ignore").decode()
    for name in ("q", "category", "sort", "cursor", "min_price"):
        found.append(await client.get("/search", params={name: readable}, headers=cookie))
    found.append(await client.get(f"/{quote(readable[:30], safe='')}"))
    form = {"name": readable, "street": readable, "note": readable, "phone": readable}
    own = cookie | {"sec-fetch-site": "same-origin"}
    for path in ("/checkout", "/cart/lines", "/login", "/login/code"):
        found.append(await client.post(path, data={**ADDRESS, **form}, headers=own))
    return found


@pytest.mark.parametrize("at", range(0, len(PAYLOADS), 11))
async def test_no_page_runs_what_somebody_wrote(client, town, at):
    for text in PAYLOADS[at : at + 11]:
        orders = await spread(client, town, text)
        for answer in await pages(client, town, text, orders):
            assert answer.status_code < 500, (text, answer.url)
            if "html" not in answer.headers.get("content-type", ""):
                continue
            page = Page(answer.text)
            assert page.dangers == [], (text, answer.url)
            assert PRODUCT not in answer.text, (text, answer.url)
            assert "<script>alert" not in answer.text, (text, answer.url)
            assert "root:x:" not in answer.text


async def test_what_is_taken_is_given_back_as_it_was(client, town):
    headers = town.headers("member_a")
    for text in TEMPLATES + MARKUP + LETTERS[:4]:
        answer = await send(client, headers, "PATCH", "/store/me", {"name": text[:64]})
        assert answer.json()["name"] == text[:64].strip()
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("text", FORMULAS)
async def test_no_cell_of_an_export_is_a_formula(client, town, text):
    for method, path, body in staff_writes(town, text):
        if body.get("version") == "?":
            body["version"] = await version_of(client, town)
        await send(client, town.headers("owner"), method, path, body)
    answer = await client.get("/admin/products/export", headers=town.headers("owner"))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) > 1
    for row in rows[1:]:
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), row


@pytest.mark.parametrize("text", ["x\r\nset-cookie: a=1", "x\nlocation: //evil.example", "\x00"])
@pytest.mark.parametrize(
    "name", ["idempotency-key", "jishi-channel", "x-request-id", "accept-language"]
)
async def test_no_header_of_ours_is_written_by_somebody_else(client, name, text):
    given = {name.encode(): text.encode()}
    try:
        answer = await client.get("/store/products", headers=given)
    except (httpx.LocalProtocolError, ValueError):
        return
    assert answer.status_code < 500
    assert "set-cookie" not in answer.headers
    assert "evil" not in str(answer.headers)
