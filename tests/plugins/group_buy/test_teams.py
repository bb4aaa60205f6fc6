"""Teams open, fill, end; everybody pays the step that was reached."""

import pytest

from jishi.ledger import check
from jishi.orders import find_order, ship_order
from jishi.orders.problems import ShipmentRefused


@pytest.mark.parametrize(("people", "each"), [(4, 9_000), (5, 8_000)])
async def test_the_step_that_is_reached_is_what_everybody_pays(
    people, each, gathered, passes, net, shop
):
    _, _, orders, _ = await gathered(people)
    await passes(**({"seconds": 1} if people == 5 else {"hours": 25}))  # a full one at once
    assert [await net(order) for order in orders] == [each] * people
    assert await check(shop.database) == []


async def test_a_team_that_is_not_filled_gets_everything_back(gathered, passes, net, shop):
    _, team, orders, _ = await gathered(2)
    await passes(hours=25)
    assert [await net(order) for order in orders] == [0, 0]
    assert {(await find_order(shop.database, order)).status for order in orders} == {"cancelled"}
    assert (await team[0].seat(orders[0]))["team"]["outcome"] == "unfilled"
    ((left,),) = await shop.database.fetch(
        "SELECT balance FROM ledger_accounts WHERE id = 'stock:tea:main'"
    )
    assert left == 500
    assert await check(shop.database) == []


async def test_goods_stay_until_the_team_is_sure(gathered, passes, shop):
    _, _, orders, _ = await gathered(3)
    with pytest.raises(ShipmentRefused, match="成团后才能发货"):
        await ship_order(shop, orders[0], "staff:1", "s1")
    await passes(hours=25)
    shipped = await ship_order(shop, orders[0], "staff:1", "s1")
    assert shipped.order.status == "fulfilling"
