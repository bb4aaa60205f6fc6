"""A database that stalls fills no memory: who cannot be served is told so at once."""

import asyncio
import os
import time
from collections import Counter

import httpx
import pytest

from jishi.testing.patience import no_slower
from jishi.testing.people import ADDRESS

AT_ONCE, PEOPLE = 40, 240
BOUNDS = [AT_ONCE, 10_000] if os.environ.get("JISHI_FLEET") == "long" else [AT_ONCE]

pytestmark = pytest.mark.slow


@pytest.mark.measured
@pytest.mark.parametrize("most", BOUNDS)
async def test_more_than_can_be_served_are_turned_away_at_once(build, fleet, guests, locked, most):
    """With a bound that is never reached, the positive control, everybody waits inside."""
    build.tables["web"] = {"requests_at_once": most}
    build.tables["checkout"] = {"unpaid_orders": 1000}
    await build.sells(tea=PEOPLE * 2)
    (me,) = await guests(1)
    (member,) = await fleet.serving(1)
    crowd = Crowd(member.address, me)
    async with crowd:
        await crowd.come(20)  # whatever is made for the first of them is made
        before = member.resident()
        async with locked("ledger_accounts"):
            waiting = asyncio.gather(*(crowd.order(f"first-{n}") for n in range(PEOPLE)))
            await crowd.until_told(PEOPLE - AT_ONCE, 8 if most == AT_ONCE else 2)
            turned_away = crowd.answers["503 too_busy"]
            grown = member.resident() - before
            alive = await crowd.http.get(f"{member.address}/health/live")
        await waiting
        if most != AT_ONCE:
            assert turned_away == 0
            return
        # On a slow machine somebody inside gives up on the lock meanwhile and makes room.
        assert turned_away > (PEOPLE - AT_ONCE) // 2
        assert crowd.retry_after == {"2"}
        assert alive.status_code == 200
        assert grown < 30_000_000
        assert {each.split()[0] for each in crowd.answers} == {"201", "503"}
        served = crowd.answers["201"]
        await crowd.come(20)
        assert crowd.answers["201"] == served + 20
        no_slower(sorted(crowd.turned_away_after)[turned_away // 2], 2)


class Crowd:
    """People who order and note what they are told."""

    def __init__(self, address: str, me: dict[str, str]) -> None:
        self.address, self.me = address, me
        self.answers: Counter[str] = Counter()
        self.turned_away_after: list[float] = []
        self.retry_after: set[str] = set()

    async def __aenter__(self) -> "Crowd":
        limits = httpx.Limits(max_connections=PEOPLE + 10)
        self.http = httpx.AsyncClient(limits=limits, timeout=60, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def until_told(self, count: int, patience: float) -> None:
        """Wait until so many were turned away, or until nobody can be expected to be."""
        end = time.monotonic() + patience
        while self.answers["503 too_busy"] < count and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    async def come(self, count: int) -> None:
        done = self.answers.total()
        await asyncio.gather(*(self.order(f"calm-{done}-{n}") for n in range(count)))

    async def order(self, key: str) -> None:
        began = time.monotonic()
        answer = await self.http.post(
            f"{self.address}/store/orders",
            json={"lines": [{"sku": "tea", "quantity": 1}], "address": ADDRESS},
            headers={**self.me, "idempotency-key": key},
        )
        code = answer.json().get("code", "") if answer.is_error else ""
        self.answers[f"{answer.status_code} {code}".strip()] += 1
        if code == "too_busy":
            self.turned_away_after.append(time.monotonic() - began)
            self.retry_after.add(answer.headers["retry-after"])
