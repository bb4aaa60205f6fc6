"""Facts reach their listeners after the commit, each listener by a job of its own."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from jishi.events import (
    Handlers,
    Happened,
    Job,
    Runner,
    backlog,
    dead_jobs,
    emit,
    enqueue,
    first_time,
)
from jishi.hookspecs.checkout import order_paid
from jishi.shop import Shop


class CameToNothing(Exception):
    """Undoes a transaction."""


def paid(order: str = "o1", **data: object) -> Happened:
    return Happened(name="order.paid", subject=order, data=data, key=f"{order}:paid")


async def tell(shop: Shop, *events: Happened) -> None:
    async with shop.database.transaction() as tx:
        await emit(tx, shop, events)


async def test_a_listener_hears_what_happened(shop: Shop):
    heard: list[Happened] = []
    handlers = Handlers()

    async def listen(_: Shop, event: Happened) -> None:
        heard.append(event)

    handlers.on("order.paid", "mail", listen)
    handlers.on("order.shipped", "mail", listen)
    await tell(shop, paid(total=1234, lines=[{"sku": "TEA", "gift": True, "note": None}]))
    assert await Runner(shop, handlers).drain() == 1
    (event,) = heard
    assert (event.name, event.subject, event.key) == ("order.paid", "o1", "o1:paid")
    assert event.data == {"total": 1234, "lines": [{"sku": "TEA", "gift": True, "note": None}]}
    assert event.at == shop.clock.now()


async def test_nothing_is_told_of_what_was_undone(shop: Shop):
    with suppress(CameToNothing):
        async with shop.database.transaction() as tx:
            await emit(tx, shop, [paid()])
            await enqueue(tx, shop, [Job(kind="mail.send", payload={}, key="m1")])
            raise CameToNothing
    behind = await backlog(shop)
    assert (behind.events, behind.jobs) == (0, 0)
    assert not shop.work_waiting.is_set()


async def test_nothing_is_heard_before_the_commit(shop: Shop):
    heard: list[str] = []
    handlers = Handlers()

    async def listen(_: Shop, event: Happened) -> None:
        heard.append(event.subject)

    handlers.on("*", "log", listen)
    runner = Runner(shop, handlers)
    async with shop.database.transaction() as tx:
        await emit(tx, shop, [paid()])
        assert not shop.work_waiting.is_set()
        assert (await asyncio.create_task(backlog(shop))).events == 0
    assert shop.work_waiting.is_set()
    await runner.drain()
    assert heard == ["o1"]


async def test_a_listener_finds_what_was_committed_with_the_event(shop: Shop):
    found: list[int] = []
    handlers = Handlers()

    async def listen(shop: Shop, event: Happened) -> None:
        rows = await shop.database.fetch("SELECT 1 FROM events_inbox WHERE id = $1", event.subject)
        found.append(len(rows))

    handlers.on("order.paid", "mail", listen)
    for number in range(20):
        async with shop.database.transaction() as tx:
            await emit(tx, shop, [paid(f"o{number}")])
            await first_time(tx, "orders", f"o{number}", shop.clock.now())
        await Runner(shop, handlers).drain()
    assert found == [1] * 20


async def test_the_same_key_is_told_once(shop: Shop):
    heard: list[str] = []
    handlers = Handlers()

    async def listen(_: Shop, event: Happened) -> None:
        heard.append(event.subject)

    handlers.on("order.paid", "mail", listen)
    await tell(shop, paid(), paid())
    await Runner(shop, handlers).drain()
    await tell(shop, paid())
    await Runner(shop, handlers).drain()
    assert heard == ["o1"]


async def test_plugins_are_told_through_their_hook(shop: Shop):
    heard: list[tuple[str, object]] = []
    handlers = Handlers()

    async def load(_: Shop, event: Happened) -> dict[str, object]:
        return {"order": f"loaded {event.subject}"}

    async def loyalty(order: object) -> None:
        heard.append(("loyalty", order))

    async def till(order: object) -> None:
        heard.append(("till", order))

    handlers.tells("order.paid", order_paid, load)
    shop.hooks.plugins = {"loyalty": loyalty, "till": till}
    await tell(shop, paid())
    assert await Runner(shop, handlers).drain() == 2
    assert sorted(heard) == [("loyalty", "loaded o1"), ("till", "loaded o1")]


async def test_a_broken_listener_hurts_nobody_else(shop: Shop):
    heard: list[str] = []
    handlers = Handlers()

    async def load(_: Shop, event: Happened) -> dict[str, object]:
        return {"order": event.subject}

    async def broken(order: str) -> None:
        raise OSError("the till is on fire")

    async def healthy(order: str) -> None:
        heard.append(order)

    handlers.tells("order.paid", order_paid, load)
    shop.hooks.plugins = {"till": broken, "loyalty": healthy}
    await tell(shop, *(paid(f"o{number}") for number in range(5)))
    await Runner(shop, handlers).drain()
    assert sorted(heard) == [f"o{number}" for number in range(5)]
    assert (await backlog(shop)).jobs == 5


async def test_a_job_of_a_plugin_that_is_gone_ends_as_a_dead_letter(shop: Shop):
    handlers = Handlers()

    async def load(_: Shop, event: Happened) -> dict[str, object]:
        return {"order": event.subject}

    async def broken(order: str) -> None:
        raise OSError("not yet")

    handlers.tells("order.paid", order_paid, load)
    shop.hooks.plugins = {"till": broken}
    await tell(shop, paid())
    await Runner(shop, handlers).drain()
    shop.hooks.plugins = {}
    for _ in range(10):
        shop.clock.advance(timedelta(days=1))
        await Runner(shop, handlers).drain()
    (dead,) = await dead_jobs(shop.database)
    assert "till does not listen" in dead.error


@pytest.mark.parametrize(
    "value",
    [1.5, Decimal(1), datetime(2026, 1, 1, tzinfo=UTC), {1: "x"}, [b"x"], object()],
    ids=lambda value: type(value).__name__,
)
async def test_only_plain_json_is_told(shop: Shop, value: object):
    async with shop.database.transaction() as tx:
        with pytest.raises(TypeError, match=r"order\.paid carries"):
            await emit(tx, shop, [paid(value=value)])
        with pytest.raises(TypeError, match=r"mail\.send carries"):
            await enqueue(tx, shop, [Job(kind="mail.send", payload={"a": value}, key="k")])


async def test_a_message_is_new_once(shop: Shop):
    answers = []
    for source, message in (("till:1", "a"), ("till:1", "a"), ("till:2", "a"), ("till:1", "b")):
        async with shop.database.transaction() as tx:
            answers.append(await first_time(tx, source, message, shop.clock.now()))
    assert answers == [True, False, True, True]


async def test_a_message_whose_effect_was_undone_is_new_again(shop: Shop):
    with suppress(CameToNothing):
        async with shop.database.transaction() as tx:
            assert await first_time(tx, "till", "a", shop.clock.now())
            raise CameToNothing
    async with shop.database.transaction() as tx:
        assert await first_time(tx, "till", "a", shop.clock.now())


def test_a_name_is_given_once():
    async def nothing(*_: object) -> None:
        """Do nothing."""

    handlers = Handlers()
    handlers.on("order.paid", "mail", nothing)
    with pytest.raises(ValueError, match="taken"):
        handlers.on("order.paid", "mail", nothing)
    with pytest.raises(ValueError, match="colon"):
        handlers.job("on:order.paid:mail", nothing)
