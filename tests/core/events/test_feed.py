"""A feed gives every reader every fact once, whichever transaction was slow."""

import asyncio
from datetime import timedelta

import pytest

from jishi.events import Feed, Handlers, Happened, Runner, emit
from jishi.events.jobs import register
from jishi.shop import Shop


def published(product: str) -> Happened:
    return Happened(name="product.published", subject=product, data={}, key=product)


async def publish(shop: Shop, *products: str) -> None:
    async with shop.database.transaction() as tx:
        await emit(tx, shop, [published(one) for one in products])


async def test_a_reader_starts_now_and_reads_on(shop: Shop):
    feed = Feed(shop.database)
    await publish(shop, "before")
    position, facts = await feed.since(None)
    assert facts == []
    await publish(shop, "p1", "p2")
    await publish(shop, "p3")
    position, facts = await feed.since(position)
    assert [one.subject for one in facts] == ["p1", "p2", "p3"]
    position, facts = await feed.since(position)
    assert facts == []


async def test_readers_do_not_disturb_each_other(shop: Shop):
    feed = Feed(shop.database)
    start, _ = await feed.since(None)
    await publish(shop, "p1")
    for _ in range(2):
        _, facts = await feed.since(start)
        assert [one.subject for one in facts] == ["p1"]


async def test_a_fact_of_a_slow_transaction_is_neither_lost_nor_a_delay_for_others(shop: Shop):
    if shop.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer: no transaction can be slower than a later one")
    feed = Feed(shop.database)
    position, _ = await feed.since(None)
    written, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        async with shop.database.transaction() as tx:
            await emit(tx, shop, [published("slow")])
            written.set()
            await go_on.wait()

    slow = asyncio.create_task(slowly())
    await written.wait()
    await publish(shop, "quick")
    position, facts = await feed.since(position)
    assert [one.subject for one in facts] == ["quick"]
    position, facts = await feed.since(position)
    assert facts == []
    go_on.set()
    await slow
    position, facts = await feed.since(position)
    assert [one.subject for one in facts] == ["slow"]
    _, facts = await feed.since(position)
    assert facts == []


async def test_a_reader_misses_nothing_while_many_write(shop: Shop):
    feed = Feed(shop.database)
    position, _ = await feed.since(None)
    read: list[str] = []
    writers = [asyncio.create_task(publish(shop, f"p{number}")) for number in range(100)]
    while not all(one.done() for one in writers):
        position, facts = await feed.since(position)
        read += [one.subject for one in facts]
    _, facts = await feed.since(position)
    read += [one.subject for one in facts]
    assert sorted(read) == sorted(f"p{number}" for number in range(100))


async def test_old_facts_are_forgotten_and_reading_goes_on(shop: Shop):
    handlers = Handlers()
    register(handlers)
    runner = Runner(shop, handlers)
    feed = Feed(shop.database)
    await publish(shop, "p1", "p2")
    await runner.drain()
    position, _ = await feed.since(None)
    shop.clock.advance(timedelta(days=8))
    await runner.drain()
    (row,) = await shop.database.fetch("SELECT count(*) FROM events_outbox")
    assert row[0] < 3
    await publish(shop, "p3")
    _, facts = await feed.since(position)
    assert [one.subject for one in facts] == ["p3"]
