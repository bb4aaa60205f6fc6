"""Calls that wait at the same moment are served together."""

import asyncio

import pytest

from jishi.db import Grouped


class Desk:
    """Serves numbers: gives their doubles, stumbles over what it was told to."""

    def __init__(self, *, bad: frozenset[int] = frozenset()) -> None:
        self.batches: list[list[int]] = []
        self.bad = bad
        self.came = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def serve(self, numbers):
        self.batches.append(list(numbers))
        self.came.set()
        await self.gate.wait()
        if self.bad & set(numbers):
            raise ValueError(sorted(self.bad & set(numbers)))
        return [number * 2 for number in numbers]


async def test_what_waits_while_a_batch_is_served_is_the_next_batch():
    desk = Desk()
    desk.gate.clear()
    grouped = Grouped(desk.serve, lambda error: True)
    first = asyncio.create_task(grouped.ask(1))
    await desk.came.wait()
    others = [asyncio.create_task(grouped.ask(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)  # one turn of the loop: each of them has queued
    assert grouped.waiting == 3
    desk.gate.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert desk.batches == [[1], [2, 3, 4]]
    assert (grouped.batches, grouped.served) == (2, 4)


async def test_a_batch_has_no_more_than_most():
    desk = Desk()
    grouped = Grouped(desk.serve, lambda error: True, most=2)
    await asyncio.gather(*(grouped.ask(number) for number in range(5)))
    assert [len(batch) for batch in desk.batches] == [2, 2, 1]


async def test_nobody_sinks_the_rest_of_his_batch():
    desk = Desk(bad=frozenset({2}))
    grouped = Grouped(desk.serve, lambda error: True)
    answers = await asyncio.gather(
        *(grouped.ask(number) for number in (1, 2, 3)), return_exceptions=True
    )
    assert (answers[0], answers[2]) == (2, 6)
    assert isinstance(answers[1], ValueError)
    assert desk.batches == [[1, 2, 3], [1], [2], [3]]


async def test_what_must_not_be_done_twice_is_not_served_again():
    desk = Desk(bad=frozenset({2}))
    grouped = Grouped(desk.serve, lambda error: False)
    answers = await asyncio.gather(
        *(grouped.ask(number) for number in (1, 2)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [ValueError, ValueError]
    assert desk.batches == [[1, 2]]


async def test_who_gives_up_waiting_does_not_keep_the_others_waiting():
    desk = Desk()
    desk.gate.clear()
    grouped = Grouped(desk.serve, lambda error: True)
    gone, stays = (asyncio.create_task(grouped.ask(number)) for number in (1, 2))
    await desk.came.wait()
    gone.cancel()
    desk.gate.set()
    assert await stays == 4
    with pytest.raises(asyncio.CancelledError):
        await gone
    await grouped.idle()
    assert await grouped.ask(5) == 10
