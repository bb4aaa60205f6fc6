"""The database commits and its answer never arrives: nothing is doubled, nothing is lost."""

import sys

import pytest

from jishi.testing.people import ADDRESS

pytestmark = [pytest.mark.slow, pytest.mark.crash]

EVERY = {"short": 20, "long": 100}
"""Of so many COMMITs one answer is lost; the short profile has few COMMITs, so it loses more."""

ONE_KEY_ONE_ORDER = "orders_orders_owner_placing_key_key"


async def orders(build) -> int:
    async with build.opened() as shop:
        ((count,),) = await shop.database.fetch("SELECT count(*) FROM orders_orders")
    return count


@pytest.mark.bar("B04")
async def test_a_lost_answer_to_commit_doubles_and_loses_nothing(
    buyers, serve, build, proxy, profile
):
    await buyers.put_on_sale()
    build.tables["database"]["url"] = proxy.url
    served = serve()
    proxy.commits, proxy.lose_every = 0, EVERY[profile]
    await buyers.rush(4)
    proxy.lose_every = 0
    found = await buyers.complaints(served)
    told = f"{proxy.lost} answers of {proxy.commits} COMMITs lost"
    sys.stdout.write(f"{told}; {buyers.told}\n")
    assert found == []
    assert proxy.lost >= 3
    assert await orders(build) == len(buyers.journal.acknowledged)


@pytest.mark.control
async def test_without_the_key_a_lost_answer_places_an_order_twice(
    buyers, serve, build, proxy, install
):
    """The positive control: the test above would notice."""
    await buyers.put_on_sale()
    async with build.opened() as shop, shop.database.transaction() as tx:
        await tx.define(f"ALTER TABLE orders_orders DROP CONSTRAINT {ONE_KEY_ONE_ORDER}")
    install("forgetful")
    build.tables["database"]["url"] = proxy.url
    serve()
    proxy.commits, proxy.lose_every = 0, 2
    body = {"lines": [{"sku": "tea", "quantity": 1}], "address": ADDRESS}
    for place in range(10):
        me = {"authorization": f"Bearer {buyers.tokens[place]}", "idempotency-key": "tea"}
        assert (await buyers.insist("/store/orders", me, body)).is_success
    proxy.lose_every = 0
    assert proxy.lost
    assert await orders(build) > 10
