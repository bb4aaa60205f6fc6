"""Members leave, pay late, pay at the last moment; staff give money back in between."""

from jishi.ledger import check
from jishi.orders import RefundLine, RefundWish, find_order
from jishi.payments import cancel_order, refund_order, start_payment

THREE = [{"reach": 3, "percent": 10}]


async def give_back(shop, order: str, **wish) -> None:
    said = RefundWish(**wish)
    await refund_order(
        shop, order, said, restock="no", reason="", key=f"by-hand-{wish}", actor="staff:1"
    )


async def test_who_leaves_before_the_end_frees_the_seat(gathered, mate, shop, passes, net):
    _, team, orders, code = await gathered(2, ladder=THREE)
    third, late = await mate(), await mate()
    order = (await third.join(code)).json()["id"]
    assert (await late.join(code)).status_code == 422
    await cancel_order(shop, order, "member")
    await passes(seconds=1)
    placed = (await late.join(code)).json()["id"]
    await late.pay(placed)
    await cancel_order(shop, orders[1], "staff:1")
    await passes(seconds=1)
    another = await mate()
    last = (await another.join(code)).json()["id"]
    await another.pay(last)
    await passes(seconds=1)
    assert (await team[0].seat(orders[0]))["team"]["outcome"] == "filled"
    assert [await net(one) for one in (orders[0], orders[1], placed, last)] == [
        9000,
        0,
        9000,
        9000,
    ]
    assert await check(shop.database) == []


async def test_who_leaves_after_the_end_frees_nothing(gathered, mate, shop, passes, net):
    _, team, orders, code = await gathered(3, ladder=THREE)
    await passes(seconds=1)
    await cancel_order(shop, orders[2], "staff:1")
    await passes(seconds=1)
    assert (await (await mate()).join(code)).status_code == 422
    seen = (await team[0].seat(orders[0]))["team"]
    assert (seen["outcome"], seen["count"], seen["left"]) == ("filled", 3, 0)
    assert [await net(order) for order in orders] == [9_000, 9_000, 0]


async def test_who_comes_back_after_leaving_finds_a_seat(gathered, passes, shop, net):
    _, team, orders, code = await gathered(2)
    await cancel_order(shop, orders[1], "staff:1")
    await passes(seconds=1)
    again = (await team[1].join(code)).json()["id"]
    await team[1].pay(again)
    await passes(hours=25)
    assert [await net(order) for order in (*orders, again)] == [0, 0, 0]


async def test_an_order_placed_in_time_may_be_paid_after_the_end(
    gathered, mate, shop, passes, net
):
    _, _, orders, code = await gathered(2, hours=1)
    late = await mate()
    await passes(minutes=55)
    order = (await late.join(code)).json()["id"]
    await passes(minutes=10)
    assert await late.pay(order) == 200
    await passes(seconds=11)
    assert [await net(each) for each in (*orders, order)] == [9_000] * 3


async def test_money_that_comes_when_the_team_is_over_goes_back_once(
    gathered, mate, shop, passes, net, paper
):
    _, _, orders, code = await gathered(3, hours=1)
    late = await mate()
    await passes(minutes=50)
    order = (await late.join(code)).json()["id"]
    attempt = await start_payment(shop, order, "paper", "scan", {}, "member")
    paper.mood["close"] = "deaf"
    await passes(minutes=40)
    assert (await find_order(shop.database, order)).status == "expired"
    await passes(seconds=11)  # now nobody can pay in time any more, and the team ends
    sheet = paper.pay(attempt.number)
    for _ in range(3):
        await late.http.post("/notify/paper", content=sheet.body, headers=sheet.headers)
        await passes(seconds=11)
    assert paper.given_back(attempt.number) == 9_000
    assert len(paper.refunds) == 1
    assert [await net(each) for each in orders] == [9_000] * 3
    assert (await find_order(shop.database, order)).status == "expired"


async def test_late_money_gets_its_seat_while_the_team_still_gathers(
    gathered, mate, shop, passes, net, paper
):
    _, _, orders, code = await gathered(2)
    late = await mate()
    order = (await late.join(code)).json()["id"]
    attempt = await start_payment(shop, order, "paper", "scan", {}, "member")
    paper.mood["close"] = "deaf"
    await passes(minutes=40)
    sheet = paper.pay(attempt.number)
    await late.http.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    await passes(hours=25)
    assert [await net(each) for each in (*orders, order)] == [9_000] * 3


async def test_what_staff_gave_back_before_is_not_given_back_again(
    gathered, shop, passes, net, mate
):
    _, _, orders, code = await gathered(4)
    (line,) = (await find_order(shop.database, orders[0])).lines
    await give_back(shop, orders[0], lines=(RefundLine(line=line.id, amount=8_500),))
    last = await mate()
    placed = (await last.join(code)).json()["id"]
    await last.pay(placed)
    await passes(seconds=11)
    assert await net(orders[0]) == 0, "500 fen were left of the 1,000 that are due"
    assert await net(orders[1]) == 8_000


async def test_a_refund_by_hand_between_deciding_and_settling_is_counted(
    gathered, shop, net, passes
):
    _, _, orders, _ = await gathered(4)
    plugin = shop.hooks.plugin("group_buy")
    (line,) = (await find_order(shop.database, orders[0])).lines
    desk = plugin.desk
    (seat,) = await desk.fetch("SELECT id FROM group_buy_seats WHERE order_id = $1", orders[0])
    async with desk.writing() as w:  # decided at the second step, by a process that died
        await w.execute(
            "UPDATE group_buy_seats SET state = 'owed', due = $2, refund = 1000 WHERE id = $1",
            seat[0],
            f'[["tea",1000]]|{{"whole":false,"lines":[["{line.id}",0,1000]],"total":1000}}',
        )
    await give_back(shop, orders[0], lines=(RefundLine(line=line.id, amount=8_400),))
    await plugin_job(shop, "settle", seat=seat[0])
    await passes(seconds=1)
    assert await net(orders[0]) == 0
    ((kept,),) = await desk.fetch("SELECT refund FROM group_buy_seats WHERE id = $1", seat[0])
    assert kept == 600


async def plugin_job(shop, kind: str, **payload) -> None:
    jobs = shop.hooks.plugin("group_buy").register_jobs()
    (job,) = [one for one in jobs if getattr(one, "name", "") == kind]
    await job.do(shop, payload)


class TestMixedCarts:
    """An order that holds other goods besides."""

    async def test_only_the_teams_goods_go_back(
        self, merchant, mate, seller, shop, passes, net, tea
    ):
        await seller.product("cup", price=500)
        campaign, person = await merchant.campaign(), await mate()
        placed = await person.place({"tea": 1, "cup": 2}, extras={"group_buy.open": campaign})
        order = placed.json()
        assert order["total"] == 10_000
        await person.pay(order["id"])
        await passes(hours=25)
        assert await net(order["id"]) == 1_000
        kept = await find_order(shop.database, order["id"])
        assert kept.status == "paid"
        assert {line.sku: line.to_ship for line in kept.lines} == {"tea": 0, "cup": 2}
        assert await check(shop.database) == []

    async def test_the_difference_is_of_the_teams_goods_alone(
        self, merchant, mate, seller, passes, net, gathered, tea
    ):
        await seller.product("cup", price=500)
        _, _, orders, code = await gathered(4)
        last = await mate()
        placed = await last.place({"tea": 1, "cup": 1}, extras={"group_buy.team": code})
        await last.pay(placed.json()["id"])
        await passes(seconds=11)
        assert await net(placed.json()["id"]) == 8_500
        assert await net(orders[0]) == 8_000
