"""Bad input gets a clear problem document and changes nothing."""

from typing import Literal

import msgspec
import pytest

from jishi.testing.people import ADDRESS
from jishi.web.wording import say_validation

TABLES = (
    "checkout_carts",
    "checkout_lines",
    "orders_orders",
    "orders_lines",
    "ledger_entries",
    "ledger_holds",
    "events_outbox",
)


async def everything(shop) -> dict[str, list]:
    return {
        table: sorted(map(repr, await shop.database.fetch(f"SELECT {columns} FROM {table}")))
        for table in TABLES
        # Whether an event was told yet is the runner's business, not the request's.
        for columns in ["id, name, subject" if table == "events_outbox" else "*"]
    }


@pytest.fixture
async def cart(seller, shopper) -> dict:
    await seller.product("tea", price=990, stock=5)
    cart = (await shopper.send("POST", "/store/carts")).json()["cart"]
    answer = await shopper.send(
        "POST", f"/store/carts/{cart['id']}/lines", json={"sku": "tea", "quantity": 1}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def is_a_problem(answer, status: int, code: str, field: str | None = None) -> bool:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document = answer.json()
    assert (answer.status_code, document["code"]) == (status, code), document
    assert document["status"] == status
    assert {"type", "title", "detail", "instance", "request_id"} <= document.keys()
    assert document["request_id"] == answer.headers["x-request-id"]
    return document.get("field") == field


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        ({"sku": "tea", "quantity": 1, "colour": "red"}, "unknown_field", "lines[0].colour"),
        ({"sku": "tea", "quantity": 1, "price": 1}, "unknown_field", "lines[0].price"),
        ({"sku": "tea", "quantity": -1}, "wrong_value", "lines[0].quantity"),
        ({"sku": "tea", "quantity": 0}, "wrong_value", "lines[0].quantity"),
        ({"sku": "tea", "quantity": 1e30}, "wrong_value", "lines[0].quantity"),
        ({"sku": "tea", "quantity": 10**30}, "wrong_value", "lines[0].quantity"),
        ({"sku": "tea", "quantity": 0.5}, "wrong_value", "lines[0].quantity"),
        ({"sku": "tea", "quantity": 1.0}, "wrong_value", "lines[0].quantity"),
        ({"sku": "tea", "quantity": "1"}, "wrong_value", "lines[0].quantity"),
        ({"sku": "tea", "quantity": None}, "wrong_value", "lines[0].quantity"),
        ({"sku": "tea", "quantity": True}, "wrong_value", "lines[0].quantity"),
        ({"quantity": 1}, "missing_field", "lines[0].sku"),
        ("tea", "wrong_value", "lines[0]"),
    ],
)
async def test_a_wrong_line_is_named_and_nothing_is_ordered(
    shop, cart, shopper, line, code, field
):
    before = await everything(shop)
    answer = await shopper.send(
        "POST",
        "/store/orders",
        json={"lines": [line], "address": ADDRESS},
        headers={"idempotency-key": "k" * 20},
    )
    assert is_a_problem(answer, 422, code, field), answer.text
    assert await everything(shop) == before


@pytest.mark.parametrize("field", ["total", "price", "owner", "status", "id", "currency"])
async def test_nobody_sends_a_price_or_an_owner_along(shop, cart, shopper, field):
    before = await everything(shop)
    answer = await shopper.send(
        "POST",
        "/store/orders",
        json={"cart": cart["id"], "address": ADDRESS, field: 1},
        headers={"idempotency-key": "k" * 20},
    )
    assert is_a_problem(answer, 422, "unknown_field", field)
    assert "Known here" in answer.json()["next_step"]
    assert await everything(shop) == before


async def test_a_misspelt_field_is_recognised(shopper, cart):
    answer = await shopper.send("PATCH", f"/store/carts/{cart['id']}", json={"addres": ADDRESS})
    assert is_a_problem(answer, 422, "unknown_field", "addres")
    assert "did you mean 'address'?" in answer.json()["detail"]


async def test_a_misspelt_field_deep_inside_is_recognised(shopper, cart):
    answer = await shopper.send(
        "PATCH", f"/store/carts/{cart['id']}", json={"address": {**ADDRESS, "strete": "x"}}
    )
    assert is_a_problem(answer, 422, "unknown_field", "address.strete")
    assert "did you mean 'street'?" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "/quote", None),
        ("PATCH", "", {"note": "mine now"}),
        ("POST", "/lines", {"sku": "tea", "quantity": 1}),
    ],
)
async def test_somebody_elses_cart_does_not_exist(shop, cart, shopper, method, path, body):
    before = await everything(shop)
    stranger = shopper.another()
    answer = await stranger.send(method, f"/store/carts/{cart['id']}{path}", json=body)
    absent = await stranger.send(method, f"/store/carts/no-such-cart{path}", json=body)
    assert answer.status_code == absent.status_code == 404
    assert answer.json()["code"] == absent.json()["code"]
    assert await everything(shop) == before


async def test_somebody_elses_cart_cannot_be_ordered(shop, cart, shopper):
    before = await everything(shop)
    answer = await shopper.another().send(
        "POST",
        "/store/orders",
        json={"cart": cart["id"], "address": ADDRESS},
        headers={"idempotency-key": "k" * 20},
    )
    assert answer.status_code == 404
    assert await everything(shop) == before


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/cancel")])
async def test_somebody_elses_order_does_not_exist(shop, seller, shopper, method, path):
    await seller.product("tea", price=990, stock=5)
    order = await shopper.up_to("placed", {"tea": 1})
    before = await everything(shop)
    answer = await shopper.another().send(method, f"/store/orders/{order['id']}{path}")
    assert is_a_problem(answer, 404, "not_found")
    assert await everything(shop) == before


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"lines":'])
async def test_endlessly_nested_json_is_refused_before_it_is_decoded(shop, cart, shopper, opening):
    before = await everything(shop)
    answer = await shopper.send(
        "POST",
        "/store/orders",
        content=(opening * 100_000).encode(),
        headers={"content-type": "application/json", "idempotency-key": "k" * 20},
    )
    assert is_a_problem(answer, 400, "json_too_deep")
    assert await everything(shop) == before


@pytest.mark.parametrize(
    "media_type", ["Application/JSON", "APPLICATION/JSON; charset=utf-8", " application/json ;x=y"]
)
async def test_json_is_counted_however_its_media_type_is_written(shop, cart, shopper, media_type):
    answer = await shopper.send(
        "POST",
        "/store/orders",
        content=b'{"address":' * 100_000,
        headers={"content-type": media_type, "idempotency-key": "k" * 20},
    )
    assert is_a_problem(answer, 400, "json_too_deep")
    assert "levels deep" in answer.json()["detail"]  # counted, not found out while decoding


async def chunks(size: int, pieces: int):
    for _ in range(pieces):
        yield b"x" * size


@pytest.mark.parametrize("told", ["beforehand", "never"])
async def test_eleven_megabytes_are_refused(shop, cart, shopper, told):
    before = await everything(shop)
    body = b"x" * 11_000_000 if told == "beforehand" else chunks(1_000_000, 11)
    answer = await shopper.send(
        "POST",
        "/store/orders",
        content=body,
        headers={"content-type": "application/json", "idempotency-key": "k" * 20},
    )
    assert is_a_problem(answer, 413, "body_too_large")
    assert await everything(shop) == before


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/csv", ""],
)
async def test_what_a_foreign_form_can_send_is_not_read(shop, cart, shopper, media_type):
    before = await everything(shop)
    answer = await shopper.send(
        "POST",
        "/store/orders",
        content=b'{"lines": [{"sku": "tea", "quantity": 1}]}',
        headers={"content-type": media_type, "idempotency-key": "k" * 20},
    )
    assert is_a_problem(answer, 415, "wrong_media_type", "Content-Type")
    assert await everything(shop) == before


@pytest.mark.parametrize("body", ["{", "", "nonsense", '{"lines": NaN}', "\xff", '{"a":1}x'])
async def test_what_is_no_json_is_called_that(shop, cart, shopper, body):
    before = await everything(shop)
    answer = await shopper.send(
        "POST",
        "/store/orders",
        content=body.encode("latin-1"),
        headers={"content-type": "application/json", "idempotency-key": "k" * 20},
    )
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert await everything(shop) == before


async def test_a_body_that_is_not_there_is_asked_for(shop, cart, shopper):
    before = await everything(shop)
    answer = await shopper.send("POST", "/store/orders", headers={"idempotency-key": "k" * 20})
    assert is_a_problem(answer, 422, "missing_field", "(the whole body)")
    assert answer.json()["detail"] == "The body is missing: a JSON body is expected."
    assert await everything(shop) == before


async def test_a_word_that_is_not_allowed_is_answered_with_those_that_are(client, owner):
    answer = await client.post("/admin/products/x/publsh", headers=owner)
    assert is_a_problem(answer, 422, "wrong_value", "step")
    assert answer.json()["detail"] == "step: there is no 'publsh'; did you mean 'publish'?"
    assert answer.json()["next_step"] == "One of: publish, withdraw."


class Parcel(msgspec.Struct):
    kind: Literal["courier", "pickup"] | None = None
    sizes: list[Literal["small", "large"]] = []


@pytest.mark.parametrize(
    ("body", "said", "allowed"),
    [
        (
            b'{"kind": "curier"}',
            "kind: there is no 'curier'; did you mean 'courier'?",
            "One of: courier, pickup.",
        ),
        (b'{"kind": "zzz"}', "kind: there is no 'zzz'.", "One of: courier, pickup."),
        (
            b'{"sizes": ["small", "zzz"]}',
            "sizes[1]: there is no 'zzz'.",
            "One of: large, small.",
        ),
    ],
)
def test_a_word_deep_in_a_body_is_answered_with_the_allowed_ones(body, said, allowed):
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=Parcel)
    problem = say_validation(str(caught.value), Parcel)
    assert (problem.detail, problem.next_step) == (said, allowed)


@pytest.mark.parametrize("text", ["{{7*7}}", "{% raw %}", "${7*7}", "<script>alert(1)</script>"])
async def test_text_that_looks_like_a_template_stays_text(shopper, cart, text):
    address = {**ADDRESS, "name": text}
    answer = await shopper.send(
        "PATCH", f"/store/carts/{cart['id']}", json={"note": text, "address": address}
    )
    assert answer.status_code == 200
    shown = (await shopper.send("GET", f"/store/carts/{cart['id']}")).json()
    assert (shown["note"], shown["address"]["name"]) == (text, text)


async def test_a_nul_in_a_text_is_refused_on_both_engines(shop, shopper, cart):
    before = await everything(shop)
    answer = await shopper.send("PATCH", f"/store/carts/{cart['id']}", json={"note": "a\x00b"})
    assert answer.status_code == 400
    assert await everything(shop) == before


@pytest.mark.parametrize("path", ["//store/login", "/store//login", "/store/login//", "//"])
async def test_an_empty_part_of_a_path_passes_by_no_limit(client, path):
    answer = await client.post(f"http://shop.test{path}", json={})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")
