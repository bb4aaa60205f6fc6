"""Whether the shop lives, can serve, and what it counts."""

import re

import pytest

from jishi.web import MigrationsPending, create_app, require_tables


async def test_a_process_that_answers_is_alive(client):
    assert (await client.get("/health/live")).json() == {"status": "alive"}


async def test_a_shop_with_everything_is_ready(client, shop):
    answer = await client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["database"] == shop.database.dialect


async def test_without_its_database_a_shop_lives_but_is_not_ready(client, shop):
    await shop.database.stop()
    assert (await client.get("/health/live")).status_code == 200
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert "retry-after" in answer.headers


async def test_with_migrations_to_come_it_is_not_ready(client, shop):
    async with shop.database.transaction() as tx:
        await tx.execute("DELETE FROM jishi_migrations WHERE source = 'checkout'")
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")


async def test_a_shop_with_migrations_to_come_does_not_start(shop):
    async with shop.database.transaction() as tx:
        await tx.execute("DELETE FROM jishi_migrations WHERE source = 'checkout'")
    with pytest.raises(MigrationsPending) as caught:
        await require_tables(shop)
    assert "checkout m0001_initial" in caught.value.detail
    assert "jishi db upgrade" in caught.value.next_step


def counted(text: str, name: str) -> float:
    return float(re.search(rf"^{name} ([\d.e+]+)$", text, re.MULTILINE)[1])


async def test_requests_are_counted_by_route_and_never_by_address(client, shopper):
    await shopper.send("GET", "/store/carts/one")
    await shopper.send("GET", "/store/carts/two")
    text = (await client.get("/metrics")).text
    labels = r'jishi_requests_total{method="GET",route="/store/carts/{cart_id}",status="404"}'
    assert counted(text, re.escape(labels)) == 2
    assert "carts/one" not in text


async def test_orders_and_the_counters_batches_are_counted(client, seller, shopper):
    await seller.product("tea", stock=3)
    await shopper.up_to("placed", {"tea": 1})
    text = (await client.get("/metrics")).text
    assert counted(text, "jishi_orders_placed_total") == 1
    assert counted(text, "jishi_counter_orders") == 1
    assert counted(text, "jishi_counter_batches") == 1
    assert counted(text, "jishi_jobs_dead") == 0


async def test_two_applications_of_one_process_count_for_themselves(shop):
    assert create_app(shop).state.metrics is not create_app(shop).state.metrics
