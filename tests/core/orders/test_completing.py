"""What was shipped long ago is completed, whatever stands before it."""

from datetime import timedelta

from jishi import hookspecs
from jishi.orders import Order, complete_arrived, find_order, pay_order, ship_order
from jishi.plugins import Declaration, Plugin, hookimpl, hooks_for
from jishi.shop import Shop
from jishi.testing.orders import place


async def shipped(shop: Shop, pieces: int) -> Order:
    """An order of two pieces, so many of which have left the house."""
    order = await place(shop, [("tea", 2, 200)])
    await pay_order(shop, order.id, 200, "gateway:paper")
    lines = [(order.lines[0].id, pieces)]
    done = await ship_order(shop, order.id, "staff:1", f"k:{order.id}", lines=lines)
    shop.clock.advance(timedelta(seconds=1))
    return done.order


async def status(shop: Shop, order: Order) -> str:
    return (await find_order(shop.database, order.id)).status


class Stubborn(Plugin):
    """Keeps some orders from being completed."""

    declaration = Declaration(name="stubborn", version="1.0.0", required="yes")

    def __init__(self):
        self.orders = set()

    @hookimpl
    def effects_of_order(self, order, transition):
        if transition == "complete" and order.id in self.orders:
            raise RuntimeError("not this one")


async def test_orders_with_goods_to_be_shipped_keep_no_other_order_waiting(shop: Shop):
    half = [await shipped(shop, 1) for _ in range(3)]
    whole = [await shipped(shop, 2) for _ in range(3)]
    shop.clock.advance(timedelta(days=16))
    assert await complete_arrived(shop, limit=2) == 3
    assert {await status(shop, one) for one in whole} == {"completed"}
    assert {await status(shop, one) for one in half} == {"fulfilling"}


async def test_orders_that_a_plugin_refuses_keep_no_other_order_waiting(shop: Shop):
    stubborn = Stubborn()
    shop.hooks = hooks_for(hookspecs.FAMILIES, stubborn)
    kept = [await shipped(shop, 2) for _ in range(3)]
    stubborn.orders = {one.id for one in kept}
    free = await shipped(shop, 2)
    shop.clock.advance(timedelta(days=16))
    assert await complete_arrived(shop, limit=1) == 1
    assert await status(shop, free) == "completed"
    assert {await status(shop, one) for one in kept} == {"fulfilling"}


async def test_orders_shipped_at_the_same_moment_are_all_completed(shop: Shop):
    orders = [await shipped(shop, 2) for _ in range(3)]
    at = shop.clock.now()
    async with shop.database.transaction() as tx:
        await tx.execute("UPDATE orders_orders SET shipped_at = $1", at)
    shop.clock.advance(timedelta(days=16))
    assert await complete_arrived(shop, limit=1) == 3
    assert {await status(shop, one) for one in orders} == {"completed"}
