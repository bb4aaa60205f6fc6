"""Members who become one, and are parted; what staff may do; what a profile says."""

from datetime import timedelta

import pytest

from jishi.callers import Caller
from jishi.ledger import check
from jishi.membership import Why, merge_members, part_member
from jishi.orders import cancel_order, pay_order
from jishi.staff import create_owner, log_in_staff

ONCE = pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
"""For tests whose statements others have run on both databases."""


async def both(one, other):
    """What two members have, in points."""
    return (await one.points()).available, (await other.points()).available


async def lots_of(shop, *people):
    """Points and ends of lots, as the ledger has them."""
    rows = await shop.database.fetch(
        "SELECT l.member_id, a.balance, l.expires_at FROM loyalty_lots AS l "
        "JOIN ledger_accounts AS a ON a.id = 'points:' || l.member_id || ':' || l.id "
        "WHERE a.balance > 0 ORDER BY 1, 2"
    )
    names = {one.id: at for at, one in enumerate(people)}
    return sorted((names[str(member)], points, end) for member, points, end in rows)


async def test_points_follow_a_merge_and_go_back_with_a_parting(shop, members, runner):
    li, double = await members.one(), await members.one()
    await li.given(100)
    await double.given(40)
    before = await lots_of(shop, li, double)
    await merge_members(shop, double.id, li.id, Why(actor="test"))
    await runner.drain()
    assert (await li.points()).available == 140
    assert await double.points() == await li.points()
    await part_member(shop, double.id, Why(actor="test"))
    await runner.drain()
    assert await both(li, double) == (100, 40)
    assert await lots_of(shop, li, double) == before
    assert await check(shop.database) == []


async def test_an_order_of_the_absorbed_member_settles_with_the_survivor(
    shop, seller, members, runner, refund
):
    await seller.product("tea", price=10_000)
    li, double = await members.one(), await members.one()
    await double.given(100)
    order = (await double.place({"tea": 1}, extras={"loyalty.points": "60"})).json()
    await pay_order(shop, order["id"], order["total"], "test")
    await runner.drain()
    await merge_members(shop, double.id, li.id, Why(actor="test"))
    await runner.drain()
    holding = await li.points()
    assert (holding.available, holding.pending) == (40, 94)
    await refund(order["id"])
    await runner.drain()
    holding = await li.points()
    assert (holding.available, holding.pending, holding.debt) == (100, 0, 0)
    assert await check(shop.database) == []


async def test_what_was_held_during_a_merge_is_brought_after(shop, seller, members, runner):
    await seller.product("tea", price=10_000)
    li, double = await members.one(), await members.one()
    await double.given(100)
    order = (await double.place({"tea": 1}, extras={"loyalty.points": "60"})).json()
    await merge_members(shop, double.id, li.id, Why(actor="test"))
    await cancel_order(shop, order["id"], "test")
    shop.clock.advance(timedelta(hours=2))
    await runner.drain()
    shop.clock.advance(timedelta(hours=2))
    await runner.drain()
    assert (await li.points()).available == 100
    assert await check(shop.database) == []


async def test_a_statement_has_every_entry_in_pages(shop, seller, members, runner):
    await seller.product("tea", price=10_000)
    li = await members.one()
    for at in range(30):
        await li.given(1, f"k{at}")
    await li.up_to("paid", {"tea": 1})
    await runner.drain()
    seen, cursor = [], None
    while True:
        params = {"cursor": cursor} if cursor else {}
        page = (await li.send("GET", "/loyalty/me/statement", params=params)).json()
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len({each["id"] for each in seen}) == 31
    assert sum(each["points"] for each in seen if each["account"] == "points") == 30
    assert sum(each["points"] for each in seen if each["account"] == "pending") == 100


@ONCE
async def test_a_profile_tells_points_and_tier(members):
    li = await members.one()
    await li.given(1_280)
    shown = (await li.send("GET", "/store/me")).json()
    (section,) = [each for each in shown["sections"] if each["plugin"].startswith("loyalty")]
    assert {"label": "可用积分", "value": "1,280"} in section["lines"]


@ONCE
async def test_strangers_see_nothing(members, shopper):
    li = await members.one()
    for path in ("/loyalty/me", "/loyalty/me/statement", f"/loyalty/members/{li.id}"):
        assert (await shopper.send("GET", path)).status_code == 401
    other = await members.one()
    assert (await other.send("GET", f"/loyalty/members/{li.id}")).status_code == 401
    asked = await other.send(
        "POST", f"/loyalty/members/{other.id}/points", json={"points": 5, "reason": "me"}
    )
    assert asked.status_code == 401


@pytest.fixture
async def staff(client, shop):
    """Give what the owner sends."""
    await create_owner(shop, "owner@example.com", "long and winding road 7")
    login = await log_in_staff(shop, "owner@example.com", "long and winding road 7", Caller())

    async def send(method, path, key="k", **request):
        headers = {"authorization": f"Bearer {login.token}", "idempotency-key": key}
        return await client.request(method, path, headers=headers, **request)

    return send


async def test_staff_give_and_take_points_with_a_reason_that_is_kept(shop, members, staff):
    li = await members.one()
    path = f"/loyalty/members/{li.id}/points"
    first = await staff("POST", path, json={"points": 50, "reason": "sorry"})
    again = await staff("POST", path, json={"points": 50, "reason": "sorry"})
    assert (first.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    taken = await staff("POST", path, "k2", json={"points": -20, "reason": "a slip"})
    assert taken.status_code == 201, taken.text
    too_much = await staff("POST", path, "k3", json={"points": -31, "reason": "no"})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "not_enough_points")
    assert (await staff("POST", path, "k4", json={"points": 0, "reason": "x"})).status_code == 422
    nobody = await staff("POST", "/loyalty/members/x/points", json={"points": 1, "reason": "x"})
    assert nobody.status_code == 404
    assert (await staff("GET", f"/loyalty/members/{li.id}")).json()["available"] == 30
    log = await shop.database.fetch(
        "SELECT subject FROM staff_audit WHERE action = 'loyalty.adjusted'"
    )
    assert log == [(li.id,), (li.id,)]


class TestShort:
    """A shop that keeps the worth of spent points from refunds."""

    @pytest.fixture
    def loyalty_settings(self):
        return {"shortfall": "from_refund", "pending_days": 0}

    async def test_staff_see_what_to_keep_and_strike_it_out(
        self, shop, seller, members, runner, refund, staff
    ):
        await seller.product("tea", price=10_000)
        li, friend = await members.one(), await members.one()
        order = await li.up_to("completed", {"tea": 1})
        await runner.drain()
        await li.give(friend.id, 100)
        worth = (await staff("GET", f"/loyalty/orders/{order['id']}/refund")).json()
        assert worth == {"earned": 100, "missing": 100, "fen": 1_000}
        await refund(order["id"])
        await runner.drain()
        (told,) = await shop.database.fetch(
            "SELECT data FROM events_outbox WHERE name = 'loyalty.refund_fell_short'"
        )
        assert '"fen":1000' in told[0]
        assert (await li.points()).debt == 100
        body = {"points": 100, "reason": "kept from the refund"}
        path = f"/loyalty/members/{li.id}/debt"
        assert (await staff("POST", path, json=body)).status_code == 201
        assert (await staff("POST", path, json=body)).headers["idempotent-replayed"] == "true"
        assert (await li.points()).debt == 0


class TestLadder:
    """A rank for two purchases together."""

    @pytest.fixture
    def loyalty_settings(self):
        return {"tiers": [{"code": "gold", "title": "金卡", "reach": 20_000}]}

    async def test_what_two_bought_counts_for_the_one_they_are(
        self, shop, seller, members, runner, staff
    ):
        await seller.product("tea", price=10_000)
        li, double = await members.one(), await members.one()
        for one in (li, double):
            await one.up_to("paid", {"tea": 1})
        await runner.drain()
        await merge_members(shop, double.id, li.id, Why(actor="test"))
        await runner.drain()
        assert (await li.points()).tier == "gold"
        ladder = {"tiers": [{"code": "gold", "title": "金卡", "reach": 30_000}]}
        looked = (await staff("POST", "/loyalty/tiers/preview", json=ladder)).json()
        assert [(each["was"], each["tier"]) for each in looked["changes"]] == [("gold", "")]
        rules = (await staff("POST", "/loyalty/rules/preview", json={"points_per_yuan": 2})).json()
        assert rules == {"orders": 2, "now": 200, "then": 400}
        await part_member(shop, double.id, Why(actor="test"))
        await runner.drain()
        assert [(await one.points()).tier for one in (li, double)] == ["", ""]
