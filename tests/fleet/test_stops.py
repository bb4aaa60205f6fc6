"""Processes stop and are replaced while people buy: nothing that was promised is lost."""

import asyncio
import os
import secrets
import signal
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import httpx
import pytest

from jishi.testing.audit import Journal, audit
from jishi.testing.patience import no_slower
from jishi.testing.people import ADDRESS

LONG = os.environ.get("JISHI_FLEET") == "long"
SIGNALS = [signal.SIGTERM, signal.SIGINT] if LONG else [signal.SIGINT]
RUNNERS = ["embedded", "pgqueuer"] if LONG else ["pgqueuer"]
STOCK = 5000
PATIENCE = 14.0
"""Seconds within which a process is gone, whatever its visitors do."""

pytestmark = pytest.mark.slow


class Buyers:
    """People who buy one piece after the other and repeat, elsewhere, what was not answered.

    Args:
        addresses: Where the shop may be found.
        guests: Who they are.
    """

    def __init__(self, addresses: list[str], guests: list[dict[str, str]]) -> None:
        self.addresses, self.guests = addresses, guests
        self.journal = Journal()
        self.answers: Counter[str] = Counter()
        self.going_home = asyncio.Event()

    async def come(self, http: httpx.AsyncClient, place: int) -> None:
        """Buy until it is time to go home."""
        number = 0
        while not self.going_home.is_set():
            number += 1
            await self._buy(http, place, f"buyer-{place}-{number}")
            await asyncio.sleep(0.03)  # the machine has other work than driving

    async def _buy(self, http: httpx.AsyncClient, place: int, key: str) -> None:
        body = {"lines": [{"sku": "tea", "quantity": 1}], "address": ADDRESS}
        turn = place
        while True:
            turn += 1
            address = self.addresses[turn % len(self.addresses)]
            headers = {**self.guests[place], "idempotency-key": key}
            try:
                answer = await http.post(f"{address}/store/orders", json=body, headers=headers)
            except httpx.TransportError as error:
                self.answers[type(error).__name__] += 1
                await asyncio.sleep(0.05)
                continue
            self.answers[str(answer.status_code)] += 1
            if answer.status_code in (200, 201):
                self.journal.acknowledge(key, answer.json()["id"])
            if answer.status_code != 503:
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def buying(members, guests: list[dict[str, str]]) -> AsyncIterator[Buyers]:
    """People who buy from the members while the context is open."""
    buyers = Buyers([each.address for each in members], guests)
    async with (
        httpx.AsyncClient(timeout=20, trust_env=False) as http,
        asyncio.TaskGroup() as group,
    ):
        for place in range(len(guests)):
            group.create_task(buyers.come(http, place))
        yield buyers
        buyers.going_home.set()


async def until(holds, what: str, patience: float = 60) -> None:
    end = time.monotonic() + patience
    while not await holds():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.05)


@pytest.fixture
async def tea(build):
    build.tables["checkout"] = {"unpaid_orders": 1000}
    await build.sells(tea=STOCK)


@pytest.mark.measured
@pytest.mark.bar("B30")
async def test_a_rolling_restart_loses_no_acknowledged_order(build, fleet, guests, tea):
    people = await guests(5)
    members = await fleet.serving(3)
    stops = []
    async with buying(members, people) as buyers:
        for each in members:
            await asyncio.sleep(0.5)
            stops.append(await each.told_to_stop())
            each.start()
            await each.ready()
        await asyncio.sleep(0.5)
    assert [code for code, _ in stops] == [0, 0, 0]
    assert len(buyers.journal.acknowledged) > 20
    assert not [each for each in buyers.answers if each[0] in "45" and each != "503"]
    await nobody_waits(build)
    for each in members:
        await each.told_to_stop()
    async with build.opened() as shop:
        assert await audit(shop, buyers.journal, [], {"tea": STOCK}) == []
    no_slower(max(seconds for _, seconds in stops), PATIENCE)


async def nobody_waits(build) -> None:
    """Wait until every event was handed out."""

    async with build.opened() as shop:

        async def told() -> bool:
            rows = await shop.database.fetch("SELECT 1 FROM events_outbox WHERE state = 'new'")
            return not rows

        await until(told, "the events are handed out")


async def in_flight(http, member, people, keys: str) -> list[asyncio.Task[httpx.Response]]:
    body = {"lines": [{"sku": "tea", "quantity": 1}], "address": ADDRESS}
    return [
        asyncio.create_task(
            http.post(
                f"{member.address}/store/orders",
                json=body,
                headers={**each, "idempotency-key": f"{keys}-{place}"},
            )
        )
        for place, each in enumerate(people)
    ]


@pytest.mark.measured
@pytest.mark.bar("B30")
@pytest.mark.parametrize("number", SIGNALS, ids=lambda each: each.name)
async def test_who_is_being_served_when_the_stop_comes_gets_an_answer(
    build, fleet, guests, tea, locked, number
):
    people = await guests(20)
    (member,) = await fleet.serving(1)
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        async with locked("ledger_accounts"):
            waiting = await in_flight(http, member, people, secrets.token_hex(4))
            await asyncio.sleep(0.7)
            stop = asyncio.create_task(member.told_to_stop(number))
            await asyncio.sleep(0.7)
            with pytest.raises(httpx.ConnectError):
                async with httpx.AsyncClient(trust_env=False) as stranger:
                    await stranger.get(f"{member.address}/health/live")
            assert not any(each.done() for each in waiting)
        answers = await asyncio.gather(*waiting)
        code, seconds = await stop
    assert {each.status_code for each in answers} == {201}
    assert code == 0
    async with build.opened() as shop:
        ((orders,),) = await shop.database.fetch("SELECT count(*) FROM orders_orders")
    assert orders == len(people)
    no_slower(seconds, 10)


@pytest.mark.measured
@pytest.mark.bar("B30")
@pytest.mark.parametrize("runner", RUNNERS)
async def test_a_stop_gives_jobs_back_whatever_the_last_visitor_does(
    build, fleet, bring, guests, tea, runner
):
    """One client never finishes its request; somebody else gets the job long before that."""
    build.tables["events"] = {"runner": runner}
    bring(build, "dawdler")
    people = await guests(1)
    (member,) = await fleet.serving(1)
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        (placed,) = await asyncio.gather(*await in_flight(http, member, people, "one"))
    order = placed.json()["id"]
    begun = build.folder / "site" / "begun"
    await until(_is_there(begun), "the job begins")
    with ExitStack() as held:
        rude = held.enter_context(socket.create_connection(("127.0.0.1", member.port)))
        rude.sendall(b"POST /store/carts HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n")
        stop = asyncio.create_task(member.told_to_stop())
        (other,) = await fleet.working(1)
        await until(_has_lines(begun, 2), "another process takes the job", 11)
        code, seconds = await stop
    assert code == 0
    assert begun.read_text().split() == [order, order]
    assert (await other.told_to_stop())[0] == 0
    async with build.opened() as shop:
        rows = await shop.database.fetch(
            "SELECT state, tries FROM events_jobs WHERE kind LIKE '%dawdler'"
        )
    assert rows == [("waiting", 0)]
    no_slower(seconds, PATIENCE)


def _is_there(file):
    async def holds() -> bool:
        return file.exists()

    return holds


def _has_lines(file, count: int):
    async def holds() -> bool:
        return len(file.read_text().split()) >= count

    return holds
