"""Members give each other points, as many as they have and no more."""

import asyncio
from datetime import timedelta

import pytest

from jishi.ledger import check
from jishi_loyalty import sql

ONCE = pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
"""For tests whose statements others have run on both databases."""


@pytest.fixture
def loyalty_settings():
    """Give room for many gifts."""
    return {"gifts_a_day": 30, "gift_points_a_day": 10_000}


async def total_of(shop) -> int:
    """All points there are."""
    rows = await shop.database.fetch(
        "SELECT CAST(sum(balance) AS BIGINT) FROM ledger_accounts WHERE kind = 'points'"
    )
    return int(rows[0][0])


@pytest.mark.bar("B11")
async def test_twenty_gifts_of_all_points_at_once_are_one_gift(shop, members):
    giver = await members.one()
    others = [await members.one() for _ in range(20)]
    await giver.given(100)
    answers = await asyncio.gather(*(giver.give(each.id, 100) for each in others))
    codes = [each.status_code for each in answers]
    assert sorted(codes) == [201] + [409] * 19
    assert await total_of(shop) == 100
    has = [(await each.points()).available for each in (giver, *others)]
    assert sorted(has) == [0] * 20 + [100]
    assert await check(shop.database) == []


async def test_without_its_guards_points_are_made_out_of_nothing(
    shop, members, without, monkeypatch
):
    if shop.database.dialect == "sqlite":
        pytest.skip("the one writer hides it")
    await without("floor", shop.database)
    await without("row lock", shop.database)
    monkeypatch.setattr(sql, "LOCK_MEMBER", sql.LOCK_MEMBER.replace("FOR UPDATE", ""))
    giver = await members.one()
    others = [await members.one() for _ in range(20)]
    await giver.given(100)
    answers = await asyncio.gather(*(giver.give(each.id, 100) for each in others))
    assert [each.status_code for each in answers].count(201) > 1


async def test_a_gift_keeps_its_end_and_is_made_once_per_key(shop, members):
    giver, other = await members.one(), await members.one()
    await giver.given(100)
    ends = (await giver.points()).lots[0].expires_at
    shop.clock.advance(timedelta(days=20))
    first = await giver.give(other.id, 40, "k")
    again = await giver.give(other.id, 40, "k")
    reused = await giver.give(other.id, 41, "k")
    elsewhere = await giver.give((await members.one()).id, 40, "k")
    assert elsewhere.status_code == 422
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert [(lot.points, lot.expires_at) for lot in (await other.points()).lots] == [(40, ends)]
    assert (await giver.points()).available == 60


async def test_one_key_for_two_gifts_at_once_makes_the_one_it_says(members):
    giver, other = await members.one(), await members.one()
    await giver.given(100)
    wanted = [10 + n % 2 for n in range(8)]
    answers = await asyncio.gather(*(giver.give(other.id, points, "k") for points in wanted))
    given = (await other.points()).available
    for points, answer in zip(wanted, answers, strict=True):
        assert answer.status_code == (201 if points == given else 422), answer.text
    assert (await giver.points()).available == 100 - given


@ONCE
async def test_gifts_that_make_no_sense_are_refused(members, shopper):
    li, other = await members.one(), await members.one()
    await li.given(100)
    answers = [
        await li.give(li.id, 10),
        await li.give("nobody", 10),
        await li.give(other.id, 0),
        await li.give(other.id, -10),
        await li.give(other.id, 10**30),
        await li.give(other.id, 1_001),
        await li.send("POST", "/loyalty/gifts", json={"to": other.id, "points": 1}),
    ]
    assert {each.status_code for each in answers} <= {400, 422}
    guest = await shopper.send("POST", "/loyalty/gifts", json={"to": other.id, "points": 1})
    assert guest.status_code == 401
    assert ((await li.points()).available, (await other.points()).available) == (100, 0)


@ONCE
class TestLimits:
    """Two gifts a day, of 60 points together."""

    @pytest.fixture
    def loyalty_settings(self):
        return {"gifts_a_day": 2, "gift_points_a_day": 60}

    async def test_a_day_has_its_limits_and_the_next_day_new_ones(self, shop, members):
        li, other = await members.one(), await members.one()
        await li.given(500)
        assert (await li.give(other.id, 61)).status_code == 429
        assert (await li.give(other.id, 30)).status_code == 201
        assert (await li.give(other.id, 31)).status_code == 429
        assert (await li.give(other.id, 30)).status_code == 201
        assert (await li.give(other.id, 1)).status_code == 429
        shop.clock.advance(timedelta(days=1))
        assert (await li.give(other.id, 1)).status_code == 201
