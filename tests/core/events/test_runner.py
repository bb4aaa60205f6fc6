"""Jobs are done at least once, retried, given up, and shared between runners."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

import pytest

from jishi.db import Database
from jishi.events import Handlers, Job, NoDeadJob, Runner, backlog, dead_jobs, enqueue, replay
from jishi.shop import Shop


async def put(shop: Shop, *jobs: Job) -> None:
    async with shop.database.transaction() as tx:
        await enqueue(tx, shop, jobs)


def job(number: object = 1, **more: object) -> Job:
    return Job(**{"kind": "mail.send", "payload": {"n": number}, "key": f"mail:{number}"} | more)


class Desk:
    """Does jobs of one kind, and says which."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self.error: Exception | None = None
        self.handlers = Handlers()
        self.handlers.job("mail.send", self.send)

    async def send(self, shop: Shop, payload: dict) -> None:
        self.done.append(payload["n"])
        if self.error:
            raise self.error


async def test_a_job_is_done_once(shop: Shop):
    desk = Desk()
    await put(shop, job(), job())
    assert await Runner(shop, desk.handlers).drain() == 1
    await put(shop, job())
    assert await Runner(shop, desk.handlers).drain() == 0
    assert desk.done == [1]


async def test_a_job_waits_for_its_time(shop: Shop):
    desk = Desk()
    await put(shop, job(run_at=shop.clock.now() + timedelta(minutes=5)))
    runner = Runner(shop, desk.handlers)
    assert await runner.drain() == 0
    shop.clock.advance(timedelta(minutes=5))
    assert await runner.drain() == 1


async def test_a_failing_job_is_tried_ten_times_in_about_a_day_then_dead(shop: Shop):
    desk = Desk()
    desk.error = OSError("no route to the mail server")
    start = shop.clock.now()
    runner = Runner(shop, desk.handlers)
    await put(shop, job())
    tries_at = []
    while (await backlog(shop)).jobs:
        if await runner.drain():
            tries_at.append(shop.clock.now() - start)
        shop.clock.advance(timedelta(seconds=1) + (shop.clock.now() - start) / 20)
    waits = [late - early for early, late in pairwise(tries_at)]
    assert len(tries_at) == 10
    assert waits == sorted(waits)
    assert timedelta(hours=16) < tries_at[-1] < timedelta(hours=32)
    (dead,) = await dead_jobs(shop.database)
    assert (dead.key, dead.tries, dead.payload) == ("mail:1", 10, '{"n":1}')
    assert dead.error == "OSError: no route to the mail server"
    assert (await backlog(shop)).dead == 1


async def test_a_dead_job_gets_another_chance_when_staff_say_so(shop: Shop):
    desk = Desk()
    await kill_a_job(shop, desk)
    (dead,) = await dead_jobs(shop.database)
    desk.error = None
    desk.done.clear()
    async with shop.database.transaction() as tx:
        await replay(tx, shop, dead.id)
    assert await Runner(shop, desk.handlers).drain() == 1
    assert desk.done == [1]
    assert await dead_jobs(shop.database) == []


async def test_a_job_that_is_not_dead_is_not_replayed(shop: Shop):
    with pytest.raises(NoDeadJob):
        async with shop.database.transaction() as tx:
            await replay(tx, shop, "nothing")


async def kill_a_job(shop: Shop, desk: Desk) -> None:
    desk.error = OSError("broken")
    await put(shop, job())
    while (await backlog(shop)).jobs:
        await Runner(shop, desk.handlers).drain()
        shop.clock.advance(timedelta(days=1))


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        ("GET https://me:hunter2@mail.test/x", "OSError: GET https://me:***@mail.test/x"),
        ("api_key=hunter2, to=a@b.test", "OSError: api_key=***, to=a@b.test"),
        ("{'Authorization': 'Bearer hunter2'}", "OSError: {'Authorization': 'Bearer ***'}"),
        ("?access_token=hunter2&n=1", "OSError: ?access_token=***&n=1"),
    ],
)
async def test_secrets_in_an_error_are_not_kept(shop: Shop, error: str, kept: str):
    desk = Desk()
    desk.error = OSError(error)
    await put(shop, job())
    await Runner(shop, desk.handlers).drain()
    (row,) = await shop.database.fetch("SELECT error FROM events_jobs")
    assert row[0] == kept


async def test_a_job_nobody_can_do_waits_for_somebody_who_can(shop: Shop):
    await put(shop, job())
    await Runner(shop, Handlers()).drain()
    shop.clock.advance(timedelta(minutes=1))
    desk = Desk()
    await Runner(shop, desk.handlers).drain()
    assert desk.done == [1]


async def test_a_job_that_takes_too_long_is_tried_again(shop: Shop):
    handlers = Handlers()

    async def forever(*_: object) -> None:
        await asyncio.Event().wait()

    handlers.job("mail.send", forever)
    await put(shop, job())
    assert await Runner(shop, handlers, limit=timedelta(milliseconds=20)).drain() == 1
    (row,) = await shop.database.fetch("SELECT state, error FROM events_jobs")
    assert row == ("waiting", "took longer than 0:00:00.020000")


async def test_a_job_that_cancels_itself_failed(shop: Shop):
    handlers = Handlers()

    async def give_up(*_: object) -> None:
        raise asyncio.CancelledError

    handlers.job("mail.send", give_up)
    await put(shop, job())
    assert await Runner(shop, handlers).drain() == 1
    (row,) = await shop.database.fetch("SELECT state, tries FROM events_jobs")
    assert row == ("waiting", 1)


async def test_two_runners_share_the_work(shop: Shop, migrated_database_url: str):
    other_database = Database.open(migrated_database_url)
    await other_database.start()
    other = Shop(shop.config, other_database, shop.hooks, shop.clock)
    desks = Desk(), Desk()
    try:
        await put(shop, *(job(number) for number in range(100)))
        await asyncio.gather(
            Runner(shop, desks[0].handlers).drain(), Runner(other, desks[1].handlers).drain()
        )
    finally:
        await other_database.stop()
    assert sorted(desks[0].done + desks[1].done) == list(range(100))


async def test_no_kind_takes_every_place(shop: Shop):
    handlers = Handlers()
    at_once: dict[str, int] = {"slow": 0, "quick": 0}
    most: dict[str, int] = dict(at_once)

    def work(kind: str):
        async def do(*_: object) -> None:
            at_once[kind] += 1
            most[kind] = max(most[kind], at_once[kind])
            await asyncio.sleep(0)
            at_once[kind] -= 1

        return do

    for kind in at_once:
        handlers.job(kind, work(kind))
    await put(
        shop,
        *(job(f"{kind}{number}", kind=kind) for kind in at_once for number in range(30)),
    )
    assert await Runner(shop, handlers, per_kind=3).drain() == 60
    assert 0 < most["slow"] <= 3
    assert 0 < most["quick"] <= 3


async def test_who_lost_the_lease_settles_nothing(shop: Shop):
    began, go_on = asyncio.Event(), asyncio.Event()

    async def hang(*_: object) -> None:
        began.set()
        await go_on.wait()
        raise OSError("too late to matter")

    slow = Handlers()
    slow.job("mail.send", hang)
    await put(shop, job())
    late = asyncio.create_task(Runner(shop, slow).drain())
    await began.wait()
    shop.clock.advance(timedelta(seconds=46))
    desk = Desk()
    assert await Runner(shop, desk.handlers).drain() == 1
    go_on.set()
    await late
    (row,) = await shop.database.fetch("SELECT state, attempt, error FROM events_jobs")
    assert row == ("done", 2, "")


async def test_a_started_runner_is_woken_by_a_commit(shop: Shop):
    done = asyncio.Event()
    handlers = Handlers()

    async def finish(*_: object) -> None:
        done.set()

    handlers.job("mail.send", finish)
    runner = Runner(shop, handlers)
    await runner.start()
    await put(shop, job())
    await asyncio.wait_for(done.wait(), 60)
    await runner.stop()


async def test_stopping_gives_back_what_is_not_finished(shop: Shop):
    began = asyncio.Event()

    async def hang(*_: object) -> None:
        began.set()
        await asyncio.Event().wait()

    handlers = Handlers()
    handlers.job("mail.send", hang)
    runner = Runner(shop, handlers, patience=0.05)
    await runner.start()
    await put(shop, job())
    await began.wait()
    await asyncio.wait_for(runner.stop(), 60)
    desk = Desk()
    assert await Runner(shop, desk.handlers).drain() == 1  # at once, without waiting for a lease
    (row,) = await shop.database.fetch("SELECT state, tries FROM events_jobs")
    assert row == ("done", 1)


async def test_stopping_lets_a_short_job_finish(shop: Shop):
    began, done = asyncio.Event(), []

    async def short(*_: object) -> None:
        began.set()
        for _ in range(10):
            await asyncio.sleep(0)
        done.append(1)

    handlers = Handlers()
    handlers.job("mail.send", short)
    runner = Runner(shop, handlers)
    await runner.start()
    await put(shop, job())
    await began.wait()
    await runner.stop()
    assert done == [1]


async def test_a_schedule_comes_round_once_for_all_runners(shop: Shop):
    rounds: list[int] = []
    handlers = Handlers()

    async def tick(_: Shop) -> None:
        rounds.append(1)

    handlers.every("clock.tick", timedelta(minutes=10), tick)
    runners = [Runner(shop, handlers) for _ in range(3)]
    for turn in range(1, 4):
        await asyncio.gather(*(runner.drain() for runner in runners))
        assert len(rounds) == turn
        shop.clock.advance(timedelta(minutes=9))
        await asyncio.gather(*(runner.drain() for runner in runners))
        assert len(rounds) == turn
        shop.clock.advance(timedelta(minutes=1))


async def test_a_schedule_that_failed_is_tried_within_a_minute(shop: Shop):
    rounds: list[int] = []
    handlers = Handlers()

    async def tick(_: Shop) -> None:
        rounds.append(1)
        raise OSError("broken")

    handlers.every("clock.tick", timedelta(days=1), tick)
    runner = Runner(shop, handlers)
    for _ in range(3):
        await runner.drain()
        shop.clock.advance(timedelta(minutes=1))
    assert len(rounds) == 3
    (row,) = await shop.database.fetch("SELECT error FROM events_schedules")
    assert row == ("OSError: broken",)


async def test_a_runner_survives_a_database_that_is_away(shop: Shop):
    done, handlers = asyncio.Event(), Handlers()

    async def finish(*_: object) -> None:
        done.set()

    handlers.job("mail.send", finish)
    runner = Runner(shop, handlers)
    await put(shop, job())
    await shop.database.stop()
    await runner.start()
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), 0.05)
    assert not done.is_set()
    await shop.database.start()
    await asyncio.wait_for(done.wait(), 60)
    await runner.stop()
