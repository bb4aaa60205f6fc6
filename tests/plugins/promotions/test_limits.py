"""Limits hold however many want it at once: for coupons and for what applies by itself."""

import asyncio
from datetime import timedelta

import pytest

from jishi.orders import pay_order
from jishi.payments import cancel_order
from jishi_promotions.coupons import NewCode, add_code
from jishi_promotions.hear import give_back

TENTH = {"kind": "percent", "steps": [{"off": 1000}]}
REDEEMED = "SELECT COUNT(*) FROM promotions_redemptions WHERE campaign = $1"


@pytest.fixture
def shop_tables(shop_tables):
    """Give a shop in which one shopper may have many unpaid orders."""
    return shop_tables | {"checkout": {"unpaid_orders": 100}}


def discounted(orders):
    """How many orders were placed at the lower price."""
    placed = [one.json() for one in orders if one.status_code == 201]
    assert placed or all(one.status_code == 409 for one in orders)
    return sum(sum(line["total"] for line in order["lines"]) < 20_000 for order in placed)


class TestACouponForOne:
    """A code with one use."""

    async def test_a_hundred_buyers_use_it_once(self, shop, seller, shopper, run, codes, rows):
        await seller.product("tea", price=20_000, stock=200)
        campaign = await run(trigger="coupon", benefit=TENTH)
        (code,) = await codes(campaign)
        buyers = [shopper.another() for _ in range(100)]
        orders = await asyncio.gather(*(one.place({"tea": 1}, codes=[code]) for one in buyers))
        assert discounted(orders) == 1
        assert (await rows(REDEEMED, campaign.id))[0][0] == 1

    async def test_without_the_floor_more_than_one_does(
        self, shop, seller, shopper, run, codes, without
    ):
        await without("floor", shop.database)
        await seller.product("tea", price=20_000, stock=200)
        campaign = await run(trigger="coupon", benefit=TENTH)
        (code,) = await codes(campaign)
        buyers = [shopper.another() for _ in range(12)]
        orders = await asyncio.gather(*(one.place({"tea": 1}, codes=[code]) for one in buyers))
        assert discounted(orders) > 1


class TestAnAutomaticLimit:
    """A promotion that ends by itself after so many orders."""

    async def test_a_hundred_buyers_get_it_once(self, shop, seller, shopper, run, left):
        await seller.product("tea", price=20_000, stock=200)
        campaign = await run(benefit=TENTH, limits={"total": 1})
        buyers = [shopper.another() for _ in range(100)]
        orders = await asyncio.gather(*(one.place({"tea": 1}) for one in buyers))
        assert discounted(orders) == 1
        assert await left(f"promotions:{campaign.id}:uses") == 0

    async def test_without_the_floor_more_than_one_gets_it(
        self, shop, seller, shopper, run, without
    ):
        await without("floor", shop.database)
        await seller.product("tea", price=20_000, stock=200)
        await run(benefit=TENTH, limits={"total": 1})
        buyers = [shopper.another() for _ in range(12)]
        orders = await asyncio.gather(*(one.place({"tea": 1}) for one in buyers))
        assert discounted(orders) > 1

    async def test_who_comes_later_pays_the_full_price_and_is_served(
        self, seller, shopper, run, price
    ):
        await seller.product("tea", price=20_000, stock=200)
        await run(benefit=TENTH, limits={"total": 1})
        assert (await shopper.place({"tea": 1})).status_code == 201
        assert await price(shopper, {"tea": 1}) == 20_000

    async def test_a_budget_is_never_overdrawn(self, shop, seller, shopper, run, left):
        await seller.product("tea", price=20_000, stock=200)
        campaign = await run(benefit=TENTH, limits={"budget": 5000})
        buyers = [shopper.another() for _ in range(20)]
        orders = await asyncio.gather(*(one.place({"tea": 1}) for one in buyers))
        assert discounted(orders) == 2
        assert await left(f"promotions:{campaign.id}:budget") == 1000

    async def test_a_day_begins_anew_in_the_shops_zone(self, shop, seller, shopper, run, price):
        await seller.product("tea", price=20_000, stock=200)
        await run(benefit=TENTH, limits={"per_day": 1})
        await shopper.place({"tea": 1})
        assert await price(shopper, {"tea": 1}) == 20_000
        shop.clock.advance(timedelta(hours=8))  # 08:00 UTC is 16:00 there, now it is midnight
        assert await price(shopper, {"tea": 1}) == 18_000


class TestAMembersLimit:
    """A promotion that each member gets once."""

    async def test_fifty_carts_of_a_member_get_it_once(self, seller, joined, run):
        await seller.product("tea", price=20_000, stock=200)
        await run(benefit=TENTH, limits={"per_member": 1})
        member = await joined()
        orders = await asyncio.gather(*(member.place({"tea": 1}) for _ in range(50)))
        assert discounted(orders) == 1

    async def test_fifty_carts_of_a_member_use_a_coupon_for_all_once(
        self, seller, joined, run, promotions
    ):
        await seller.product("tea", price=20_000, stock=200)
        campaign = await run(trigger="coupon", benefit=TENTH, limits={"per_member": 1})
        await add_code(promotions.desk, campaign.id, NewCode(code="SPRING"), "staff:test")
        member = await joined()
        orders = await asyncio.gather(
            *(member.place({"tea": 1}, codes=["spring"]) for _ in range(50))
        )
        assert discounted(orders) == 1

    async def test_without_the_floor_he_gets_it_more_often(
        self, shop, seller, joined, run, without
    ):
        await without("floor", shop.database)
        await seller.product("tea", price=20_000, stock=200)
        await run(benefit=TENTH, limits={"per_member": 1})
        member = await joined()
        orders = await asyncio.gather(*(member.place({"tea": 1}) for _ in range(12)))
        assert discounted(orders) > 1

    async def test_the_first_order_is_one_order_however_many_are_placed_at_once(
        self, seller, joined, run
    ):
        await seller.product("tea", price=20_000, stock=200)
        await run(benefit=TENTH, audience={"who": "first_order"})
        member = await joined()
        orders = await asyncio.gather(*(member.place({"tea": 1}) for _ in range(10)))
        assert discounted(orders) == 1

    async def test_somebody_else_still_gets_it(self, seller, joined, run):
        await seller.product("tea", price=20_000, stock=200)
        await run(benefit=TENTH, limits={"per_member": 1})
        for _ in range(2):
            member = await joined()
            assert discounted([await member.place({"tea": 1})]) == 1


class TestWhatComesBack:
    """An order that ends gives back what it used, once."""

    async def test_cancelled_before_it_is_paid(self, shop, seller, shopper, run, runner, left):
        await seller.product("tea", price=20_000)
        campaign = await run(benefit=TENTH, limits={"total": 1})
        order = (await shopper.place({"tea": 1})).json()
        for _ in range(2):
            await cancel_order(shop, order["id"], "test")
            await runner.drain()
        assert await left(f"promotions:{campaign.id}:uses") == 1

    async def test_cancelled_after_it_was_paid(self, shop, seller, shopper, run, runner, left):
        await seller.product("tea", price=20_000)
        campaign = await run(benefit=TENTH, limits={"total": 1, "budget": 2000})
        order = (await shopper.place({"tea": 1})).json()
        await pay_order(shop, order["id"], order["total"], "test")
        assert await left(f"promotions:{campaign.id}:uses") == 0
        await asyncio.gather(
            *(cancel_order(shop, order["id"], "test@1") for _ in range(5)), return_exceptions=True
        )
        await runner.drain()
        assert await left(f"promotions:{campaign.id}:uses") == 1
        assert await left(f"promotions:{campaign.id}:budget") == 2000

    async def test_expired(self, shop, seller, shopper, run, codes, runner, price):
        await seller.product("tea", price=20_000)
        campaign = await run(trigger="coupon", benefit=TENTH)
        (code,) = await codes(campaign)
        await shopper.place({"tea": 1}, codes=[code])
        assert await price(shopper.another(), {"tea": 1}, codes=[code]) == 20_000
        shop.clock.advance(timedelta(minutes=16))
        await runner.drain()
        assert await price(shopper.another(), {"tea": 1}, codes=[code]) == 18_000

    @pytest.mark.parametrize(("policy", "comes"), [("refund", 1), ("cancel", 0), ("never", 0)])
    async def test_refunded_in_full_where_the_rule_says_so(
        self, shop, seller, shopper, run, policy, comes, left
    ):
        await seller.product("tea", price=20_000)
        campaign = await run(benefit=TENTH, limits={"total": 1}, returned=policy)
        order = await shopper.up_to("paid", {"tea": 1})
        async with shop.database.transaction() as tx:
            await tx.execute(
                "UPDATE orders_orders SET refunded = total WHERE id = $1", order["id"]
            )
        plugin = shop.hooks.plugin("promotions")
        for _ in range(2):
            await give_back(plugin.desk, order["id"], "refund")
        assert await left(f"promotions:{campaign.id}:uses") == comes

    async def test_a_part_of_the_money_gives_nothing_back(self, shop, seller, shopper, run, left):
        await seller.product("tea", price=20_000)
        campaign = await run(benefit=TENTH, limits={"total": 1})
        order = await shopper.up_to("paid", {"tea": 1})
        await give_back(shop.hooks.plugin("promotions").desk, order["id"], "refund")
        assert await left(f"promotions:{campaign.id}:uses") == 0
