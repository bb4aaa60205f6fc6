"""The gate lets so many in and turns the others away, whatever happens inside."""

import asyncio
import os

import pytest

from jishi.checkout import Counter
from jishi.web.gate import RETRY_AFTER, Gate
from jishi.web.metrics import Metrics


class Inside:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self, scope, receive, send) -> None:
        await self.go_on.wait()
        if self.error:
            raise self.error
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def ask(gate: Gate, path: str = "/store/products", kind: str = "http") -> list[dict]:
    said: list[dict] = []

    async def send(message) -> None:
        said.append(message)

    await gate({"type": kind, "path": path}, None, send)
    return said


@pytest.fixture
def inside() -> Inside:
    return Inside()


@pytest.fixture
def gate(inside) -> Gate:
    return Gate(inside, 2)


async def test_the_third_of_two_is_turned_away_and_told_when_to_come_back(gate, inside):
    waiting = [asyncio.create_task(ask(gate)) for _ in range(2)]
    await asyncio.sleep(0)
    start, body = await ask(gate)
    assert start["status"] == 503
    assert (b"retry-after", str(RETRY_AFTER).encode()) in start["headers"]
    assert b'"code":"too_busy"' in body["body"]
    assert gate.turned_away == 1
    inside.go_on.set()
    assert [said[0]["status"] for said in await asyncio.gather(*waiting)] == [200, 200]
    assert (await ask(gate))[0]["status"] == 200


async def test_who_left_in_trouble_or_gave_up_makes_room(gate, inside):
    gives_up = [asyncio.create_task(ask(gate)) for _ in range(2)]
    await asyncio.sleep(0)
    for each in gives_up:
        each.cancel()
    await asyncio.gather(*gives_up, return_exceptions=True)
    inside.error = OSError("broken")
    inside.go_on.set()
    for _ in range(3):
        with pytest.raises(OSError, match="broken"):
            await ask(gate)
    assert gate.inside == 0


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
async def test_whether_it_lives_can_always_be_asked(gate, inside, path):
    waiting = [asyncio.create_task(ask(gate)) for _ in range(2)]
    await asyncio.sleep(0)
    asked = asyncio.create_task(ask(gate, path))
    await asyncio.sleep(0)
    assert not asked.done()
    inside.go_on.set()
    assert (await asked)[0]["status"] == 200
    await asyncio.gather(*waiting)


async def test_the_numbers_tell_how_many_are_inside_and_were_turned_away(shop, inside, gate):
    metrics = Metrics()
    metrics.watch(gate)
    waiting = [asyncio.create_task(ask(gate)) for _ in range(2)]
    await asyncio.sleep(0)
    await ask(gate)
    shown = (await metrics.shown(shop, Counter(shop))).decode()
    assert "jishi_requests_inside 2.0" in shown
    assert "jishi_requests_turned_away 1.0" in shown
    assert f'process="{os.getpid()}"' in shown
    inside.go_on.set()
    await asyncio.gather(*waiting)
