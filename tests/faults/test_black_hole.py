"""The database stops answering without a word, under load, and comes back."""

import asyncio
import sys
import time
from collections import Counter
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest

from jishi.testing.patience import no_slower
from jishi.testing.people import ADDRESS

pytestmark = [pytest.mark.slow, pytest.mark.crash]

SHOPPERS = 30
SHORT = {"connect_seconds": 1, "wait_seconds": 1, "lock_seconds": 1, "statement_seconds": 1}
"""A third of the usual limits, so that a short black hole is long beside them."""


class Profile(msgspec.Struct):
    """How long the black hole lasts, with which limits, and when every request is answered."""

    seconds: float
    limits: dict[str, int]
    answered: float


PROFILES = {"short": Profile(6, SHORT, 8), "long": Profile(30, {}, 12)}
"""By the limits everybody is answered after 3 and 11 s; a busy machine takes its own time."""


class Shoppers:
    """People who look, fill carts and order without end, whatever they are answered."""

    def __init__(self, address: str) -> None:
        self.http = httpx.AsyncClient(
            base_url=address, timeout=60, limits=httpx.Limits(max_connections=SHOPPERS)
        )
        self.answers: Counter[str] = Counter()
        self.odd: list[str] = []
        self.slowest = 0.0
        self.going_home = False

    async def shop(self) -> None:
        token = (await self.ask("POST", "/store/sessions")).json()["token"]
        me = {"authorization": f"Bearer {token}"}
        turn = 0
        while not self.going_home:
            turn += 1
            cart = await self.ask("POST", "/store/carts", me)
            if cart.is_success:
                line = {"sku": "tea", "quantity": 1}
                await self.ask("POST", f"/store/carts/{cart.json()['cart']['id']}/lines", me, line)
            await self.ask("GET", "/store/products", me)
            key = me | {"idempotency-key": f"{token[:40]}-{turn}"}
            body = {"lines": [{"sku": "tea", "quantity": 1}], "address": ADDRESS}
            await self.ask("POST", "/store/orders", key, body)
            await asyncio.sleep(0.2)

    async def ask(self, method: str, path: str, headers=None, body=None) -> httpx.Response:
        began = time.monotonic()
        answer = await self.http.request(method, path, headers=headers, json=body)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[str(answer.status_code)] += 1
        told = answer.status_code < 500 or (
            answer.status_code == 503
            and answer.headers.get("retry-after")
            and answer.json().get("next_step")
        )
        if not told:
            self.odd.append(f"{answer.status_code} {path}: {answer.text}")
        return answer


def memory(pid: int) -> int:
    """Bytes resident of a process and those it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = [Path(f"/proc/{each}/statm").read_text() for each in (str(pid), *children)]
    return sum(int(line.split()[1]) for line in lines) * 4096


async def at_work(url: str) -> Counter[str]:
    """The shop's connections by what they do."""
    stranger = await asyncpg.connect(url)
    try:
        rows = await stranger.fetch(
            "SELECT state, count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = 'jishi' GROUP BY state"
        )
    finally:
        await stranger.close()
    return Counter(dict(rows))


@pytest.mark.measured
@pytest.mark.bar("B05")
async def test_a_black_hole_is_answered_in_time_and_leaves_nothing_behind(
    build, serve, proxy, database_url, profile
):
    how = PROFILES[profile]
    await build.sells(tea=100_000)
    build.tables["checkout"] = {"unpaid_orders": 100_000}
    build.tables["database"] = {"url": proxy.url, **how.limits}
    served = serve()
    shoppers = Shoppers(served.address)
    async with asyncio.TaskGroup() as group:
        for _ in range(SHOPPERS):
            group.create_task(shoppers.shop())
        await asyncio.sleep(2)
        before, in_use = memory(served.process.pid), proxy.connections
        well, shoppers.answers = dict(shoppers.answers), Counter()
        proxy.turn("black_hole")
        await asyncio.sleep(how.seconds)
        ill, shoppers.answers = dict(shoppers.answers), Counter()
        proxy.turn("pass")
        began = time.monotonic()
        while not shoppers.answers["201"]:
            assert time.monotonic() - began < 60, "the shop does not come back"
            await asyncio.sleep(0.02)
        back = time.monotonic() - began
        await asyncio.sleep(2)
        shoppers.answers.clear()
        await asyncio.sleep(2)
        shoppers.going_home = True
    after = memory(served.process.pid)
    await shoppers.http.aclose()
    await asyncio.sleep(1)  # connections that were given up end at the server
    left = await at_work(database_url)
    sys.stdout.write(
        f"before {well}, meanwhile {ill}, back after {back:.1f} s, then {dict(shoppers.answers)}; "
        f"slowest answer {shoppers.slowest:.1f} s; connections {in_use} before, {dict(left)} "
        f"after; memory {before / 1e6:.0f} MB before, {after / 1e6:.0f} MB after\n"
    )
    assert shoppers.odd == []
    assert ill.get("503", 0) > 0
    assert set(shoppers.answers) <= {"200", "201"}
    assert set(left) <= {"idle"}
    assert 1 <= left["idle"] <= 10
    assert after - before < 20e6
    no_slower(shoppers.slowest, how.answered)
