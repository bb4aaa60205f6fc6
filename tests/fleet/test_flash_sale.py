"""500 buyers, 100 units, three processes on one PostgreSQL."""

import asyncio
from collections import Counter
from contextlib import suppress

import asyncpg
import httpx
import pytest

from jishi.ledger import balances, stock_account
from jishi.testing.people import ADDRESS
from jishi.testing.unguarded import without_checks

BUYERS, UNITS, PROCESSES = 500, 100, 3

pytestmark = pytest.mark.slow


async def rush(addresses: list[str], guests: list[dict[str, str]]) -> Counter[tuple[int, str]]:
    """Everybody buys one piece at the same moment, each somewhere; gives statuses and codes."""
    limits = httpx.Limits(max_connections=150, max_keepalive_connections=150)
    async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as http:

        async def buy(place: int) -> tuple[int, str]:
            answer = await http.post(
                f"{addresses[place % len(addresses)]}/store/orders",
                json={"lines": [{"sku": "tea", "quantity": 1}], "address": ADDRESS},
                headers={**guests[place], "idempotency-key": f"buyer-{place}"},
            )
            return answer.status_code, answer.json().get("code", "")

        return Counter(await asyncio.gather(*(buy(place) for place in range(len(guests)))))


class Watch:
    """Looks at the stock all the time and remembers the worst it saw."""

    def __init__(self, build) -> None:
        self._url = build.tables["database"]["url"]
        self.least = UNITS
        self.looks = 0

    async def __aenter__(self) -> "Watch":
        self._connection = await asyncpg.connect(self._url)
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._connection.close()

    async def _look(self) -> None:
        left = "SELECT balance - held FROM ledger_accounts WHERE id = $1"
        while True:
            self.least = min(
                self.least, await self._connection.fetchval(left, stock_account("tea"))
            )
            self.looks += 1
            await asyncio.sleep(0.01)


async def held(build) -> tuple[int, int]:
    """Orders written down, and pieces held for them."""
    account = stock_account("tea")
    async with build.opened() as shop:
        ((orders,),) = await shop.database.fetch("SELECT count(*) FROM orders_orders")
        return orders, (await balances(shop.database, [account]))[account].held


@pytest.mark.bar("B01")
async def test_three_processes_sell_a_hundred_units_to_five_hundred_buyers(build, fleet, guests):
    build.tables["events"] = {"runner": "pgqueuer"}
    await build.sells(tea=UNITS)
    people = await guests(BUYERS)
    members = await fleet.serving(PROCESSES)
    async with Watch(build) as watch:
        answers = await rush([each.address for each in members], people)
    assert answers == {(201, ""): UNITS, (409, "out_of_stock"): BUYERS - UNITS}
    assert watch.looks > 3
    assert watch.least == 0
    assert await held(build) == (UNITS, UNITS)
    checked = build.command("ledger", "check")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.control
@pytest.mark.bar("B22")
async def test_without_the_guard_two_processes_oversell(build, fleet, guests):
    """The positive control: the test above would notice."""
    await build.sells(tea=UNITS)
    async with build.opened() as shop:
        await without_checks(shop.database)
    build.install("unguarded")
    people = await guests(150)
    members = await fleet.serving(2)
    answers = await rush([each.address for each in members], people)
    assert answers == {(201, ""): 150}
    assert await held(build) == (150, 150)
