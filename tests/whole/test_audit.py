"""The checker of the crash tests notices what it is there for: its positive controls."""

import msgspec
import pytest

from jishi.db import Transaction
from jishi.identifiers import new_id
from jishi.testing.audit import Journal, Taken, audit

STOCK = {"tea": 10}


@pytest.fixture
async def journal(shopper, seller, runner) -> Journal:
    """A shop with an order that waits and one that is paid through the gateway."""
    await seller.product("tea", stock=STOCK["tea"])
    journal = Journal()
    for key in ("waits", "is-paid"):
        placed = await shopper.place({"tea": 2}, key)
        journal.acknowledge(key, placed.json()["id"])
    return journal


@pytest.fixture
async def taken(journal, shopper, client, paper, runner) -> list[Taken]:
    way = {"gateway": "paper", "method": "scan"}
    order = journal.acknowledged["is-paid"]
    await shopper.send("POST", f"/store/orders/{order}/payments", json=way)
    (number,) = paper.requests
    sheet = paper.pay(number)
    await client.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    await runner.drain()
    return [Taken(number=number, amount=paper.requests[number].amount, returned=0)]


async def change(shop, statement: str, *values: str) -> None:
    async def work(tx: Transaction) -> None:
        assert await tx.execute(statement, *values) > 0

    await shop.database.atomically(work)


async def test_a_sound_shop_has_no_complaints(shop, journal, taken):
    assert await audit(shop, journal, taken, STOCK) == []


async def test_a_lost_order_is_noticed(shop, journal, taken):
    journal.acknowledge("ghost", new_id())
    (complaint,) = await audit(shop, journal, taken, STOCK)
    assert "ghost was acknowledged and is lost" in complaint


async def test_a_repeat_that_made_another_order_is_noticed(shop, journal, taken):
    journal.acknowledge("waits", new_id())
    assert await audit(shop, journal, taken, STOCK) == ["waits was answered with two orders"]


async def test_a_payment_that_no_order_has_is_noticed(shop, journal, taken):
    taken.append(Taken(number="SN-STRAY", amount=500, returned=0))
    (complaint,) = await audit(shop, journal, taken, STOCK)
    assert complaint == "SN-STRAY: 500 fen are on no order and did not go back"


async def test_a_payment_that_counts_twice_is_noticed(shop, journal, taken):
    twin = (new_id(), taken[0].number)
    await change(
        shop,
        "INSERT INTO payments_attempts (id, order_id, number, gateway, method, amount, currency, "
        "status, captured, refunded, merchant, app, transaction_id, reference, parameters, payer, "
        "channel, started_at, expires_at) SELECT $1, order_id, 'SN-TWIN', gateway, method, "
        "amount, currency, status, captured, refunded, merchant, app, 'T-TWIN', reference, "
        "parameters, payer, channel, started_at, expires_at FROM payments_attempts "
        "WHERE number = $2",
        *twin,
    )
    paid = journal.acknowledged["is-paid"]
    double = taken[0].amount * 2
    found = await audit(shop, journal, [*taken, renumbered(taken[0])], STOCK)
    assert f"{paid} is paid: {double} fen kept, {taken[0].amount} due" in found


def renumbered(payment: Taken) -> Taken:
    return msgspec.structs.replace(payment, number="SN-TWIN")


async def test_money_that_came_back_by_itself_is_noticed(shop, journal, taken):
    returned = msgspec.structs.replace(taken[0], returned=1)
    (complaint,) = await audit(shop, journal, [returned], STOCK)
    assert complaint.endswith("0 fen to go back, 1 went")


async def test_goods_that_were_sold_twice_are_noticed(shop, journal, taken):
    await change(shop, "UPDATE orders_lines SET quantity = 9 WHERE sku = 'tea'")
    found = await audit(shop, journal, taken, STOCK)
    assert found[0] == "tea: 9 sold and 9 held of 10"


async def test_an_order_that_nobody_heard_of_is_noticed(shop, journal, taken):
    waits = journal.acknowledged["waits"]
    await change(shop, "UPDATE events_outbox SET state = 'new' WHERE subject = $1", waits)
    assert await audit(shop, journal, taken, STOCK) == [f"{waits}: nobody was told"]
