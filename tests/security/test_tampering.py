"""Nobody sets what only the shop decides: prices, owners, states, balances, roles.

Every name that is a column of a table or a member of an answer is sent along with a good body to
every address that takes one.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path

import msgspec
import pytest

from jishi.identifiers import new_id
from jishi.web import create_app
from jishi.web.docs import describe

MATRIX = run_path(str(Path(__file__).with_name("test_authority.py")))["MATRIX"]

pytestmark = [pytest.mark.bar("B26"), pytest.mark.slow]


@pytest.fixture
def migrated_database_url(sqlite_template, tmp_path) -> str:
    """On SQLite alone: bodies are read before any database is asked."""
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def shop_tables(shop_tables):
    return shop_tables | {
        "web": {"storefront": "off", "logins_per_minute": 1_000_000},
        "plugins": {"enabled": ["printed_codes"]},
    }


async def tables_of(shop) -> dict[str, list[str]]:
    """The columns of every table."""
    found = await shop.database.fetch("SELECT name FROM sqlite_master WHERE type = 'table'")
    names = sorted(name for (name,) in found if not name.startswith("sqlite_"))
    return {
        name: [
            column
            for (column,) in await shop.database.fetch(
                f"SELECT name FROM pragma_table_info('{name}')"
            )
        ]
        for name in names
    }


async def everything(shop) -> dict[str, list[str]]:
    """Every row of every table but the runner's own."""
    return {
        name: sorted(map(repr, await shop.database.fetch(f"SELECT * FROM {name}")))
        for name in await tables_of(shop)
        if not name.startswith("events_")
    }


def schema_of(shop) -> dict:
    return msgspec.json.decode(describe(create_app(shop)))


async def names_of(shop, schema: dict) -> list[str]:
    """Every column's and every answer's member's name."""
    columns = {column for each in (await tables_of(shop)).values() for column in each}
    members = {
        member
        for each in schema["components"]["schemas"].values()
        for member in each.get("properties", {})
    }
    return sorted(columns | members | {"__class__", "__proto__", "is_admin", "is_staff", "_id"})


def writes_of(schema: dict) -> Iterator[tuple[str, str, set[str]]]:
    """Every operation that takes a JSON body, and the members that it knows."""
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is not None:
                yield method.upper(), path, _members(schema, content["schema"])


def _members(schema: dict, part: dict) -> set[str]:
    found = set(part.get("properties", {}))
    if "$ref" in part:
        found |= _members(schema, schema["components"]["schemas"][part["$ref"].split("/")[-1]])
    for each in part.get("oneOf", []):
        found |= _members(schema, each)
    return found


def path_of(town, who: str, template: str) -> str:
    things = {**town.things["member_a"], **town.things["shop"], **town.things.get(who, {})}
    return re.sub(r"\{(\w+)\}", lambda one: things[one[1]], template)


def bodies_of(body: dict, name: str, known: set[str]) -> Iterator[dict]:
    """The body with one more member than it has: at its top, and inside what is in it."""
    if name not in known:
        yield {**body, name: 1}
    if name not in DECIDED:
        return
    for key, value in body.items():
        if name in KNOWN_INSIDE.get(key, ()):
            continue
        if isinstance(value, dict):
            yield {**body, key: {**value, name: 1}}
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield {**body, key: [{**value[0], name: 1}]}


KNOWN_INSIDE = {
    "items": {"amount"},
    "skus": {"price", "list_price", "status", "max_per_order", "max_per_member"},
}
DECIDED = frozenset(
    {
        "amount",
        "balance",
        "created_at",
        "currency",
        "discount",
        "id",
        "is_admin",
        "list_price",
        "max_per_member",
        "max_per_order",
        "member",
        "member_id",
        "owner",
        "paid",
        "price",
        "refunded",
        "role",
        "scopes",
        "standing",
        "status",
        "subtotal",
        "tax_included",
        "total",
        "unit_price",
        "version",
    }
)
"""What only the shop decides, also inside of things."""


REFUSALS = ("unknown_field", "wrong_settings")
"""How a name that nobody knows is answered."""


async def test_no_member_that_a_body_does_not_have_is_taken(shop, client, town):
    schema = schema_of(shop)
    names, sent, taken = await names_of(shop, schema), 0, []
    before = await everything(shop)
    for method, template, known in writes_of(schema):
        row = MATRIX[f"{method} {template}"]
        who = "owner" if row.way in ("staff", "token") else "member_a"
        path = path_of(town, who, template)
        for body in (one for name in names for one in bodies_of(row.body or {}, name, known)):
            headers = town.headers(who) | {"idempotency-key": new_id()}
            answer = await client.request(method, path, json=body, headers=headers)
            sent += 1
            if answer.status_code != 422 or answer.json()["code"] not in REFUSALS:
                taken.append(f"{method} {template}: {answer.status_code} {body}")
    assert "\n".join(taken[:20]) == ""
    assert await everything(shop) == before
    assert sent > 5_000


PRIVILEGED = {
    "catalogue_prices": "*",
    "ledger_accounts": "id, floor, unit",
    "orders_orders": "id, owner, member, total, paid, refunded",
    "payments_attempts": "id, amount, captured, merchant",
    "staff_people": "id, email, role, standing, password",
    "staff_roles": "name, scopes",
    "membership_members": "id, joined_at",
    "membership_identities": "id, member_id",
    "membership_addresses": "id, member_id",
    "checkout_carts": "id, owner",
}


async def privileged(shop) -> dict[str, set[str]]:
    return {
        table: set(map(repr, await shop.database.fetch(f"SELECT {columns} FROM {table}")))
        for table, columns in PRIVILEGED.items()
    }


async def test_names_in_the_address_change_nothing_that_is_there(shop, client, town):
    schema = schema_of(shop)
    names = [name for name in await names_of(shop, schema) if name not in ("version", "explain")]
    queries = [
        "&".join(f"{name}=1" for name in names[at : at + 90]) for at in range(0, len(names), 90)
    ]
    before, placed = await privileged(shop), []
    for method, template, _ in writes_of(schema):
        if not template.startswith("/store"):
            continue
        row = MATRIX[f"{method} {template}"]
        for query in queries:
            headers = town.headers("member_a") | {"idempotency-key": new_id()}
            path = f"{path_of(town, 'member_a', template)}?{query}"
            answer = await client.request(method, path, json=row.body or {}, headers=headers)
            assert answer.status_code < 500, (path, answer.text)
            if (method, template, answer.status_code) == ("POST", "/store/orders", 201):
                placed.append(answer.json())
    after = await privileged(shop)
    assert {
        table: sorted(rows - after[table]) for table, rows in before.items() if rows - after[table]
    } == {}
    assert placed
    right = (1990 + 800, 0, "placed")  # the goods and the courier
    assert {(one["total"], one["paid"], one["status"]) for one in placed} == {right}
    assert {one["owner"] for one in placed} == {town.things["member_a"]["member_id"]}


@pytest.mark.parametrize("wanted", ["total", "expected_total"])
@pytest.mark.parametrize("amount", [0, 1, -1, 1989, 1991])
async def test_an_order_costs_what_the_shop_says(client, town, wanted, amount):
    body = {**MATRIX["POST /store/orders"].body, wanted: amount}
    headers = town.headers("member_a") | {"idempotency-key": new_id()}
    answer = await client.post("/store/orders", json=body, headers=headers)
    assert answer.status_code in (409, 422), answer.text
