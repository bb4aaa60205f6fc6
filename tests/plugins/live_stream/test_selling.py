"""A session's prices and coupons: for who watches, while it lasts, no more than there are."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from jishi.checkout import Counter as Desk
from jishi.ledger import balances, check
from jishi.orders import find_order, pay_order
from jishi.payments import cancel_order
from jishi.problems import Invalid
from jishi_live_stream import accounts, counting, pages, sessions
from jishi_live_stream.structs import CardPlan, CouponPlan

PRICE = 10_000


async def line(answer):
    assert answer.status_code == 201, answer.text
    return answer.json()["lines"][0]["total"]


async def test_who_watches_pays_the_sessions_price_and_others_do_not(live, viewer):
    session, one = await live(), await viewer(1)
    assert await line(await one.buy(session)) == 6000
    assert await line(await one.place({"tea": 1})) == PRICE


async def test_the_price_is_explained_and_the_order_is_the_hosts(shop, desk, live, viewer):
    session = await live()
    order = (await (await viewer(1)).buy(session)).json()
    rows = await shop.database.fetch("SELECT order_id, session, host FROM live_stream_orders")
    assert rows == [(order["id"], session, "小美")]
    ((explanation,),) = await shop.database.fetch("SELECT explanation FROM orders_orders")
    assert "直播价：春茶直播" in str(explanation)
    report = await pages.report(desk, await sessions.find_session(desk, session))
    assert (report.orders, report.revenue) == (1, order["total"])


async def test_an_order_without_a_card_is_attributed_too(shop, live, viewer):
    session = await live()
    assert await line(await (await viewer(1)).buy(session, sku="cup")) == PRICE
    assert await shop.database.fetch("SELECT count(*) FROM live_stream_orders") == [(1,)]


async def test_each_has_his_share_and_all_together_theirs(shop, live, viewer):
    session, one = await live(), await viewer(1)
    assert await line(await one.buy(session, 2)) == 12_000
    assert await line(await one.buy(session)) == PRICE
    others = [await viewer(number) for number in range(2, 8)]
    totals = Counter([await line(await other.buy(session)) for other in others])
    assert totals == {6000: 3, PRICE: 3}
    account = accounts.card(session, "tea")
    assert (await balances(shop.database, [account]))[account].held == 5
    assert await check(shop.database) == []


async def test_many_at_once_never_get_more_than_there_are(shop, live, viewer):
    session = await live()
    people = [await viewer(number) for number in range(20)]
    answers = await asyncio.gather(*(one.buy(session) for one in people))
    cheap = sum(a.status_code == 201 and a.json()["lines"][0]["total"] == 6000 for a in answers)
    assert cheap == 5
    assert {a.status_code for a in answers} <= {201, 409}


async def test_when_the_session_ends_orders_keep_their_price_and_nobody_new_gets_it(
    shop, desk, live, viewer
):
    session, one = await live(), await viewer(1)
    kept = (await one.buy(session)).json()
    ended = await sessions.end_session(desk, session, "staff:9", "断网")
    await sessions.end_session(desk, session, "staff:10", "")
    assert (ended.ended_by, ended.ended_because) == ("staff:9", "断网")
    shop.clock.advance(timedelta(seconds=1))
    assert await line(await one.buy(session)) == PRICE
    assert (await find_order(shop.database, kept["id"])).lines[0].total == 6000


async def test_its_time_ends_it_by_itself(shop, desk, live, viewer, runner):
    session, one = await live(), await viewer(1)
    shop.clock.advance(timedelta(hours=2))
    assert await line(await one.buy(session)) == PRICE
    await runner.drain()
    assert (await sessions.find_session(desk, session)).ended_by == "live_stream@0.1.0"


async def test_a_coupon_exists_only_in_its_session(shop, live, viewer):
    session, other, one = await live(), await live(title="另一场"), await viewer(1)
    claimed = await one.ask(f"/sessions/{session}/coupons/c1")
    assert claimed.json()["items"][0] == {
        "code": "c1", "title": "满50减10", "left": 2, "mine": 1,
    }  # fmt: skip
    assert await line(await one.buy(other)) == 6000
    assert await line(await one.place({"tea": 1})) == PRICE
    used = await one.buy(session)
    assert await line(used) == 5000
    assert await line(await one.buy(session)) == 6000
    await cancel_order(shop, used.json()["id"], "member", "", "k")
    await cancel_order(shop, used.json()["id"], "member", "", "k")
    assert await line(await one.buy(session, sku="cup")) == 9000


async def test_a_coupon_is_claimed_once_per_key_and_no_more_than_ones_share(live, viewer):
    session, one = await live(), await viewer(1)
    path = f"/sessions/{session}/coupons/c1"
    twice = [await one.ask(path, key="a"), await one.ask(path, key="a")]
    assert [answer.json()["items"][0]["mine"] for answer in twice] == [1, 1]
    refused = await one.ask(path, key="b")
    assert (refused.status_code, "每人限领 1 张" in refused.text) == (409, True)


async def test_a_hundred_ask_for_three_coupons(shop, live, viewer):
    session = await live()
    people = [await viewer(number) for number in range(25)]
    answers = await asyncio.gather(
        *(one.ask(f"/sessions/{session}/coupons/c1") for one in people for _ in range(4))
    )
    own = [accounts.own_coupons(one.id, session, "c1") for one in people]
    stands = await balances(shop.database, own)
    assert sum(one.balance for one in stands.values()) == 3
    assert {answer.status_code for answer in answers} == {200, 409}
    assert await check(shop.database) == []


async def test_claimed_coupons_are_good_for_a_while_after_the_end_and_then_no_more(
    shop, desk, live, viewer
):
    session, one, two = await live(), await viewer(1), await viewer(2)
    await one.ask(f"/sessions/{session}/coupons/c1")
    await sessions.end_session(desk, session, "staff:1")
    shop.clock.advance(timedelta(minutes=29))
    assert await line(await one.buy(session)) == 9000
    assert (await two.ask(f"/sessions/{session}/coupons/c1")).status_code == 409
    shop.clock.advance(timedelta(minutes=2))
    assert (await one.buy(session)).status_code == 422


async def test_a_session_that_never_was_is_refused(live, viewer):
    refused = await (await viewer(1)).buy("no-such-session")
    assert (refused.status_code, "没有这场直播" in refused.text) == (422, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"coupons": (CouponPlan(code="c", title="x", quantity=1),)},
        {"coupons": (CouponPlan(code="c", title="x", off=1, percent=1, quantity=1),)},
        {"cards": (CardPlan(sku="tea"), CardPlan(sku="tea"))},
        {"store": None},
    ],
)
async def test_a_plan_that_cannot_be_kept_is_refused(desk, plan_of, wrong):
    with pytest.raises(Invalid):
        await sessions.write_down(desk, plan_of(**wrong), "test")


async def test_who_had_his_share_and_paid_buys_at_the_list_price(shop, live, viewer):
    session, one = await live(), await viewer(1)
    had = (await one.buy(session, 2)).json()
    await pay_order(shop, had["id"], had["total"], "test")
    assert await line(await one.buy(session)) == PRICE


async def test_a_cancelled_order_gives_back_what_it_had_paid_for_once(shop, live, viewer, runner):
    session, one = await live(), await viewer(1)
    await one.ask(f"/sessions/{session}/coupons/c1")
    bought = (await one.buy(session, 2)).json()
    assert bought["lines"][0]["total"] == 11_000
    await pay_order(shop, bought["id"], bought["total"], "test")
    assert await line(await one.buy(session)) == PRICE
    await cancel_order(shop, bought["id"], "staff:1", "", "k")
    for _ in range(2):
        await runner.drain()
    await cancel_order(shop, bought["id"], "staff:1", "", "k")
    await runner.drain()
    assert await line(await one.buy(session, 2)) == 11_000
    account = accounts.card(session, "tea")
    assert (await balances(shop.database, [account]))[account].available == 3
    assert await check(shop.database) == []


async def test_an_order_that_is_on_its_way_when_the_session_ends_comes_too_late(
    shop, desk, live, viewer, monkeypatch
):
    session, one = await live(), await viewer(1)
    queue = Desk.place

    async def end_then_queue(counter, placing):
        await sessions.end_session(desk, session, "staff:9")
        return await queue(counter, placing)

    monkeypatch.setattr(Desk, "place", end_then_queue)
    assert (await one.buy(session)).status_code == 409


async def test_the_counters_are_worked_out_once_for_everybody_who_watches(desk, live, monkeypatch):
    session = await sessions.find_session(desk, await live())
    looks: list[str] = []

    async def look(desk, session):
        looks.append(session.id)
        return await pages.counters(desk, session)

    monkeypatch.setattr(counting, "counters", look)
    shared = counting.Counting(desk)
    found = await asyncio.gather(*(shared.of(session) for _ in range(50)))
    assert looks == [session.id]
    assert found == [await pages.counters(desk, session)] * 50


async def test_the_room_shows_goods_by_name_and_nothing_a_browser_would_block(client, live):
    page = await client.get(f"/live_stream/rooms/{await live()}")
    assert page.status_code == 200
    assert 'href="/p/' in page.text
    assert " style=" not in page.text
