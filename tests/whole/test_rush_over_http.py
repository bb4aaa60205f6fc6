"""300 buyers, 60 units, at once, over HTTP and with real processes."""

import asyncio
from collections import Counter

import httpx
import pytest

from jishi.ledger import balances, stock_account
from jishi.testing.people import ADDRESS
from jishi.testing.unguarded import without_checks

BUYERS, UNITS = 300, 60

pytestmark = pytest.mark.slow


async def rush(address: str) -> Counter[tuple[int, str]]:
    """Everybody buys one piece at the same moment; gives statuses and codes, counted."""
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as http:

        async def arrive() -> dict[str, str]:
            answer = await http.post("/store/sessions")
            return {"authorization": f"Bearer {answer.json()['token']}"}

        async def buy(place: int, buyer: dict[str, str]) -> tuple[int, str]:
            answer = await http.post(
                "/store/orders",
                json={"lines": [{"sku": "tea", "quantity": 1}], "address": ADDRESS},
                headers={**buyer, "idempotency-key": f"buyer-{place}"},
            )
            return answer.status_code, answer.json().get("code", "")

        buyers = await asyncio.gather(*(arrive() for _ in range(BUYERS)))
        return Counter(await asyncio.gather(*(buy(n, each) for n, each in enumerate(buyers))))


async def stock_held(build) -> int:
    async with build.opened() as shop:
        account = stock_account("tea")
        return (await balances(shop.database, [account]))[account].held


@pytest.mark.bar("B01")
async def test_three_hundred_buyers_get_sixty_orders_and_clean_refusals(build, serve):
    await build.sells(tea=UNITS)
    answers = await rush(serve().address)
    assert answers == {(201, ""): UNITS, (409, "out_of_stock"): BUYERS - UNITS}
    assert await stock_held(build) == UNITS
    checked = build.command("ledger", "check")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.control
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_without_the_guard_the_same_rush_oversells(build, serve):
    """The positive control: the test above would notice."""
    await build.sells(tea=UNITS)
    async with build.opened() as shop:
        await without_checks(shop.database)
    build.install("unguarded")
    answers = await rush(serve().address)
    assert answers == {(201, ""): BUYERS}
    assert await stock_held(build) == BUYERS
