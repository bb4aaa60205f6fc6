"""Draws in a shop: entered, drawn, claimed, given back, proved; and visits to a store."""

import asyncio
from collections import Counter
from datetime import timedelta

import msgspec
import pytest

from jishi.config import Secret
from jishi.ledger import balances, check
from jishi.orders import pay_order
from jishi_live_stream import accounts, claim_prizes, hold_draws, sessions, take_part, visits
from jishi_live_stream.draws import Proof, said_of, verify
from jishi_live_stream.structs import DrawPlan, PrizePlan


@pytest.fixture
def draw_of(shop, desk, settings, live):
    async def make(session=None, **said):
        session = session or await live()
        usual = {
            "kind": "lottery",
            "title": "弹幕抽奖",
            "keyword": "想要",
            "prizes": (
                PrizePlan(title="茶壶", quantity=1),
                PrizePlan(title="券", quantity=2, gives="coupon", coupon="c1"),
            ),
            "closes_at": shop.clock.now() + timedelta(minutes=10),
        }
        plan = DrawPlan(**(usual | said))
        found = await sessions.find_session(desk, session)
        return await hold_draws.open_draw(desk, found, plan, settings, "staff:1")

    return make


RAIN = {
    "kind": "rain",
    "title": "福袋雨",
    "keyword": "",
    "bags": 3,
    "prizes": (
        PrizePlan(title="金", quantity=2, odds=300_000),
        PrizePlan(title="银", quantity=10, odds=400_000),
    ),
}


async def proof(client, draw) -> Proof:
    answer = await client.get(f"/live_stream/draws/{draw}/proof")
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Proof)


async def test_comments_are_drawn_and_the_proof_holds(client, desk, settings, draw_of, viewer):
    draw = await draw_of()
    people = [await viewer(number) for number in range(8)]
    for one in people:
        said = await one.ask(f"/draws/{draw.id}/comment", {"text": "想要这个"})
        assert said.status_code == 200, said.text
    again = await people[0].ask(f"/draws/{draw.id}/comment", {"text": "想要两个"})
    assert again.json()["number"] == 1
    wrong = await people[0].ask(f"/draws/{draw.id}/comment", {"text": "hello"})
    assert (wrong.status_code, "想要" in wrong.text) == (422, True)
    early = await client.get(f"/live_stream/draws/{draw.id}/proof")
    assert (early.status_code, early.json()["code"]) == (409, "draw_open")
    closed = await hold_draws.close_draw(desk, draw.id, settings)
    assert await hold_draws.close_draw(desk, draw.id, settings) == closed
    found = await proof(client, draw.id)
    assert verify(found) == []
    assert found.commitment == draw.commitment
    assert len(found.winners) == 3
    late = await people[0].ask(f"/draws/{draw.id}/comment", {"text": "想要"})
    assert late.status_code in (200, 409)
    assert len(await claim_prizes.winners_of(desk, draw.id)) == 3


async def test_a_changed_entry_in_the_database_is_found(
    shop, client, desk, settings, draw_of, viewer
):
    draw = await draw_of()
    for number in range(6):
        await (await viewer(number)).ask(f"/draws/{draw.id}/comment", {"text": "想要"})
    await hold_draws.close_draw(desk, draw.id, settings)
    text = "UPDATE live_stream_entries SET text = $2 WHERE draw = $1 AND number = 2"
    said = (await proof(client, draw.id)).entries[1].said
    async with shop.database.transaction() as tx:
        await tx.execute(text, draw.id, "x")
    assert verify(await proof(client, draw.id)) != []
    async with shop.database.transaction() as tx:
        await tx.execute(text, draw.id, said)
    assert verify(await proof(client, draw.id)) == []
    async with shop.database.transaction() as tx:
        await tx.execute("UPDATE live_stream_wins SET number = 99 WHERE prize = 0")
    assert verify(await proof(client, draw.id)) != []


async def test_what_people_write_is_nobody_elses_and_its_digest_can_be_shown_by_its_writer(
    shop, client, desk, settings, draw_of, viewer
):
    draw, one = await draw_of(), await viewer(1)
    await one.ask(f"/draws/{draw.id}/comment", {"text": "想要，我的电话 13912345678"})
    await hold_draws.close_draw(desk, draw.id, settings)
    answer = await client.get(f"/live_stream/draws/{draw.id}/proof")
    assert "13912345678" not in answer.text
    kept = await shop.database.fetch("SELECT text, member FROM live_stream_entries")
    member = str(kept[0][1])
    assert member not in answer.text
    said = (await proof(client, draw.id)).entries[0].said
    assert said == kept[0][0] == said_of(draw.id, member, "想要，我的电话 13912345678")
    assert said != said_of(draw.id, member, "想要")


async def test_a_changed_secret_draws_nothing_rather_than_what_looks_like_fraud(
    client, desk, settings, draw_of, viewer
):
    draw, one = await draw_of(), await viewer(1)
    await one.ask(f"/draws/{draw.id}/comment", {"text": "想要"})
    other = msgspec.structs.replace(settings, secret=Secret("x" * 40))
    with pytest.raises(hold_draws.SeedLost):
        await hold_draws.close_draw(desk, draw.id, other)
    assert (await hold_draws.find_draw(desk, draw.id)).state == "open"
    await hold_draws.close_draw(desk, draw.id, settings)
    with pytest.raises(hold_draws.SeedLost):
        await hold_draws.proof_of(desk, draw.id, other)
    assert verify(await proof(client, draw.id)) == []


async def test_a_draw_waits_for_its_public_number(
    client, desk, settings, draw_of, viewer, runner, shop
):
    draw = await draw_of(beacon_rule="福彩3D 第2026300期")
    await (await viewer(1)).ask(f"/draws/{draw.id}/comment", {"text": "想要"})
    shop.clock.advance(timedelta(minutes=11))
    await runner.drain()
    assert (await hold_draws.find_draw(desk, draw.id)).state == "open"
    late = await (await viewer(2)).ask(f"/draws/{draw.id}/comment", {"text": "想要"})
    assert (late.status_code, late.json()["code"]) == (409, "draw_closed")
    await hold_draws.tell_beacon(desk, draw.id, "5 2 0")
    with pytest.raises(hold_draws.DrawClosed):
        await hold_draws.tell_beacon(desk, draw.id, "9 9 9")
    shop.clock.advance(timedelta(seconds=6))
    await runner.drain()
    found = await proof(client, draw.id)
    assert (found.beacon, verify(found)) == ("5 2 0", [])


async def test_bags_are_decided_at_once_and_the_proof_replays_them(
    shop, client, desk, settings, draw_of, viewer
):
    draw = await draw_of(**RAIN)
    people = [await viewer(number) for number in range(12)]
    answers = await asyncio.gather(
        *(one.ask(f"/draws/{draw.id}/bag", key=f"k{turn}") for one in people for turn in range(4))
    )
    assert Counter(one.status_code for one in answers) == {200: 36, 409: 12}
    won = Counter(one.json()["won"] for one in answers if one.status_code == 200)
    assert (won["金"] <= 2, won["银"] <= 10) == (True, True)
    left = await balances(shop.database, [accounts.prize(draw.id, place) for place in (0, 1)])
    assert [one.balance for one in left.values()] == [2 - won["金"], 10 - won["银"]]
    await hold_draws.close_draw(desk, draw.id, settings)
    found = await proof(client, draw.id)
    assert verify(found) == []
    assert Counter(place for _, place in found.winners) == Counter({0: won["金"], 1: won["银"]})
    assert await check(shop.database) == []


async def test_a_bag_asked_for_again_is_the_same_bag(draw_of, viewer):
    draw, one = await draw_of(**RAIN), await viewer(1)
    first = await asyncio.gather(*(one.ask(f"/draws/{draw.id}/bag", key="a") for _ in range(5)))
    assert len({answer.text for answer in first}) == 1
    second = await one.ask(f"/draws/{draw.id}/bag", key="b")
    assert second.json()["number"] == 2


async def test_a_list_of_a_hundred_thousand_comments(client, desk, settings, draw_of):
    draw = await draw_of()
    comments = [
        take_part.Comment(member=f"m{number}", text="想要" if number % 10 else "哈哈")
        for number in range(100_000)
    ]
    done = await take_part.import_comments(desk, draw.id, comments)
    assert (done.entered, done.passed_over) == (90_000, 10_000)
    again = await take_part.import_comments(desk, draw.id, comments[:500])
    assert (again.entered, again.known) == (0, 450)
    await hold_draws.close_draw(desk, draw.id, settings)
    found = await proof(client, draw.id)
    assert (len(found.entries), len(found.winners), verify(found)) == (90_000, 3, [])


async def test_prizes_are_claimed_once_and_by_their_winner(shop, desk, settings, draw_of, viewer):
    draw = await draw_of()
    people = {}
    for number in range(3):
        one = await viewer(number)
        people[one.id] = one
        await one.ask(f"/draws/{draw.id}/comment", {"text": "想要"})
    await hold_draws.close_draw(desk, draw.id, settings)
    wins = await claim_prizes.winners_of(desk, draw.id)
    coupon = next(win for win in wins if win.prize == 1)
    owner = people[coupon.member]
    stranger = next(one for one in people.values() if one is not owner)
    path = f"/draws/{draw.id}/wins/{coupon.number}"
    assert (await stranger.ask(path)).status_code == 404
    claims = await asyncio.gather(*(owner.ask(path) for _ in range(5)))
    assert {one.json()["win"]["state"] for one in claims} == {"claimed"}
    own = accounts.own_coupons(owner.id, draw.session, "c1")
    assert (await balances(shop.database, [own]))[own].balance == 1
    mine = await owner.send("GET", "/live_stream/wins")
    assert [one["state"] for one in mine.json()["items"]] == ["claimed"]


async def test_what_nobody_claims_goes_back_once(shop, desk, settings, draw_of, viewer, runner):
    draw = await draw_of()
    one = await viewer(1)
    await one.ask(f"/draws/{draw.id}/comment", {"text": "想要"})
    await hold_draws.close_draw(desk, draw.id, settings)
    account = accounts.prize(draw.id, 0)
    assert (await balances(shop.database, [account]))[account].balance == 0
    shop.clock.advance(timedelta(hours=72, seconds=1))
    await runner.drain()
    assert await claim_prizes.give_back(desk) == 0
    assert (await balances(shop.database, [account]))[account].balance == 1
    refused = await one.ask(f"/draws/{draw.id}/wins/1")
    assert (refused.status_code, refused.json()["code"]) == (409, "prize_returned")
    assert await check(shop.database) == []


async def test_a_draw_for_buyers_takes_nobody_else(live, draw_of, viewer, shop):
    session = await live()
    draw, one = await draw_of(session, for_whom="buyers"), await viewer(1)
    refused = await one.ask(f"/draws/{draw.id}/comment", {"text": "想要"})
    assert (refused.status_code, refused.json()["code"]) == (403, "draw_not_for_you")
    order = (await one.buy(session)).json()
    await pay_order(shop, order["id"], order["total"], "test")
    assert (await one.ask(f"/draws/{draw.id}/comment", {"text": "想要"})).status_code == 200


async def test_an_operators_list_enters_nobody_for_whom_a_draw_is_not(
    live, draw_of, viewer, shop, desk
):
    session = await live()
    draw, one = await draw_of(session, for_whom="buyers"), await viewer(1)
    order = (await one.buy(session)).json()
    await pay_order(shop, order["id"], order["total"], "test")
    comments = [
        take_part.Comment(member=member, text="想要") for member in (order["member"], "stranger")
    ]
    done = await take_part.import_comments(desk, draw.id, comments)
    assert (done.entered, done.passed_over) == (1, 1)


async def test_places_of_a_store_are_booked_once_and_given_back(
    shop, desk, live, viewer, settings
):
    session = await live()
    people = [await viewer(number) for number in range(6)]
    answers = await asyncio.gather(
        *(one.ask(f"/sessions/{session}/visit", {"slot": "sat"}) for one in people for _ in "ab")
    )
    assert Counter(one.status_code for one in answers) == {200: 4, 409: 8}
    assert len({one.json()["id"] for one in answers if one.status_code == 200}) == 2
    seen = [(await one.send("GET", "/live_stream/visits")).json()["items"] for one in people]
    guest = next(one for one, items in zip(people, seen, strict=True) if items)
    mine = (await guest.send("GET", "/live_stream/visits")).json()["items"][0]
    assert len(mine["code"]) == 16
    assert (await guest.ask(f"/visits/{mine['id']}/cancel")).status_code == 204
    assert (await guest.ask(f"/visits/{mine['id']}/cancel")).status_code == 204
    again = await guest.ask(f"/sessions/{session}/visit", {"slot": "sat"})
    assert (again.status_code, again.json()["id"] != mine["id"]) == (200, True)
    with pytest.raises(visits.NoSuchVisit):
        await visits.welcome(desk, "AAAAAAAAAAAAAAAA", "east", "staff:1")
    code = again.json()["code"]
    with pytest.raises(visits.OtherStore):
        await visits.welcome(desk, code, "west", "staff:1")
    assert (await visits.welcome(desk, f" {code.lower()} ", "east", "staff:1")).state == "came"
    with pytest.raises(visits.VisitOver):
        await visits.welcome(desk, code, "east", "staff:1")
    assert await check(shop.database) == []
