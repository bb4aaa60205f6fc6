"""Members who become one, and are parted; what staff may do; what a profile says."""

from datetime import timedelta

from jishi.ledger import check
from jishi.membership import Why, merge_members, part_member
from jishi.orders import cancel_order, pay_order


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


async def test_a_profile_tells_points_and_tier(members):
    li = await members.one()
    await li.given(1_280)
    shown = (await li.send("GET", "/store/me")).json()
    (section,) = [each for each in shown["sections"] if each["plugin"].startswith("loyalty")]
    assert {"label": "可用积分", "value": "1,280"} in section["lines"]


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
