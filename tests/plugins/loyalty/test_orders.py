"""What an order earns and spends, and what becomes of it when goods come back."""

from datetime import timedelta


async def test_a_paid_order_earns_points_that_wait_for_the_time_for_returns(
    shop, seller, members, runner
):
    await seller.product("tea", price=10_000)
    li = await members.one()
    await li.up_to("completed", {"tea": 2})
    await runner.drain()
    assert ((await li.points()).available, (await li.points()).pending) == (0, 200)
    shop.clock.advance(timedelta(days=7, minutes=11))
    await runner.drain()
    assert ((await li.points()).available, (await li.points()).pending) == (200, 0)


async def test_ten_points_pay_one_yuan(shop, seller, members, runner):
    await seller.product("tea", price=10_000)
    li = await members.one()
    await li.given(305)
    placed = await li.place({"tea": 1}, extras={"loyalty.points": "305"})
    assert placed.status_code == 201, placed.text
    assert placed.json()["total"] == 10_000 - 3_050 + placed.json()["delivery_fee"]
    assert ((await li.points()).available, (await li.points()).held) == (0, 305)
