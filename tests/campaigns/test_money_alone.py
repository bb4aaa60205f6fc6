"""What money alone that goes back does to points and to pieces."""


async def settled(mall, runner, pieces, points):
    """An order in a team of three, after the difference went back; points that were given."""
    await mall.goods({"tea": 10_000})
    campaign = await mall.group(["tea"])
    member = await mall.member(points=points)
    extras = {"group_buy.open": campaign, "loyalty.points": str(points)}
    order = await mall.place(member, {"tea": pieces}, extras)
    await mall.pay(order)
    await runner.drain()
    seat = await member.http.send("GET", f"/group_buy/orders/{order.id}")
    for _ in range(2):
        code = {"group_buy.team": seat.json()["code"]}
        await mall.pay(await mall.place(await mall.member(), {"tea": 1}, code))
        await runner.drain()
    return member, order


async def test_a_difference_in_money_gives_back_no_points_while_the_goods_stay(mall, runner):
    member, _ = await settled(mall, runner, 1, 800)
    assert (await mall.points(member)).available == 0


async def test_a_piece_that_goes_back_after_a_difference_is_worth_what_it_cost_in_the_end(
    mall, runner
):
    _, order = await settled(mall, runner, 3, 0)
    assert [await mall.give_back(order, {"tea": 1}) for _ in range(3)] == [8_000] * 3
