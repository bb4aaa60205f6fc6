"""An offer that wins brings what it uses up; one that does not leaves no trace."""

import asyncio
import json
from typing import ClassVar

import msgspec
import pytest

from jishi.checkout import merge_carts
from jishi.db import Table, Text
from jishi.effects import ORDER, Claim, Open, Record
from jishi.ledger import balances, check
from jishi.orders import Objection, ShipmentRefused, pay_order, ship_order
from jishi.payments import cancel_order
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Basket, Offer, make_bill


class Use(Table, tablename="tickets_uses"):
    """Who used a ticket."""

    id = Text(primary_key=True)
    order_id = Text()


class Tickets(Plugin):
    """One fen less for whoever says so, as long as there are tickets."""

    declaration: ClassVar[Declaration] = Declaration(name="tickets", version="1.0", tables=(Use,))
    loss: ClassVar[int] = 1
    seen: ClassVar[list[object]] = []

    @hookimpl
    def load_groups(self, member, at):
        return ["gold"]

    @hookimpl
    def adjust_price(self, basket, lane, nets):
        self.seen.append((basket.extras, basket.region, basket.groups))
        if lane != "promotion" or basket.extras.get("tickets.want") != "yes":
            return None
        effects = (
            Open(account="tickets:all", unit="ticket", key="open", balance=2),
            Claim(account="tickets:all", amount=1, key="one", refusal="The tickets are gone."),
            Record(
                table="tickets_uses",
                row={"id": ORDER, "order_id": ORDER},
                key="use",
            ),
        )
        others = (0,) * (len(nets.lines) - 1)
        return [
            Offer(
                rule="ticket", reason="票", amounts=(-1, *others), together="t", effects=effects
            ),
            Offer(rule="more", reason="再减", amounts=(-2, *others), together="t"),
            Offer(
                rule="loser",
                reason="",
                amounts=(-2, *others),
                effects=(Claim(account="tickets:never", amount=1, key="never"),),
            ),
        ]

    @hookimpl
    def effects_of_placing(self, draft):
        if said := draft.extras.get("tickets.said"):
            row = {"id": f"said:{said}", "order_id": ORDER}
            return [Record(table="tickets_uses", row=row, key="said")]
        return None

    @hookimpl
    async def review_shipment(self, order):
        if order.note == "wait":
            return [Objection(code="wait", message="Not yet.")]
        return None


@pytest.fixture
def shop_plugins(shop_plugins):
    Tickets.seen.clear()
    return shop_plugins | {"tickets": Tickets}


@pytest.fixture
async def shelf(shop, seller):
    async with shop.database.transaction() as tx:
        await tx.define("CREATE TABLE tickets_uses (id TEXT PRIMARY KEY, order_id TEXT NOT NULL)")
    await seller.product("tea", price=1000, stock=50)


WANT = {"extras": {"tickets.want": "yes"}}


async def tickets(shop):
    found = (await balances(shop.database, ["tickets:all"]))["tickets:all"]
    return (found.balance, found.held)


async def test_a_quote_uses_nothing_up(shop, shelf, shopper):
    body = {"lines": [{"sku": "tea"}], **WANT}
    answer = await shopper.send("POST", "/store/quotes", json=body)
    rules = [one["rule"] for one in answer.json()["adjustments"]]
    assert (answer.json()["lines"][0]["total"], rules) == (997, ["more", "ticket", "vat_included"])
    assert await tickets(shop) == (0, 0)


async def test_an_order_claims_for_the_winners_and_names_itself(shop, shelf, shopper):
    order = (await shopper.place({"tea": 1}, **WANT)).json()
    assert order["lines"][0]["total"] == 997
    assert await tickets(shop) == (2, 1)
    assert await shop.database.fetch("SELECT order_id FROM tickets_uses") == [(order["id"],)]
    rows = await shop.database.fetch("SELECT account FROM ledger_holds WHERE account LIKE 'tick%'")
    assert rows == [("tickets:all",)]


async def test_the_last_ones_are_not_sold_twice(shop, shelf, shopper):
    guests = [shopper.another() for _ in range(8)]
    answers = await asyncio.gather(*(one.place({"tea": 1}, **WANT) for one in guests))
    assert sorted(one.status_code for one in answers) == [201] * 2 + [409] * 6
    refused = next(one for one in answers if one.status_code == 409)
    assert "The tickets are gone." in refused.text
    assert await tickets(shop) == (2, 2)


async def test_cancelled_it_comes_back_once_and_paid_it_is_gone(shop, shelf, shopper):
    first = (await shopper.place({"tea": 1}, **WANT)).json()
    await cancel_order(shop, first["id"], "guest", "", "k")
    await cancel_order(shop, first["id"], "guest", "", "k")
    assert await tickets(shop) == (2, 0)
    second = await shopper.up_to("placed", {"tea": 1})
    await shopper.place({"tea": 1}, **WANT)
    assert second["lines"][0]["total"] == 1000
    assert await check(shop.database) == []


async def test_a_wish_for_nobody_is_refused(shelf, shopper):
    answer = await shopper.place({"tea": 1}, extras={"nobody.want": "yes"})
    assert (answer.status_code, answer.json()["field"]) == (422, "extras")
    answer = await shopper.place({"tea": 1}, extras={"Tickets": "yes"})
    assert answer.status_code in (400, 422)


async def test_wishes_stay_with_the_cart_and_reach_the_plugin(shop, shelf, shopper):
    cart = (await shopper.send("POST", "/store/carts")).json()["cart"]
    await shopper.send("POST", f"/store/carts/{cart['id']}/lines", json={"sku": "tea"})
    said = await shopper.send("PATCH", f"/store/carts/{cart['id']}", json=WANT)
    assert said.json()["extras"] == {"tickets.want": "yes"}
    shown = await shopper.send("GET", f"/store/carts/{cart['id']}/quote")
    assert shown.json()["lines"][0]["total"] == 997
    extras, _, groups = Tickets.seen[-1]
    assert (extras["tickets.want"], groups) == ("yes", frozenset())


async def test_review_shipment(shop, shelf, shopper, seller):
    answer = await shopper.place({"tea": 1}, note="wait")
    order = answer.json()
    await pay_order(shop, order["id"], order["total"], "test")
    with pytest.raises(ShipmentRefused, match="Not yet"):
        await ship_order(shop, order["id"], "staff:1", "k")


async def test_effects_of_placing(shop, shelf, shopper):
    order = (await shopper.place({"tea": 1}, extras={"tickets.said": "live"})).json()
    rows = await shop.database.fetch("SELECT id, order_id FROM tickets_uses")
    assert rows == [("said:live", order["id"])]


async def test_load_groups(shop, shelf):
    basket = Basket(items=(), at=shop.clock.now(), member="m", groups=frozenset({"a.b"}))
    await make_bill(shop, basket)
    await make_bill(shop, msgspec.structs.replace(basket, member=None, groups=frozenset()))
    seen = [groups for _, _, groups in Tickets.seen]
    assert seen[0] == {"a.b", "tickets.gold"}
    assert seen[-1] == frozenset()


async def test_wishes_of_a_guest_come_along_when_he_logs_in(shop, shelf, shopper):
    cart = (await shopper.send("POST", "/store/carts")).json()["cart"]
    await shopper.send("POST", f"/store/carts/{cart['id']}/lines", json={"sku": "tea"})
    await shopper.send("PATCH", f"/store/carts/{cart['id']}", json=WANT)

    async def merge(tx):
        return await merge_carts(tx, shopper.id, "member-1", "web", shop.clock.now())

    merged = await shop.database.atomically(merge)
    rows = await shop.database.fetch("SELECT extras FROM checkout_carts WHERE id = $1", merged)
    assert json.loads(str(rows[0][0])) == {"tickets.want": "yes"}
