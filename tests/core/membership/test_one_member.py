"""Over HTTP: orders, carts and the desk of two members who became one."""

import pytest

from jishi.callers import Caller
from jishi.clock import FakeClock
from jishi.ledger import balances, stock_account
from jishi.membership import Identity, Said, Why, enter, join_by, merge_members, part_member
from jishi.staff import create_owner, log_in_staff
from jishi.testing.people import Shopper
from jishi.testing.purse import Purse
from jishi.testing.shop import START
from jishi.web import open_shop, require_tables

PASSWORD = "long and winding road 7"
STAFF = Why(actor="staff:1")


@pytest.fixture
def shop_plugins(shop_plugins):
    return shop_plugins | {"purse": Purse}


@pytest.fixture
async def shop(shop_config, shop_plugins):
    """Give a whole shop, which has more than this folder's."""
    shop = await open_shop(shop_config, FakeClock(START), shop_plugins)
    await require_tables(shop, "upgrade")
    yield shop
    await shop.database.stop()


@pytest.fixture
async def two(shop, client) -> list[Shopper]:
    """Give two members; each buys over HTTP with a token of his own."""
    found = []
    for number in range(2):
        person = Shopper(client, shop)
        async with shop.database.transaction() as tx:
            phone = Identity(kind="phone", value=f"861380013800{number}")
            entered = await enter(tx, shop, phone, Caller())
        person.id = entered.member.id
        person.headers = {"authorization": f"Bearer {entered.token}"}
        found.append(person)
    return found


@pytest.fixture
async def desk(shop, client):
    """Give a function that sends a request as the owner."""
    await create_owner(shop, "owner@example.com", PASSWORD)
    entered = await log_in_staff(shop, "owner@example.com", PASSWORD, Caller())

    async def send(method: str, path: str, **request):
        headers = {"authorization": f"Bearer {entered.token}"}
        return await client.request(method, path, headers=headers, **request)

    return send


async def listed(person: Shopper) -> set[str]:
    answer = await person.send("GET", "/store/orders")
    return {each["id"] for each in answer.json()["items"]}


async def test_orders_of_both_are_his_and_part_with_him(shop, seller, two):
    await seller.product("tea", stock=9)
    one, other = two
    orders = [(await each.up_to("placed", {"tea": 1}))["id"] for each in two]
    await merge_members(shop, other.id, one.id, STAFF)
    assert await listed(one) == await listed(other) == set(orders)
    cancelled = await one.send("POST", f"/store/orders/{orders[1]}/cancel", json={})
    assert cancelled.status_code == 200, cancelled.text
    later = (await other.up_to("placed", {"tea": 1}))["id"]
    await part_member(shop, other.id, STAFF)
    assert await listed(one) == {orders[0], later}
    assert await listed(other) == {orders[1]}
    stock = (await balances(shop.database, [stock_account("tea")]))[stock_account("tea")]
    assert (stock.balance, stock.held) == (9, 2)


async def test_an_order_that_is_sent_again_after_the_merge_is_the_same_order(shop, seller, two):
    await seller.product("tea", stock=9)
    one, other = two
    first = await other.place({"tea": 1}, key="k1")
    await merge_members(shop, other.id, one.id, STAFF)
    again = await other.place({"tea": 1}, key="k1")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]


async def test_the_cart_of_the_absorbed_one_goes_on(shop, seller, two):
    await seller.product("tea", stock=9)
    one, other = two
    made = await other.send("POST", "/store/carts")
    assert made.status_code == 201, made.text
    cart = made.json()["cart"]["id"]
    line = {"sku": "tea", "quantity": 2}
    await other.send("POST", f"/store/carts/{cart}/lines", json=line)
    await merge_members(shop, other.id, one.id, STAFF)
    for person in two:
        shown = await person.send("GET", f"/store/carts/{cart}")
        assert [each["quantity"] for each in shown.json()["lines"]] == [2]
    more = await other.send("POST", f"/store/carts/{cart}/lines", json=line)
    assert more.status_code in (200, 201), more.text
    assert (await one.send("GET", "/store/carts/current")).json()["id"] == cart


async def test_what_a_cancelled_order_gives_back_follows_its_owner(shop, seller, two, runner):
    await seller.product("tea", stock=9)
    one, other = two
    order = (await other.up_to("placed", {"tea": 1}))["id"]
    await merge_members(shop, other.id, one.id, STAFF)
    await one.send("POST", f"/store/orders/{order}/cancel", json={})
    kinds = await shop.database.fetch_as(
        str, "SELECT key FROM events_jobs WHERE kind = 'membership.sweep' ORDER BY key"
    )
    assert any(order in key for key in kinds)


async def test_staff_merge_and_part_by_hand_and_it_is_noted(two, desk):
    one, other = two
    merged = await desk("POST", f"/admin/members/{other.id}/merge", json={"into": one.id})
    assert (merged.status_code, merged.json()["target"]) == (200, one.id)
    file = (await desk("GET", f"/admin/members/{other.id}")).json()
    assert file["ids"] == [one.id, other.id]
    assert file["sections"][0]["plugin"] == "purse@1.0.0"
    assert (await one.send("GET", "/store/me")).json()["sections"][0]["title"] == "钱包"
    parted = await desk("POST", f"/admin/members/{other.id}/part")
    assert (parted.status_code, parted.json()["kind"]) == (200, "part")
    audit = (await desk("GET", "/admin/audit")).json()["items"]
    assert {"member.merged", "member.parted"} <= {each["action"] for each in audit}


async def test_staff_decide_about_duplicates(shop, desk):
    phone = Identity(kind="phone", value="8613800138000")
    said = {"claimed": (phone,), "address": "文三路1号3-502"}
    for name in ("李晓雷", "李晓雪"):
        await join_by(shop, None, Said(name=name, **said), "mall")
    [pair] = (await desk("GET", "/admin/duplicates")).json()["items"]
    both = (await desk("GET", f"/admin/duplicates/{pair['id']}")).json()
    assert {both[side]["member"]["name"] for side in ("one", "other")} == {"李晓雷", "李晓雪"}
    wish = {"name": "李晓雷", "claimed": [{"kind": "phone", "value": "13800138000"}]}
    found = (await desk("POST", "/admin/members/search", json=wish)).json()["items"]
    assert found[0]["likeness"]["certainty"] == "certain"
    decision = {"verdict": "different"}
    decided = await desk("POST", f"/admin/duplicates/{pair['id']}/decision", json=decision)
    assert decided.json()["state"] == "different"
    assert (await desk("GET", "/admin/duplicates")).json()["items"] == []
