"""Whatever is done to an order in whatever sequence: money, goods and state agree."""

import asyncio
import random
from datetime import timedelta

import pytest

from jishi.db import Database
from jishi.events import Runner
from jishi.ledger import balances, check, stock_account
from jishi.orders import (
    RefundLine,
    RefundWish,
    complete_order,
    expire_order,
    find_order,
    ship_order,
    useless_holds,
)
from jishi.payments import attempts_of, cancel_order, refund_order, settle, start_payment
from jishi.payments.list_payments import order_payments
from jishi.problems import Problem
from jishi.shop import Shop
from jishi.testing.gateway import PaperGateway
from jishi.testing.orders import draft_of, fill_stock, place_draft

PIECES = 3


class Hands:
    """Everything that can be done to one order, each possible or refused."""

    def __init__(self, shop: Shop, gateway: PaperGateway, purse, order, dice: random.Random):
        self.shop, self.gateway, self.order, self.dice = shop, gateway, order, dice
        self.purse_money, self.topped_up = purse.money, 0
        self.restocked = 0

    async def purse(self):
        await start_payment(self.shop, self.order.id, "purse", "balance", {}, "member")

    async def top_up(self):
        self.purse_money["anna"] = self.purse_money.get("anna", 0) + 300
        self.topped_up += 300

    async def start(self):
        amount = self.dice.choice([None, None, 400])
        method = self.dice.choice(["scan", "app"])
        payer = {"openid": "o"} if method == "app" else {}
        await start_payment(self.shop, self.order.id, "paper", method, payer, "guest", amount)

    async def pay(self):
        waiting = [one for one, status in self.gateway.statuses.items() if status == "waiting"]
        if waiting:
            self.gateway.pay(self.dice.choice(waiting))

    async def report(self):
        for attempt in self.gateway.requests:
            await settle(self.shop, self.gateway.report(attempt), gateway="paper")

    async def ship(self):
        line = self.order.lines[0].id
        wanted = [(line, self.dice.randint(1, 2))]
        await ship_order(
            self.shop, self.order.id, "staff:1", str(self.dice.random()), lines=wanted
        )

    async def complete(self):
        await complete_order(self.shop, self.order.id, "member")

    async def cancel(self):
        await cancel_order(self.shop, self.order.id, self.dice.choice(["guest", "staff:1"]))

    async def expire(self):
        self.shop.clock.advance(timedelta(minutes=self.dice.choice([1, 16])))
        await expire_order(self.shop, self.order.id)

    async def refund(self):
        wish = self.dice.choice(
            [
                RefundWish(amount=self.dice.randint(1, 1100)),
                RefundWish(lines=(RefundLine(line=self.order.lines[0].id, quantity=1),)),
            ]
        )
        key, restock = str(self.dice.random()), self.dice.choice(["yes", "no"])
        await refund_order(
            self.shop, self.order.id, wish, restock=restock, reason="", key=key, actor="staff:1"
        )

    def any(self):
        names = ["start", "pay", "report", "ship", "complete", "cancel", "expire", "refund"]
        names += ["purse", "top_up"]
        return getattr(self, self.dice.choice(names))


async def must_hold(shop: Shop, gateways, order_id: str) -> None:
    order = await find_order(shop.database, order_id)
    payments = await order_payments(shop.database, order_id)
    assert 0 <= order.refunded <= order.paid <= order.total
    assert (order.paid == order.total) >= (order.status in ("paid", "fulfilling", "completed"))
    for attempt in payments.attempts:
        assert attempt.refunded <= attempt.captured
        gateway = next(one for one in gateways if one.name == attempt.gateway)
        assert gateway.given_back(attempt.number) <= attempt.captured
    line = order.lines[0]
    assert order.refunded == line.refunded_amount + order.delivery_refunded or (
        order.paid < order.total
    )
    posted = await taken(shop.database, order_id)
    assert posted == (PIECES if order.paid_at else 0)
    assert await check(shop.database, [lambda holds: useless_holds(shop, holds)]) == []


async def taken(database: Database, order_id: str) -> int:
    rows = await database.fetch(
        "SELECT CAST(COALESCE(-sum(amount), 0) AS BIGINT) FROM ledger_entries "
        "WHERE operation = 'post' AND reference = $1 AND account = $2",
        order_id,
        stock_account("tea"),
    )
    return rows[0][0]


@pytest.mark.parametrize("seed", range(12))
async def test_any_sequence_of_steps_keeps_the_books_right(
    shop: Shop, gateway: PaperGateway, purse, runner: Runner, seed: int
):
    dice = random.Random(seed)
    await fill_stock(shop, "tea", PIECES)
    lines = [("tea", PIECES, 1000)]
    draft = draft_of(shop, lines, delivery=50, owner="anna", member="anna")
    order = await place_draft(shop, draft)
    hands = Hands(shop, gateway, purse, order, dice)
    for _ in range(15):
        done = await asyncio.gather(
            *(hands.any()() for _ in range(dice.choice([1, 1, 1, 3]))), return_exceptions=True
        )
        for one in done:
            assert one is None or isinstance(one, Problem), one
        await must_hold(shop, (gateway, purse), order.id)
        if dice.random() < 0.3:
            await runner.drain()
    shop.clock.advance(timedelta(minutes=30))
    await runner.drain()
    await must_hold(shop, (gateway, purse), order.id)
    await nothing_is_lost(shop, (gateway, purse), order.id)
    kept = sum(one.captured - one.refunded for one in await from_purse(shop, order.id))
    assert purse.money.get("anna", 0) == hands.topped_up - kept


async def from_purse(shop: Shop, order_id: str):
    return [one for one in await attempts_of(shop.database, order_id) if one.gateway == "purse"]


async def nothing_is_lost(shop: Shop, gateways, order_id: str) -> None:
    """What the gateway took is the order's, or went back; what was refunded has gone."""
    order = await find_order(shop.database, order_id)
    took = sum(
        request.amount
        for gateway in gateways
        for number, request in gateway.requests.items()
        if gateway.statuses[number] == "paid"
    )
    gave = sum(one.given_back(number) for one in gateways for number in one.requests)
    assert took - gave == order.paid - order.refunded
    account = stock_account("tea")
    assert (await balances(shop.database, [account]))[account].held == 0
