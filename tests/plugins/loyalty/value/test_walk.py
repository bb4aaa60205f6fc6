"""Tops up at a till, spends part in the mall with the bank for the rest, returns elsewhere."""

import pytest

from jishi.ledger import check
from jishi.testing.people import ADDRESS
from jishi_loyalty.value.walk import People, Speaker, Walk, walk


@pytest.fixture
def value_settings(value_settings):
    """Give a shop where this much needs no proof."""
    return value_settings | {"step_up_from": 100_000}


async def test_every_statement_agrees(
    shop, seller, members, wallet, tills, paper, runner, staff_token
):
    await seller.product("coat", price=40_000, stock=10)
    anna = await members.one()
    token = await staff_token()

    async def pay(payment):
        number = payment["parameters"]["code_url"].rpartition("/")[2]
        sheet = paper.pay(number)
        await anna.http.post("/notify/paper", content=sheet.body, headers=sheet.headers)

    people = People(
        member=Speaker(anna.http, anna.headers["authorization"].removeprefix("Bearer ")),
        east=Speaker(anna.http, token, "east"),
        west=Speaker(anna.http, token, "west"),
        pay=pay,
        settle=runner.drain,
    )
    about = Walk("value-500", "coat", 2, ADDRESS, "paper", "scan", "walk")
    told = await walk(people, about)
    assert told.disagreements() == []
    assert (told.topped_up, told.from_balance) == (55_000, 55_000)
    assert told.from_bank >= 80_000 - 55_000
    assert told.returned == 40_000
    assert (told.back_to_bank, told.back_to_balance) == (
        told.from_bank,
        40_000 - told.from_bank,
    )
    assert told.balance == told.back_to_balance
    day = (await tills["east"].get("/loyalty/pos/value/day")).json()["items"]
    assert {(one["kind"], one["means"], one["amount"]) for one in day} == {
        ("top_up", "cash", 50_000),
        ("gift", "cash", 5_000),
    }
    await wallet.must_agree(anna.id)
    assert await check(shop.database) == []
