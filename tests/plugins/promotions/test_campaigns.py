"""A campaign's life, over HTTP: tried, started, changed, stopped; and what its page says."""

import asyncio
from datetime import timedelta

import pytest

ADMIN = "/promotions/admin"
TENTH = {"kind": "percent", "steps": [{"off": 1000}]}


@pytest.fixture
def shop_tables(shop_tables):
    """Give a shop whose gates speak early."""
    return shop_tables | {"plugins": {**shop_tables["plugins"], "promotions": {"gate_from": 1}}}


async def made(staff, **rule):
    """A campaign that was made over HTTP."""
    document = {"title": "春茶节", "benefit": TENTH} | rule
    answer = await staff.send("POST", f"{ADMIN}/campaigns", json=document)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def told(staff, step, campaign, **body):
    """A step of its life; gives what is told of it."""
    path = f"{ADMIN}/campaigns/{campaign}/{step}"
    answer = await staff.send("POST", path, json=body if step == "stop" else None)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_draft_gives_nobody_anything(staff, seller, shopper, price):
    await seller.product("tea", price=10_000)
    campaign = await made(staff)
    assert await price(shopper, {"tea": 1}) == 10_000
    await told(staff, "start", campaign)
    assert await price(shopper, {"tea": 1}) == 9000


async def test_a_scheduled_campaign_begins_and_ends_by_itself(shop, staff, seller, shopper, price):
    await seller.product("tea", price=10_000)
    begins, ends = (shop.clock.now() + timedelta(hours=hours) for hours in (1, 2))
    campaign = await made(staff, starts_at=begins.isoformat(), ends_at=ends.isoformat())
    await told(staff, "start", campaign)
    found = []
    for _ in range(3):
        found.append(await price(shopper, {"tea": 1}))
        shop.clock.advance(timedelta(hours=1))
    assert found == [10_000, 9000, 10_000]


async def test_who_stops_it_is_shown_nobody_new_gets_it_and_old_orders_keep_it(
    shop, staff, seller, shopper, runner
):
    await seller.product("tea", price=10_000)
    campaign = await made(staff)
    await told(staff, "start", campaign)
    before = (await shopper.place({"tea": 1})).json()
    stopped = await told(staff, "stop", campaign, reason="卖得太好")
    after = (await shopper.another().place({"tea": 1})).json()
    await runner.drain()
    kept = (await shopper.send("GET", f"/store/orders/{before['id']}")).json()
    assert [each["lines"][0]["total"] for each in (kept, after)] == [9000, 10_000]
    page = (await staff.send("GET", f"{ADMIN}/campaigns/{campaign}")).json()
    assert stopped["stopped_by"].startswith("staff:")
    assert page["campaign"]["stopped_at"] == shop.clock.now().isoformat().replace("+00:00", "Z")
    assert [(each["step"], each["detail"]) for each in page["timeline"]][-1] == (
        "stopped",
        "卖得太好",
    )
    assert (await staff.send("POST", f"{ADMIN}/campaigns/{campaign}/start")).status_code == 409


async def test_a_new_version_counts_for_new_orders_and_a_race_for_it_is_won_once(
    staff, seller, shopper, price
):
    await seller.product("tea", price=10_000)
    campaign = await made(staff)
    await told(staff, "start", campaign)
    order = (await shopper.place({"tea": 1})).json()
    rule = {"title": "春茶节", "benefit": {"kind": "percent", "steps": [{"off": 2000}]}}
    answers = await asyncio.gather(
        *(
            staff.send("PUT", f"{ADMIN}/campaigns/{campaign}", json={"version": 1, "rule": rule})
            for _ in range(5)
        )
    )
    assert sorted(each.status_code for each in answers) == [200] + [409] * 4
    assert await price(shopper, {"tea": 1}) == 8000
    kept = (await shopper.send("GET", f"/store/orders/{order['id']}")).json()
    assert kept["lines"][0]["total"] == 9000


async def test_a_limit_may_be_raised_and_what_was_used_stays_used(
    staff, seller, shopper, price, left
):
    await seller.product("tea", price=10_000)
    campaign = await made(staff, limits={"total": 1})
    await told(staff, "start", campaign)
    await shopper.place({"tea": 1})
    path, title = f"{ADMIN}/campaigns/{campaign}", {"title": "春茶节", "benefit": TENTH}
    more = {"version": 1, "rule": title | {"limits": {"total": 3}}}
    assert (await staff.send("PUT", path, json=more)).status_code == 200
    assert await left(f"promotions:{campaign}:uses") == 2
    none = {"version": 2, "rule": title}
    assert (await staff.send("PUT", path, json=none)).json()["code"] == "limit_fixed"


async def test_a_rule_is_tried_before_it_runs(staff, seller, shopper):
    await seller.product("tea", price=10_000)
    await seller.product("cup", price=5000)
    await shopper.up_to("paid", {"tea": 2})
    await shopper.up_to("paid", {"cup": 1})
    steps = [{"reach": 10_000, "off": 1500}]
    rule = {"title": "试算", "benefit": {"kind": "reduction", "steps": steps}}
    lines = [{"sku": "tea", "quantity": 1}, {"sku": "cup", "quantity": 1}]
    seen = (
        await staff.send("POST", f"{ADMIN}/preview", json={"rule": rule, "lines": lines})
    ).json()
    assert seen["effect"]["off"] == 1500
    assert seen["effect"]["amounts"] == {"tea": -1000, "cup": -500}
    trial = (await staff.send("POST", f"{ADMIN}/simulations", json={"rule": rule})).json()
    assert (trial["orders"], trial["matched"], trial["cost"]) == (2, 1, 1500)
    capped = rule | {"limits": {"budget": 1000}}
    trial = (await staff.send("POST", f"{ADMIN}/simulations", json={"rule": capped})).json()
    assert (trial["cost"], trial["stopped_by"]) == (0, "budget")


async def test_the_page_counts_what_came_of_it(staff, seller, joined, run, codes, runner):
    await seller.product("tea", price=10_000)
    campaign = await run(trigger="coupon", benefit=TENTH)
    first, second, _ = await codes(campaign, size=3)
    members = [await joined(), await joined()]
    for member, code in zip(members, (first, second), strict=True):
        taken = await member.send("POST", "/promotions/coupons/typed", json={"code": code})
        assert taken.status_code == 200, taken.text
    await members[1].up_to("paid", {"tea": 1})  # its best coupon is used by itself
    await members[0].send("POST", f"/promotions/campaigns/{campaign.id}/shares")
    await runner.drain()
    page = (await staff.send("GET", f"{ADMIN}/campaigns/{campaign.id}")).json()
    names = ("issued", "claimed", "redeemed", "customers", "newcomers", "cost", "sharers")
    assert [page[name] for name in names] == [3, 2, 1, 1, 1, 1000, 1]
    assert page["revenue"] >= 9000
    gates = {each["name"]: (each["reached"], each["state"]) for each in page["gates"]}
    assert gates == {
        "redemption": (5000, "alarm"),
        "newcomers": (10_000, "good"),
        "share": (5000, "good"),
    }
    alarms = (await staff.send("GET", f"{ADMIN}/alarms")).json()["items"]
    assert [each["campaign"]["id"] for each in alarms] == [campaign.id]


async def test_a_collection_is_followed_at_once(staff, seller, shopper, price):
    tea = await seller.product("tea", price=10_000)
    campaign = await made(staff, goods={"collections": ["spring"]})
    await told(staff, "start", campaign)
    assert await price(shopper, {"tea": 1}) == 10_000
    kept = await staff.send("PUT", f"{ADMIN}/collections/spring", json={"products": [tea.id]})
    assert kept.status_code == 204, kept.text
    assert await price(shopper, {"tea": 1}) == 9000


async def test_shoppers_may_not_make_campaigns(shopper, client):
    for who in (shopper.headers, {}):
        answer = await client.post(
            f"{ADMIN}/campaigns", json={"title": "x", "benefit": TENTH}, headers=who
        )
        assert answer.status_code in (401, 403)


async def test_hints_say_what_is_missing(run, seller, shopper):
    await seller.product("tea", price=8000)
    await run(title="满减")
    await run(title="赠", benefit={"kind": "gift", "reach": 5000, "gifts": ["towel"]})
    lines = {"lines": [{"sku": "tea", "quantity": 1}]}
    found = (await shopper.send("POST", "/promotions/hints", json=lines)).json()["items"]
    assert [(each["missing"], each["gifts"]) for each in found] == [(0, ["towel"]), (2000, [])]
