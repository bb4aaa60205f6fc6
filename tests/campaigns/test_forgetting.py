"""What every campaign's plugin knows of a member is in his file, and leaves with him."""

from datetime import timedelta

from jishi.dossiers import erase_member, gather
from jishi.membership import Why, merge_members
from jishi.orders import complete_order, ship_order
from jishi.testing.people import ADDRESS
from jishi.testing.traces import traces_of

WORDS = (ADDRESS["name"], ADDRESS["phone"], ADDRESS["street"], "13700000001")


async def someone_who_takes_part_in_all(mall, runner):
    await mall.goods({"tea": 10_000, "cup": 5000, "pot": 19_900})
    member = await mall.member(tier="gold", points=2000)
    coupon = await mall.promotion(
        benefit={"kind": "reduction", "steps": [{"reach": 5000, "off": 800}]}, trigger="coupon"
    )
    await mall.give_coupon(member, coupon)
    team = await mall.group(["tea"])
    sale = await mall.flash({"cup": 3000})
    live = await mall.live({"pot": 15_000})
    extras = {
        "group_buy.open": team,
        "flash_sale.sale": sale,
        "live_stream.session": live,
        "loyalty.points": "100",
    }
    order = await mall.place(member, {"tea": 1, "cup": 1, "pot": 1}, extras)
    await mall.pay(order)
    await runner.drain()
    return member, order


async def missing(shop, member: str) -> list[str]:
    """Rows that mention the member and are not in his file."""
    dossier = await gather(shop, member)
    lost = []
    for trace in await traces_of(shop.database, (member,)):
        table, _, column = trace.place.partition(".")
        found = dossier.found.get(table)
        at = found.columns.index(column) if found and column in found.columns else -1
        if found is None or at < 0 or not any(member in str(row[at]) for row in found.rows):
            lost.append(f"{trace.place}: {trace.text}")
    return lost


async def test_every_row_about_a_member_is_in_his_file(shop, mall, runner):
    member, _ = await someone_who_takes_part_in_all(mall, runner)
    assert await missing(shop, member.id) == []
    tables = set((await gather(shop, member.id)).found)
    assert {
        "group_buy_seats",
        "flash_sale_purchases",
        "live_stream_orders",
        "loyalty_lots",
        "promotions_coupons",
    } <= tables


async def test_what_was_merged_into_him_is_in_it_too(shop, mall, runner):
    member, _ = await someone_who_takes_part_in_all(mall, runner)
    other = await mall.member(points=50)
    await merge_members(shop, member.id, other.id, Why(actor="staff:1"))
    await runner.drain()
    assert await missing(shop, member.id) == []
    assert await missing(shop, other.id) == []


async def test_when_he_is_forgotten_nothing_tells_who_he_was(shop, mall, runner):
    member, order = await someone_who_takes_part_in_all(mall, runner)
    assert {one.word for one in await traces_of(shop.database, WORDS)} == set(WORDS)
    shop.clock.advance(timedelta(days=60))
    await runner.drain()  # the team did not fill: its tea is paid back
    await ship_order(shop, order.id, "staff:1", "k")
    await complete_order(shop, order.id, "staff:1")
    await erase_member(shop, member.id)
    await runner.drain()
    assert await traces_of(shop.database, WORDS) == []
