"""A process that is killed in the middle of a job loses nothing."""

import asyncio
import signal
import sys
import time
from datetime import timedelta

import pytest

from jishi.clock import SystemClock
from jishi.events import Handlers, Job, Runner, backlog, dead_jobs, enqueue
from jishi.events.run_jobs import claim
from jishi.shop import Shop
from jishi.testing.patience import no_slower

VICTIM = """
import asyncio, sys
from datetime import timedelta
from jishi.db import Database
from jishi.events import Handlers, Runner
from jishi.shop import Shop

async def main():
    async def hang(shop, payload):
        print("began", flush=True)
        await asyncio.Event().wait()

    handlers = Handlers()
    handlers.job("mail.send", hang)
    shop = Shop(None, Database.open(sys.argv[1]), None)
    await shop.database.start()
    await Runner(shop, handlers, lease=timedelta(seconds=1)).start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.measured
@pytest.mark.crash
@pytest.mark.slow
async def test_the_job_of_a_killed_process_is_done_by_another(
    shop: Shop, migrated_database_url: str
):
    shop.clock = SystemClock()
    async with shop.database.transaction() as tx:
        await enqueue(tx, shop, [Job(kind="mail.send", payload={}, key="m1")])
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, migrated_database_url, stdout=asyncio.subprocess.PIPE
    )
    assert victim.stdout is not None
    assert await asyncio.wait_for(victim.stdout.readline(), 60) == b"began\n"
    victim.send_signal(signal.SIGKILL)
    await victim.wait()
    done = asyncio.Event()

    async def finish(*_: object) -> None:
        done.set()

    handlers = Handlers()
    handlers.job("mail.send", finish)
    runner, start = Runner(shop, handlers), time.monotonic()
    await runner.start()
    await asyncio.wait_for(done.wait(), 60)
    no_slower(time.monotonic() - start, 1 + 5)
    await runner.stop()
    assert (await backlog(shop)).jobs == 0


async def test_a_job_that_kills_its_process_each_time_is_given_up(shop: Shop):
    async with shop.database.transaction() as tx:
        await enqueue(tx, shop, [Job(kind="mail.send", payload={}, key="m1")])
    for _ in range(10):  # claimed and never heard of again
        assert await claim(shop, "victim", timedelta(seconds=45), (), 1)
        shop.clock.advance(timedelta(seconds=46))
    ran: list[int] = []
    handlers = Handlers()

    async def deadly(*_: object) -> None:
        ran.append(1)

    handlers.job("mail.send", deadly)
    await Runner(shop, handlers).drain()
    (dead,) = await dead_jobs(shop.database)
    assert "went down" in dead.error
    assert ran == []
