"""What an order earns and spends, and what becomes of it when goods come back."""

import asyncio
import random
from datetime import timedelta

import pytest

from jishi.ledger import check, statement
from jishi.orders import cancel_order, find_order, pay_order
from jishi_loyalty.scheme import scheme_of
from jishi_loyalty.settle_order import settle_order

ONCE = pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
"""For tests whose statements others have run on both databases."""


async def ripe(shop, runner):
    """Let the time for returns go by."""
    shop.clock.advance(timedelta(days=7, minutes=11))
    await runner.drain()


def three(holding):
    """What can be spent, what waits, what is owed."""
    return holding.available, holding.pending, holding.debt


async def spend(buyer, runner, points, pieces=None):
    """An order of this buyer's that points help to pay; it is paid."""
    placed = await buyer.place(pieces or {"tea": 1}, extras={"loyalty.points": str(points)})
    assert placed.status_code == 201, placed.text
    order = placed.json()
    await pay_order(buyer.shop, order["id"], order["total"], "test")
    await runner.drain()
    return order


async def test_a_paid_order_earns_points_that_wait_for_the_time_for_returns(
    shop, seller, members, runner
):
    await seller.product("tea", price=10_000)
    li = await members.one()
    await li.up_to("completed", {"tea": 2})
    await runner.drain()
    assert three(await li.points()) == (0, 200, 0)
    await ripe(shop, runner)
    assert three(await li.points()) == (200, 0, 0)


@ONCE
async def test_ten_points_pay_one_yuan(shop, seller, members, runner):
    await seller.product("tea", price=10_000)
    li = await members.one()
    await li.given(305)
    placed = await li.place({"tea": 1}, extras={"loyalty.points": "305"})
    order = placed.json()
    assert order["total"] == 10_000 - 3_050 + order["delivery_fee"]
    assert ((await li.points()).available, (await li.points()).held) == (0, 305)
    await pay_order(shop, order["id"], order["total"], "test")
    await runner.drain()
    # 69.50 yuan were paid for goods
    assert three(await li.points()) == (0, 69, 0)


@ONCE
async def test_no_more_is_spent_than_there_is_and_than_the_goods_cost(seller, members):
    await seller.product("tea", price=1_005)
    li = await members.one()
    await li.given(1_000)
    placed = (await li.place({"tea": 1}, extras={"loyalty.points": "all"})).json()
    # 10.05 yuan are 100.5 points: 101 are the fewest that pay it
    assert placed["total"] == placed["delivery_fee"]
    assert ((await li.points()).available, (await li.points()).held) == (899, 101)


@ONCE
async def test_a_guest_spends_nothing(seller, shopper):
    await seller.product("tea", price=1_000)
    placed = (await shopper.place({"tea": 1}, extras={"loyalty.points": "50"})).json()
    assert placed["total"] == 1_000 + placed["delivery_fee"]


async def test_an_order_that_is_not_paid_gives_its_points_back(shop, seller, members, runner):
    await seller.product("tea", price=10_000)
    li = await members.one()
    await li.given(100)
    order = (await li.place({"tea": 1}, extras={"loyalty.points": "100"})).json()
    await cancel_order(shop, order["id"], "test")
    await runner.drain()
    assert three(await li.points()) == (100, 0, 0)


async def test_a_refund_takes_back_what_was_earned_and_returns_what_was_spent(
    shop, seller, members, runner, refund
):
    await seller.product("tea", price=10_000)
    li = await members.one()
    await li.given(300)
    order = await spend(li, runner, 300, {"tea": 3})
    assert three(await li.points()) == (0, 270, 0)
    await refund(order["id"], {"tea": 1})
    await runner.drain()
    assert three(await li.points()) == (100, 180, 0)
    await refund(order["id"], {"tea": 2})
    await runner.drain()
    assert three(await li.points()) == (300, 0, 0)
    assert await check(shop.database) == []


async def test_returned_points_keep_their_old_end(shop, seller, members, runner, refund):
    await seller.product("tea", price=10_000)
    li = await members.one()
    await li.given(100)
    before = [(lot.points, lot.expires_at) for lot in (await li.points()).lots]
    order = await spend(li, runner, 60)
    await refund(order["id"])
    await runner.drain()
    assert [(lot.points, lot.expires_at) for lot in (await li.points()).lots] == before


class TestRolling:
    """Points that last a month."""

    @pytest.fixture
    def loyalty_settings(self):
        return {"expiry": "rolling", "expiry_months": 1, "warn_days": 10}

    async def test_points_that_ended_come_back_ended(self, shop, seller, members, runner, refund):
        await seller.product("tea", price=10_000)
        li = await members.one()
        await li.given(100)
        order = await spend(li, runner, 60)
        shop.clock.advance(timedelta(days=40))
        await runner.drain()
        assert (await li.points()).available == 0
        await refund(order["id"])
        await runner.drain()
        holding = await li.points()
        assert three(holding) == (0, 0, 0)
        (lot,) = await shop.database.fetch(
            "SELECT id, lost FROM loyalty_lots WHERE source = 'granted'"
        )
        entries = await statement(shop.database, f"points:{li.id}:{lot[0]}")
        assert [(each.amount, each.reason) for each in entries[:2]] == [
            (-60, "expired"),
            (60, "returned goods"),
        ]

    async def test_members_hear_of_points_that_end_soon_and_once(self, shop, members, runner):
        li = await members.one()
        await li.given(100)
        shop.clock.advance(timedelta(days=25))
        await runner.drain()
        shop.clock.advance(timedelta(days=1))
        await runner.drain()
        told = await shop.database.fetch(
            "SELECT data FROM events_outbox WHERE name = 'loyalty.points_expiring'"
        )
        assert len(told) == 1
        assert '"points":100' in str(told[0][0])

    async def test_what_an_unpaid_order_holds_ends_when_it_lets_go(
        self, shop, seller, members, runner
    ):
        await seller.product("tea", price=10_000)
        li = await members.one()
        await li.given(100)
        start = shop.clock.now()
        shop.clock.advance((await li.points()).lots[0].expires_at - start - timedelta(minutes=1))
        await li.place({"tea": 1}, extras={"loyalty.points": "40"})
        shop.clock.advance(timedelta(minutes=2))
        await runner.drain()
        shop.clock.advance(timedelta(hours=2))
        await runner.drain()
        shop.clock.advance(timedelta(hours=2))
        await runner.drain()
        assert three(await li.points()) == (0, 0, 0)
        assert await check(shop.database) == []


async def test_buying_with_points_that_are_returned_later_is_not_for_free(
    shop, seller, members, runner, refund
):
    await seller.product("tea", price=10_000)
    await seller.product("cup", price=1_000)
    li = await members.one()
    first = await li.up_to("completed", {"tea": 1})
    await ripe(shop, runner)
    second = await spend(li, runner, 100, {"cup": 1})
    await refund(first["id"])
    await runner.drain()
    holding = await li.points()
    assert (holding.balance, holding.debt) == (-100, 100)
    await refund(second["id"])
    await runner.drain()
    assert three(await li.points()) == (0, 0, 0)


async def test_two_orders_race_for_the_same_points_and_one_gets_them(seller, members, client):
    await seller.product("tea", price=10_000, stock=20)
    li = await members.one()
    await li.given(100)
    answers = await asyncio.gather(
        *(li.place({"tea": 1}, extras={"loyalty.points": "100"}) for _ in range(4))
    )
    totals = sorted(each.json()["total"] for each in answers if each.status_code == 201)
    assert [total for total in totals if total < 10_000] == totals[:1]
    assert (await li.points()).held == 100


@ONCE
async def test_settling_again_changes_nothing(shop, seller, members, runner, refund):
    await seller.product("tea", price=10_000)
    li = await members.one()
    await li.given(100)
    order = await spend(li, runner, 50)
    await refund(order["id"])
    await runner.drain()
    before = await li.points()
    for _ in range(3):
        await settle_order(scheme_of(shop), order["id"])
    assert await li.points() == before


async def test_orders_bought_and_returned_in_any_order_end_where_it_began(
    shop, seller, members, runner, refund
):
    await seller.product("tea", price=3_333, stock=1_000)
    await seller.product("cup", price=997, stock=1_000)
    li, dice = await members.one(), random.Random(7)
    await li.given(400)
    began = [(lot.points, lot.expires_at) for lot in (await li.points()).lots]
    orders = []
    for _ in range(5):
        pieces = {"tea": dice.randint(1, 3), "cup": dice.randint(1, 4)}
        orders.append((await spend(li, runner, dice.randint(0, 200), pieces), pieces))
    left = [
        (order["id"], sku)
        for order, pieces in orders
        for sku in pieces
        for _ in range(pieces[sku])
    ]
    dice.shuffle(left)
    for order_id, sku in left:
        await refund(order_id, {sku: 1})
        if dice.random() < 0.3:
            await runner.drain()
    await runner.drain()
    holding = await li.points()
    assert three(holding) == (400, 0, 0)
    assert [(lot.points, lot.expires_at) for lot in holding.lots] == began
    assert await check(shop.database) == []


@ONCE
class TestJoining:
    """Guests who become members by buying."""

    async def test_a_guest_joins_by_the_first_paid_order(
        self, shop, seller, shopper, members, runner
    ):
        await seller.product("tea", price=10_000)
        order = await shopper.up_to("paid", {"tea": 1})
        await runner.drain()
        # the address of the order has this number
        li = await members.one("+8613800138000")
        assert three(await li.points()) == (0, 100, 0)
        assert (await find_order(shop.database, order["id"])).member is None

    async def test_and_only_once_however_often_it_is_heard(
        self, shop, seller, shopper, members, runner
    ):
        await seller.product("tea", price=10_000)
        order = await shopper.up_to("paid", {"tea": 1})
        await runner.drain()
        for _ in range(2):
            await settle_order(scheme_of(shop), order["id"])
        li = await members.one("+8613800138000")
        assert (await li.points()).pending == 100


class TestRewards:
    """What points buy."""

    @pytest.fixture
    def loyalty_settings(self):
        return {
            "rewards": [
                {"code": "cup", "title": "杯子", "points": 300, "sku": "cup"},
                {"code": "ten", "title": "十元券", "points": 80, "coupon": "TEN", "per_member": 1},
            ]
        }

    async def test_goods_in_the_cart_cost_points_and_their_return_gives_exactly_those(
        self, shop, seller, members, runner, refund
    ):
        await seller.product("tea", price=10_000)
        await seller.product("cup", price=5_000)
        li = await members.one()
        await li.given(400)
        extras = {"loyalty.rewards": "cup", "loyalty.points": "100"}
        order = (await li.place({"tea": 1, "cup": 1}, extras=extras)).json()
        assert order["total"] == 15_000 - 5_000 - 1_000 + order["delivery_fee"]
        await pay_order(shop, order["id"], order["total"], "test")
        await runner.drain()
        await refund(order["id"], {"cup": 1})
        await runner.drain()
        # the cup alone came back: what it cost in points, and not what the tea got off
        assert (await li.points()).available == 300
        await refund(order["id"], {"tea": 1})
        await runner.drain()
        assert three(await li.points()) == (400, 0, 0)

    async def test_a_coupon_is_taken_once_per_key_and_told_once(self, shop, members, runner):
        li = await members.one()
        await li.given(200)
        for replayed in (None, "true"):
            answer = await li.send(
                "POST", "/loyalty/rewards/ten", headers={"idempotency-key": "k1"}
            )
            assert answer.status_code == 201, answer.text
            assert answer.headers.get("idempotent-replayed") == replayed
        again = await li.send("POST", "/loyalty/rewards/ten", headers={"idempotency-key": "k2"})
        assert (again.status_code, again.json()["code"]) == (409, "reward_limit")
        told = await shop.database.fetch(
            "SELECT data FROM events_outbox WHERE name = 'loyalty.reward_taken'"
        )
        assert len(told) == 1
        assert (await li.points()).available == 120


@ONCE
class TestTopUps:
    """Money is no goods."""

    @pytest.fixture
    def loyalty_settings(self):
        return {
            "tiers": [{"code": "gold", "title": "金卡", "reach": 1, "percent_off": 10}],
            "value": {"enabled": "yes", "plans": [{"sku": "top", "pay": 10_000, "gift": 0}]},
        }

    async def test_a_top_up_earns_nothing_lifts_nobody_and_costs_no_points(
        self, shop, seller, members, runner
    ):
        await seller.product("top", price=10_000)
        await seller.product("tea", price=10_000)
        li = await members.one()
        await li.up_to("paid", {"tea": 1})
        await runner.drain()
        await li.given(500)
        placed = await li.place({"top": 1}, extras={"loyalty.points": "500"})
        assert placed.status_code == 201, placed.text
        assert placed.json()["total"] - placed.json()["delivery_fee"] == 10_000
        await pay_order(shop, placed.json()["id"], placed.json()["total"], "test")
        await runner.drain()
        assert three(await li.points()) == (500, 100, 0)
