"""Limits that all processes share, in a real Redis; and what happens while it is away."""

import asyncio
import time
from collections import Counter

import httpx
import pytest

from jishi.demo.processes import free_port
from jishi.problems import TooMany
from jishi.testing.patience import in_time
from jishi.web.settings import WebSettings
from jishi.web.shared_limits import PATIENCE, SharedLimits
from jishi.web.throttle import Throttles, bundled

SOMEBODY, SOMEBODY_ELSE = "203.0.113.7", "203.0.113.8"


def post(path: str) -> dict[str, str]:
    return {"method": "POST", "path": path}


async def passed(
    throttles: Throttles, times: int, address: str, path: str = "/store/login"
) -> int:
    """How many of so many requests get through."""
    through = 0
    for _ in range(times):
        try:
            await throttles.knock(post(path), address)
        except TooMany:
            continue
        through += 1
    return through


@pytest.fixture
async def store(redis_address, request):
    made = [SharedLimits(redis_address, request.node.name) for _ in range(3)]
    yield made
    for each in made:
        await each.close()


@pytest.fixture
def settings():
    return WebSettings(logins_per_minute=10, visitors_per_minute=20)


async def test_processes_count_together(store, settings):
    processes = [Throttles(settings, time.monotonic, each) for each in store]
    together = await asyncio.gather(*(passed(each, 10, SOMEBODY) for each in processes))
    assert sum(together) == 10
    assert await passed(processes[0], 10, SOMEBODY_ELSE) == 10


@pytest.mark.control
async def test_without_a_store_each_process_counts_for_itself(settings):
    """The positive control of the test above."""
    processes = [Throttles(settings, time.monotonic) for _ in range(3)]
    together = await asyncio.gather(*(passed(each, 10, SOMEBODY) for each in processes))
    assert sum(together) == 30


async def test_a_hundred_at_the_same_moment_are_counted_exactly(store):
    waits = await asyncio.gather(
        *(store[number % 3].wait_for("logins", SOMEBODY, 10) for number in range(100))
    )
    assert Counter(wait == 0 for wait in waits) == {True: 10, False: 90}


async def test_a_token_comes_back_when_the_answer_said(store):
    for _ in range(1200):
        assert await store[0].wait_for("quick", SOMEBODY, 1200) is not None
    wait = await store[0].wait_for("quick", SOMEBODY, 1200)
    assert wait is not None
    assert 0 <= wait <= 0.05 + 0.001
    await asyncio.sleep(wait + 0.002)
    assert await store[0].wait_for("quick", SOMEBODY, 1200) == 0


async def test_keys_do_not_outlive_their_use(store, redis_address):
    from redis.asyncio import Redis

    await store[0].wait_for("logins", SOMEBODY, 10)
    async with Redis.from_url(redis_address) as redis:
        keys = [key async for key in redis.scan_iter("jishi:test_keys*")]
        lives = [await redis.pttl(key) for key in keys]
    assert len(lives) == 1
    assert 0 < lives[0] <= 60_000


@pytest.mark.measured
async def test_a_store_that_is_away_costs_one_pause_and_no_customer(settings):
    away = SharedLimits(f"redis://127.0.0.1:{free_port(0)}/0", "away")
    throttles = Throttles(settings, time.monotonic, away)
    with in_time(PATIENCE * 3):
        assert await passed(throttles, 40, SOMEBODY) == 10
    await away.close()


@pytest.mark.measured
async def test_a_store_that_never_answers_is_not_waited_for(settings):
    async def silent(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    throttles = Throttles(
        settings, time.monotonic, limits := SharedLimits(f"redis://127.0.0.1:{port}", "x")
    )
    with in_time(PATIENCE * 3):
        assert await passed(throttles, 40, SOMEBODY) == 10
    await limits.close()
    server.close()


async def test_new_visitors_are_counted_members_and_guests_alike(settings):
    throttles = Throttles(settings, time.monotonic)
    assert await passed(throttles, 15, SOMEBODY, "/store/sessions") == 15
    assert await passed(throttles, 15, SOMEBODY, "/store/carts") == 5
    assert await passed(throttles, 15, SOMEBODY_ELSE, "/store/carts/") == 15
    assert await passed(throttles, 50, SOMEBODY, "/store/carts/c1/lines") == 50


async def test_this_machines_own_addresses_stand_for_many_people(settings):
    throttles = Throttles(settings, time.monotonic)
    assert await passed(throttles, 50, "127.0.0.1", "/store/sessions") == 50
    assert await passed(throttles, 50, "127.0.0.1", "/store/login") == 10


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
    ],
)
def test_an_ipv6_network_is_one_address(address, counted):
    assert bundled(address) == counted


@pytest.mark.slow
async def test_two_processes_share_the_limit_of_logins(build, fleet, redis_address):
    build.tables["web"] = {
        "logins_per_minute": 5,
        "visitors_per_minute": 5,
        "trusted_proxies": ["127.0.0.0/8"],
        "shared_limits": redis_address,
    }
    await build.sells(tea=1)
    members = await fleet.serving(2)
    said: Counter[tuple[str, int]] = Counter()
    async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
        for turn in range(12):
            for path in ("/store/login", "/store/sessions"):
                answer = await http.post(
                    f"{members[turn % 2].address}{path}",
                    json={"phone": "13800138000", "code": "000000"} if "login" in path else None,
                    headers={"x-forwarded-for": SOMEBODY},
                )
                said[path, answer.status_code] += 1
    assert said["/store/login", 429] == 7
    assert said["/store/sessions", 429] == 7
    assert said["/store/sessions", 201] == 5
    assert answer.headers["retry-after"]
