"""Somebody holds what an order needs for too long: a clear answer, and the repeat succeeds."""

import asyncio

import pytest

from jishi.db import Database
from jishi.identifiers import new_id
from jishi.testing.patience import in_time

HOLD = {
    "sqlite": "SELECT 1",
    "postgresql": "SELECT id FROM ledger_accounts WHERE id LIKE 'stock:%' FOR UPDATE",
}


@pytest.fixture
def shop_tables(shop_tables):
    database = shop_tables["database"] | {"lock_seconds": 1, "wait_seconds": 1}
    return shop_tables | {"database": database}


@pytest.mark.measured
async def test_an_order_that_can_not_be_written_is_told_what_to_do(
    shop, shop_config, seller, shopper
):
    await seller.product("tea", stock=3)
    stranger, key = Database.open(shop_config.database.url), new_id()
    await stranger.start()
    try:
        async with stranger.transaction() as tx:
            await tx.fetch(HOLD[stranger.dialect])
            with in_time(6):
                refused = await asyncio.create_task(shopper.place({"tea": 1}, key))
        placed = await shopper.place({"tea": 1}, key)
        again = await shopper.place({"tea": 1}, key)
    finally:
        await stranger.stop()
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    assert "Idempotency-Key" in refused.json()["next_step"]
    assert placed.status_code == 201
    assert again.json()["id"] == placed.json()["id"]
    async with asyncio.timeout(60):  # the jobs read now and then as well
        while shop.database.connections.busy:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_cart_that_can_not_be_written_is_told_what_to_do(
    shop, shop_config, seller, shopper
):
    await seller.product("tea", stock=3)
    cart = (await shopper.send("POST", "/store/carts")).json()["cart"]["id"]
    line = {"sku": "tea", "quantity": 1}
    stranger = Database.open(shop_config.database.url)
    await stranger.start()
    try:
        async with stranger.transaction() as tx:
            await tx.fetch("SELECT id FROM checkout_carts FOR UPDATE")
            send = shopper.send("POST", f"/store/carts/{cart}/lines", json=line)
            refused = await asyncio.create_task(send)
    finally:
        await stranger.stop()
    added = await shopper.send("POST", f"/store/carts/{cart}/lines", json=line)
    assert refused.status_code == 503
    assert refused.json()["next_step"]
    assert refused.headers["retry-after"]
    assert added.status_code == 201, added.text
