"""Everybody wants the last seat at the same moment."""

import asyncio
from datetime import timedelta

THREE = [{"reach": 3, "percent": 10}]


async def _rush(gathered, mate, paper, shop) -> int:
    """Eight members join a team of three in which one sits; gives the seats that are taken."""
    _, _, _, code = await gathered(1, ladder=THREE)
    people = [await mate() for _ in range(8)]
    answers = await asyncio.gather(*(one.join(code) for one in people))
    placed = [
        (person, answer.json()["id"])
        for person, answer in zip(people, answers, strict=True)
        if answer.status_code == 201
    ]
    await asyncio.gather(*(person.pay(order) for person, order in placed))
    ((paid,),) = await shop.database.fetch(
        "SELECT count(*) FROM orders_orders WHERE status = 'paid'"
    )
    return int(paid)


async def test_the_last_seats_are_sold_once(gathered, mate, paper, shop):
    assert await _rush(gathered, mate, paper, shop) == 3


async def test_without_the_floor_a_team_grows(gathered, mate, paper, shop, without_guards):
    """The positive control."""
    await without_guards(shop.database)
    assert await _rush(gathered, mate, paper, shop) > 3


async def test_one_member_who_presses_ten_times_sits_once(gathered, mate, shop):
    _, _, _, code = await gathered(1, orders_per_member=0)
    person = await mate()
    answers = await asyncio.gather(*(person.join(code) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers)[:2] == [201, 409]


async def test_a_payment_and_the_end_of_the_team_exclude_each_other(
    gathered, mate, shop, net, passes
):
    """Whoever is in pays the team's price, whoever is not has his money."""
    _, _, orders, code = await gathered(2, hours=1)
    shop.clock.advance(timedelta(minutes=55))
    late = await mate()
    order = (await late.join(code)).json()["id"]
    plugin = shop.hooks.plugin("group_buy")
    jobs = {getattr(one, "name", ""): one for one in plugin.register_jobs()}
    ((team,),) = await plugin.desk.fetch("SELECT id FROM group_buy_teams WHERE code = $1", code)
    shop.clock.advance(timedelta(minutes=6))
    decide = [jobs["decide"].do(shop, {"team": str(team)}) for _ in range(3)]
    await asyncio.gather(late.pay(order), *decide)
    await passes(hours=1)
    assert [await net(one) for one in (*orders, order)] == [9_000] * 3
