import re
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State

from jishi.callers import Caller
from jishi.catalogue import StockOrder, change_stock, withdraw_product
from jishi.catalogue.memory import PAGE_BYTES, Memory
from jishi.catalogue.routes import ROUTES
from jishi.web.answers import answer_exception
from jishi.web.requests import JsonRequest

STAFF = {"catalogue:read", "catalogue:write", "stock:write"}


class Front:
    """Says who asks, as the shop's own front does."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        scopes = frozenset(filter(None, headers.get("scopes", "").split()))
        kind = "staff" if scopes else "anonymous"
        channel = headers.get("jishi-channel", "web")
        scope["jishi.caller"] = Caller(
            kind=kind, id="s1" if scopes else None, channel=channel, scopes=scopes
        )
        await self.app(scope, receive, send)


@pytest.fixture
async def client(shop) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(
        ROUTES,
        state=State({"shop": shop}),
        exception_handlers={Exception: answer_exception},
        request_class=JsonRequest,
        logging_config=None,
    )
    transport = httpx.ASGITransport(app=Front(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


@pytest.fixture
def staff() -> dict[str, str]:
    return {"scopes": " ".join(STAFF)}


def count_reads(shop, monkeypatch):
    reads = []
    fetch = type(shop.database)._rows

    async def counted(self, sql, args):
        if "catalogue_version" not in sql:
            reads.append(sql)
        return await fetch(self, sql, args)

    monkeypatch.setattr(type(shop.database), "_rows", counted)
    return reads


async def test_a_page_is_read_once_and_then_kept(client, shop, goods, monkeypatch):
    await goods.on_sale("tea")
    first = await client.get("/store/products", params={"q": "茶"})
    reads = count_reads(shop, monkeypatch)
    again = await client.get("/store/products", params={"q": "茶"})
    assert first.status_code == again.status_code == 200
    assert again.content == first.content
    assert reads == []
    assert [one["handle"] for one in again.json()["items"]] == ["tea"]


async def test_a_known_page_is_not_sent_again(client, goods):
    await goods.on_sale("tea")
    first = await client.get("/store/products/tea")
    etag = first.headers["etag"]
    again = await client.get("/store/products/tea", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    other = await client.get("/store/products/tea", headers={"if-none-match": '"other"'})
    assert other.status_code == 200


async def test_a_withdrawn_product_is_gone_from_every_page_at_once(client, shop, goods):
    made = await goods.on_sale("tea")
    assert (await client.get("/store/products/tea")).status_code == 200
    await withdraw_product(shop, made.id)
    gone = await client.get("/store/products/tea")
    assert (gone.status_code, gone.json()["code"]) == (404, "product_not_found")
    assert (await client.get("/store/products")).json()["items"] == []


async def test_pages_show_a_changed_stock_at_once(client, shop, goods):
    await goods.on_sale("tea")
    assert (await client.get("/store/products/tea")).json()["available"] == "no"
    assert (await client.get("/store/products")).json()["items"][0]["available"] == "no"
    order = StockOrder(sku="tea-1", kind="count", quantity=2, reason="x")
    await change_stock(shop, order, "k", "staff:1")
    assert (await client.get("/store/products/tea")).json()["skus"][0]["available"] == 2
    assert (await client.get("/store/products")).json()["items"][0]["available"] == "yes"


async def test_channels_and_languages_have_their_own_pages(client, goods):
    await goods.on_sale("tea", "茶", translations={"en": {"title": "Tea"}}, channels=("web",))
    chinese = await client.get("/store/products/tea")
    english = await client.get("/store/products/tea", headers={"accept-language": "en-GB,zh"})
    asked = await client.get("/store/products/tea", params={"locale": "en"})
    assert [one.json()["title"] for one in (chinese, english, asked)] == ["茶", "Tea", "Tea"]
    mini = await client.get("/store/products/tea", headers={"jishi-channel": "mini_program"})
    assert mini.status_code == 404


BAD_QUERIES = [
    ("limit=0", "limit"),
    ("limit=101", "limit"),
    ("limit=1e3", "limit"),
    ("min_price=-1", "min_price"),
    ("min_price=99999999999999999999", "min_price"),
    ("sort=best", "sort"),
    ("srot=price", "srot"),
    ("in_stock=true", "in_stock"),
    ("category=none", "category"),
    ("cursor=zzz", "cursor"),
    ("q=" + "茶" * 201, "q"),
]


async def test_a_query_that_makes_no_sense_is_a_clear_problem(client):
    answers = [await client.get(f"/store/products?{query}") for query, _ in BAD_QUERIES]
    assert {answer.status_code for answer in answers} == {422}
    assert {answer.json()["code"] for answer in answers} == {"bad_query"}
    fields = [
        (query, one.json()["field"]) for (query, _), one in zip(BAD_QUERIES, answers, strict=True)
    ]
    assert fields == BAD_QUERIES


async def test_a_misspelt_parameter_is_guessed(client):
    answer = await client.get("/store/products?srot=price")
    assert "did you mean 'sort'" in answer.json()["detail"]


async def test_strange_words_find_nothing_and_break_nothing(client, goods):
    await goods.on_sale("tea")
    for q in ("{{7*7}}", "'; DROP TABLE x; --", "%", "\u202e", "🍵"):
        answer = await client.get("/store/products", params={"q": q})
        assert (q, answer.status_code, answer.json().get("items")) == (q, 200, [])


async def test_categories_and_brands_are_listed(client, goods, staff):
    made = await client.post(
        "/admin/categories", json={"handle": "tea", "title": "茶"}, headers=staff
    )
    assert made.status_code == 201
    await goods.on_sale("a", brand="MUJI", category=made.json()["id"])
    assert (await client.get("/store/categories")).json()["items"][0]["handle"] == "tea"
    assert (await client.get("/store/brands")).json() == {
        "items": [{"brand": "MUJI", "products": 1}]
    }


async def test_staff_make_change_publish_and_withdraw_a_product(client, staff, shop):
    body = {"handle": "tea", "title": "茶", "skus": [{"code": "T", "price": 100}]}
    made = await client.post("/admin/products", json=body, headers=staff)
    assert made.status_code == 201
    path = f"/admin/products/{made.json()['product']['id']}"
    shown = await client.post(f"{path}/publish", headers=staff)
    assert (shown.status_code, shown.json()["product"]["status"]) == (200, "on_sale")
    old = await client.patch(path, json={"version": 1, "title": "x"}, headers=staff)
    assert (old.status_code, old.json()["code"]) == (409, "product_changed")
    new = await client.patch(path, json={"version": 2, "title": "绿茶"}, headers=staff)
    assert (new.status_code, new.json()["product"]["listing"]["title"]) == (200, "绿茶")
    whole = await client.put(path, json=body | {"version": 3}, headers=staff)
    assert whole.json()["product"]["listing"]["title"] == "茶"
    off = await client.post(f"{path}/withdraw", headers=staff)
    assert off.json()["product"]["status"] == "off_sale"
    found = await client.get("/admin/products", params={"q": "茶"}, headers=staff)
    assert [one["status"] for one in found.json()["items"]] == ["off_sale"]
    noted = await shop.database.fetch("SELECT action FROM staff_audit ORDER BY position")
    assert [str(row[0]) for row in noted] == [
        "product.created",
        "product.published",
        "product.changed",
        "product.replaced",
        "product.withdrawn",
    ]


async def test_an_unknown_field_is_refused(client, staff):
    body = {"handle": "tea", "title": "茶", "skus": [{"code": "T", "price": 1}], "owner": "me"}
    answer = await client.post("/admin/products", json=body, headers=staff)
    assert 400 <= answer.status_code < 500
    assert (await client.get("/admin/products", headers=staff)).json()["items"] == []


PRODUCT = {"handle": "a", "title": "a", "skus": [{"code": "a", "price": 1}]}
CATEGORY = {"handle": "a", "title": "a"}
STAFF_ONLY = [
    ("GET", "/admin/products", None),
    ("POST", "/admin/products", PRODUCT),
    ("GET", "/admin/products/x", None),
    ("PUT", "/admin/products/x", PRODUCT | {"version": 1}),
    ("PATCH", "/admin/products/x", {"version": 1}),
    ("POST", "/admin/products/x/publish", None),
    ("POST", "/admin/products/x/withdraw", None),
    ("GET", "/admin/categories", None),
    ("POST", "/admin/categories", CATEGORY),
    ("PUT", "/admin/categories/x", CATEGORY),
    ("DELETE", "/admin/categories/x", None),
    ("GET", "/admin/prices?sku=a", None),
    ("PUT", "/admin/prices", {"items": [{"sku": "a", "amount": 1}]}),
    ("GET", "/admin/stock?sku=a", None),
    ("POST", "/admin/stock", {"sku": "a", "kind": "count", "quantity": 1, "reason": "x"}),
    ("POST", "/admin/products/import", None),
    ("GET", "/admin/products/export", None),
]


async def test_nobody_but_staff_with_the_right_role_gets_in(client):
    for scopes, status in (("", 401), ("orders:read", 403)):
        for method, path, body in STAFF_ONLY:
            answer = await client.request(method, path, json=body, headers={"scopes": scopes})
            assert (method, path, answer.status_code) == (method, path, status)


async def test_every_staff_route_is_known_to_that_test():
    written = {
        (method, path.split("?")[0].replace("/x", "/{}").replace("{}/publish", "{}/{}"))
        for method, path, _ in STAFF_ONLY
        if not path.endswith("/withdraw")
    }
    found = {
        (method, re.sub(r"\{[^}]*\}", "{}", path))
        for route in ROUTES
        for path in route.paths
        for method in route.http_methods
        if path.startswith("/admin")
    }
    assert {(str(method), path) for method, path in found} == written


async def test_a_stock_request_needs_a_key_and_is_done_once(client, goods, staff):
    await goods.on_sale("tea")
    body = {"sku": "tea-1", "kind": "adjust", "quantity": 3, "reason": "delivery"}
    bare = await client.post("/admin/stock", json=body, headers=staff)
    assert (bare.status_code, bare.json()["field"]) == (422, "Idempotency-Key")
    keyed = staff | {"idempotency-key": "one"}
    first = await client.post("/admin/stock", json=body, headers=keyed)
    again = await client.post("/admin/stock", json=body, headers=keyed)
    assert (first.json()["on_hand"], first.json() == again.json()) == (3, True)
    assert again.headers["idempotent-replayed"] == "true"
    found = await client.get("/admin/stock", params={"sku": ["tea-1"]}, headers=staff)
    assert [one["available"] for one in found.json()["items"]] == [3]


async def test_prices_are_set_and_read(client, goods, staff):
    await goods.on_sale("tea", price=500)
    items = [
        {"sku": "tea-1", "amount": 450},
        {"sku": "tea-1", "amount": 400, "price_list": "mini"},
    ]
    done = await client.put("/admin/prices", json={"items": items}, headers=staff)
    assert done.status_code == 200
    found = await client.get(
        "/admin/prices", params={"sku": "tea-1", "price_list": "mini"}, headers=staff
    )
    assert found.json()["items"][0]["amount"] == 400
    assert (await client.get("/store/products/tea")).json()["skus"][0]["price"] == 450


async def test_a_file_goes_in_and_comes_out_over_http(client, staff):
    text = "handle,title,sku,price_yuan,stock\ntea,茶,T,1.50,3\nbad,,B,1,1\n"
    headers = staff | {"content-type": "text/csv"}
    dry = await client.post(
        "/admin/products/import?write=dry_run", content=text.encode(), headers=headers
    )
    assert (dry.json()["new"], dry.json()["write"]) == (1, "dry_run")
    done = await client.post("/admin/products/import", content=text.encode(), headers=headers)
    assert (done.status_code, done.json()["new"], done.json()["bad_rows"]) == (200, 1, 1)
    assert done.json()["problems"][0] | {"expected": ""} == {
        "line": 3, "column": "title", "found": "", "expected": "", "sku": "B",
    }  # fmt: skip
    file = await client.get("/admin/products/export", headers=staff)
    assert file.content.startswith(b"\xef\xbb\xbf")
    assert "tea,茶," in file.content.decode("utf-8-sig")


async def test_memory_holds_no_more_than_its_bytes(database):
    size = 100 + PAGE_BYTES
    memory = Memory(database, most_bytes=16 * size)

    def reads(body: bytes):
        async def read():
            return body, frozenset({"p"})

        return read

    for number in range(40):
        await memory.page((str(number),), reads(bytes(100)))
    await memory.page(("huge",), reads(bytes(size + 1)))
    assert len(memory._pages) == 16
    assert memory._bytes == 16 * size
    memory.touch(["p"])
    assert (len(memory._pages), memory._bytes, memory._keys) == (0, 0, {})


async def test_what_was_read_before_a_change_is_not_kept_after_it(database):
    import asyncio

    memory, gate = Memory(database), asyncio.Event()

    async def slow():
        await gate.wait()
        return b"old", frozenset({"p"})

    async def fresh():
        return b"new", frozenset({"p"})

    await memory.look()
    for change in (memory.forget, lambda: memory.touch(["p"])):
        gate.clear()
        reading = asyncio.create_task(memory.page(("k",), slow))
        while not memory._reading:  # noqa: ASYNC110 it has begun
            await asyncio.sleep(0)
        change()
        gate.set()
        assert (await reading).body == b"old"
        assert (await memory.page(("k",), fresh)).body == b"new"
        memory.forget()


async def test_many_who_ask_at_once_cost_one_reading(database):
    import asyncio

    memory, reads = Memory(database), []

    async def read():
        reads.append(1)
        await asyncio.sleep(0.01)
        return b"page", frozenset()

    await memory.look()
    pages = await asyncio.gather(*(memory.page(("k",), read) for _ in range(50)))
    assert {page.body for page in pages} == {b"page"}
    assert len(reads) == 1
