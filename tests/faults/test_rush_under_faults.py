"""More people than pieces, while the shop or its database is killed again and again."""

import asyncio
import random
import signal
import sys
import time
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest

from jishi.testing.patience import no_slower

pytestmark = [pytest.mark.slow, pytest.mark.crash]

KILLS = {"short": 3, "long": 5}
"""tests/whole kills a shop of every size five times in any profile."""
OVER = 4.0
"""Seconds within which everybody comes."""


CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'jishi'
"""


@asynccontextmanager
async def meanwhile(work):
    """Something that goes on beside the rush and ends with it."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_ready(address: str) -> float:
    """Wait until the shop is ready; gives the seconds that took."""
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=address, timeout=5) as http:
        while True:
            try:
                if (await http.get("/health/ready")).is_success:
                    return time.monotonic() - began
            except httpx.TransportError:
                pass
            assert time.monotonic() - began < 60, "the shop does not come back"
            await asyncio.sleep(0.05)


def tell(buyers, more: str = "") -> None:
    sys.stdout.write(f"{buyers.told}{more}\n")


@pytest.mark.bar("B02")
@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_killed_at_any_moment_the_shop_sells_exactly_what_it_has(buyers, serve, profile):
    await buyers.put_on_sale()
    served = serve()
    chance = random.Random()
    moments = sorted(chance.sample(range(5, buyers.people - 5), KILLS[profile]))

    async def kill() -> None:
        for moment in moments:
            await buyers.until_served(moment)
            served.signal(signal.SIGKILL)
            await asyncio.to_thread(served.restart)
            await asyncio.to_thread(served.ready)

    async with meanwhile(kill()) as killer:
        await buyers.rush(OVER)
        await killer
    found = await buyers.complaints(served)
    tell(buyers, f"; killed after {moments} buyers")
    assert found == []


@pytest.mark.measured
@pytest.mark.bar("B03")
async def test_cut_off_five_times_a_second_the_shop_sells_exactly_what_it_has(
    buyers, serve, database_url
):
    await buyers.put_on_sale()
    served = serve()
    cut = 0

    async def cut_all() -> None:
        nonlocal cut
        stranger = await asyncpg.connect(database_url)
        try:
            while True:
                await asyncio.sleep(0.2)
                cut += await stranger.fetchval(CUT)
        finally:
            await stranger.close()

    async with meanwhile(cut_all()):
        await buyers.rush(OVER)
    back = await until_ready(served.address)
    assert served.process.poll() is None
    found = await buyers.complaints(served)
    tell(buyers, f"; {cut} connections cut; ready after {back:.1f} s")
    assert found == []
    no_slower(back, 10)


@pytest.mark.measured
@pytest.mark.bar("B03")
async def test_when_postgresql_is_killed_the_shop_comes_back_by_itself(buyers, serve, cluster):
    await buyers.put_on_sale()
    served = serve()
    backs = []

    async def kill() -> None:
        for moment in (20, buyers.people // 2):
            await buyers.until_served(moment)
            await asyncio.to_thread(cluster.kill)
            await asyncio.sleep(1)  # customers meet a shop without a database
            await asyncio.to_thread(cluster.start)
            backs.append(await until_ready(served.address))

    async with meanwhile(kill()) as killer:
        await buyers.rush(OVER)
        await killer
    assert served.process.poll() is None
    found = await buyers.complaints(served)
    tell(buyers, f"; ready {', '.join(f'{each:.1f} s' for each in backs)} after the database")
    assert found == []
    assert sum(n for each, n in buyers.answers.items() if each.startswith("503")) > 0
    no_slower(max(backs), 10)
