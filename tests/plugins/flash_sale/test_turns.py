"""The queue is fair, opens at its rate, and its times follow from the shop's clock alone."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi_flash_sale.structs import ItemPlan, Sale
from jishi_flash_sale.turns import place_of

START = datetime(2026, 11, 11, tzinfo=UTC)


def sale(per_second=10, at_once=5):
    return Sale(
        id="s", title="s", state="scheduled", starts_at=START, ends_at=START + timedelta(hours=1),
        items=(ItemPlan(sku="tea", price=1, quota=1),), queue="yes", per_second=per_second,
        at_once=at_once, location="main", created_by="t",
    )  # fmt: skip


@given(
    st.lists(st.integers(-5_000, 5_000), max_size=80),
    st.integers(1, 50),
    st.integers(1, 20),
)
def test_who_came_first_is_let_in_first_and_never_too_many(arrivals, per_second, at_once):
    what, even, opened = sale(per_second, at_once), START, []
    for number, millis in enumerate(sorted(arrivals), 1):
        now = START + timedelta(milliseconds=millis)
        place, even = place_of(what, number, even, now)
        assert place.opens_at >= max(now, START)
        opened.append(place.opens_at)
    assert opened == sorted(opened)
    window = timedelta(seconds=1)
    for first in opened:
        inside = sum(first <= one < first + window for one in opened)
        assert inside <= at_once + per_second + 1


async def test_turns_come_one_after_the_other(shop, sale_of, fan):
    sale_id = await sale_of(queue="yes", per_second=1, at_once=2, begins=10)
    fans = [await fan(number) for number in range(5)]
    turns = [(await one.send("POST", f"/flash_sale/sales/{sale_id}/turn")).json() for one in fans]
    assert [one["number"] for one in turns] == [1, 2, 3, 4, 5]
    assert [one["seconds"] for one in turns] == [10, 10, 11, 12, 13]
    again = (await fans[3].send("POST", f"/flash_sale/sales/{sale_id}/turn")).json()
    assert (again["number"], again["state"]) == (4, "waiting")
    shop.clock.advance(timedelta(seconds=10))
    early = await fans[2].grab(sale_id)
    assert early.json()["objections"][0]["code"] == "not_your_turn"
    assert (await fans[1].grab(sale_id)).status_code == 201
    shop.clock.advance(timedelta(seconds=1))
    assert (await fans[2].grab(sale_id)).status_code == 201
    assert (await (await fan(9)).grab(sale_id)).status_code == 422


async def test_a_missed_turn_is_replaced_by_one_at_the_end(shop, sale_of, fan):
    sale_id = await sale_of(queue="yes", per_second=1, at_once=1)
    one, path = await fan(1), f"/flash_sale/sales/{sale_id}/turn"
    first = (await one.send("POST", path)).json()
    shop.clock.advance(timedelta(seconds=301))
    second = (await one.send("POST", path)).json()
    assert (first["number"], second["number"], second["state"]) == (1, 2, "open")


async def test_many_at_once_get_different_numbers(sale_of, fan):
    sale_id = await sale_of(queue="yes")
    fans = [await fan(number) for number in range(12)]
    path = f"/flash_sale/sales/{sale_id}/turn"
    answers = await asyncio.gather(*(one.send("POST", path) for one in (*fans, *fans)))
    numbers = {one.json()["number"] for one in answers}
    assert numbers == set(range(1, 13))


@pytest.mark.parametrize("queue", ["no"])
async def test_without_a_queue_nobody_waits(sale_of, fan, queue):
    sale_id = await sale_of(queue=queue)
    refused = await (await fan(1)).send("POST", f"/flash_sale/sales/{sale_id}/turn")
    assert (refused.status_code, refused.json()["code"]) == (409, "sale_no_queue")
