"""Events reach a sink outside whatever is killed: each at least once, none that did not happen."""

import asyncio
import json
import os
import random
import signal
from collections import Counter
from contextlib import asynccontextmanager

import httpx
import pytest

from jishi.ledger import check
from jishi.testing.people import ADDRESS

LONG = os.environ.get("JISHI_FLEET") == "long"
ORDERS, KILLS = (300, 10) if LONG else (60, 3)
RUNNERS = ("pgqueuer", "embedded") if LONG else ("pgqueuer",)

pytestmark = [pytest.mark.slow, pytest.mark.crash]


class Sink:
    """What a webhook's receiver sees, and whether the order was there when it came.

    Args:
        there: Says whether an order is committed.
    """

    def __init__(self, there) -> None:
        self.keys: Counter[str] = Counter()
        self.too_early: list[str] = []
        self._there = there
        self._chance = random.Random(7)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            told = json.loads(await reader.readexactly(length))
        except asyncio.IncompleteReadError:  # whoever wanted to tell was killed
            writer.close()
            return
        if not await self._there(told["order"]):
            self.too_early.append(told["order"])
        refused = self._chance.random() < 0.02  # a sink has its bad moments, too
        if not refused:
            self.keys[told["key"]] += 1
        status = b"503 Later" if refused else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()


@asynccontextmanager
async def sink(build):
    """A sink, its address in the environment of the processes that are to come."""
    async with build.opened() as shop:

        async def there(order: str) -> bool:
            found = await shop.database.fetch("SELECT 1 FROM orders_orders WHERE id = $1", order)
            return bool(found)

        made = Sink(there)
        server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        os.environ["SINK"] = f"http://127.0.0.1:{port}/"
        try:
            yield made, shop
        finally:
            del os.environ["SINK"]
            server.close()


async def place(http, addresses, me, number: int, answers: Counter[int]) -> None:
    """Insist on one order until somebody answers; every tenth asks for more than there is."""
    sku = "cup" if number % 10 == 0 else "tea"
    body = {"lines": [{"sku": sku, "quantity": 1}], "address": ADDRESS}
    headers = {**me, "idempotency-key": f"order-number-{number}"}
    turn = number
    while True:
        turn += 1
        try:
            answer = await http.post(
                f"{addresses[turn % len(addresses)]}/store/orders", json=body, headers=headers
            )
        except httpx.TransportError:
            await asyncio.sleep(0.1)
            continue
        if answer.status_code != 503:
            answers[answer.status_code] += 1
            return
        await asyncio.sleep(0.1)


async def kill_again_and_again(members, chance: random.Random) -> None:
    for turn in range(KILLS):
        await asyncio.sleep(chance.uniform(0.1, 0.6))
        member = members[turn % len(members)]
        os.killpg(member.process.pid, signal.SIGKILL)
        member.process.wait()
        member.start()
        await member.ready()


@pytest.mark.bar("B19")
@pytest.mark.parametrize("runner", RUNNERS)
async def test_every_order_is_told_whatever_is_killed(build, fleet, bring, guests, runner):
    build.tables["events"] = {"runner": runner}
    build.tables["checkout"] = {"unpaid_orders": 1000}
    bring(build, "teller")
    await build.sells(tea=ORDERS * 9, cup=0)
    (me,) = await guests(1)
    answers: Counter[int] = Counter()
    async with sink(build) as (heard, shop):
        members = await fleet.serving(2)
        addresses = [each.address for each in members]
        async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
            killing = asyncio.create_task(kill_again_and_again(members, random.Random(4711)))
            number = 0
            while not killing.done() or number < ORDERS:
                batch = range(number, number := number + 10)
                await asyncio.gather(*(place(http, addresses, me, n, answers) for n in batch))
                await asyncio.sleep(0.1 if number < ORDERS else 0.5)
            await killing
        rows = await shop.database.fetch("SELECT id FROM orders_orders")
        placed = {f"placed:{order}" for (order,) in rows}
        for _ in range(1800):
            if placed <= heard.keys.keys():
                break
            await asyncio.sleep(0.05)
        assert await check(shop.database) == []
        double = await shop.database.fetch(
            "SELECT subject FROM events_outbox WHERE name = 'order.placed' "
            "GROUP BY subject HAVING count(*) > 1"
        )
    assert set(heard.keys) == placed  # none lost, none of what was undone or refused
    assert heard.too_early == []
    assert double == []
    assert answers[409] == number // 10
    assert answers[201] + answers[200] == len(placed) == number - number // 10
