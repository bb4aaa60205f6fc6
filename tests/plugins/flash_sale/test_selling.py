"""What a sale sells: its quota and no more, at its price, to each his share."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from jishi.ledger import balances, check, stock_account
from jishi.orders import find_order, pay_order
from jishi.payments import cancel_order
from jishi.plugins import NotEnough
from jishi_flash_sale import accounts, pages, sales

PRICE = 10_000


async def stands(shop, sale):
    named = {"shelf": stock_account("tea"), "quota": accounts.quota(sale, "tea")}
    found = await balances(shop.database, named.values())
    shelf, quota = found[named["shelf"]], found[named["quota"]]
    return {"shelf": shelf.available, "held": shelf.held, "quota": quota.available}


async def adds_up(shop, desk, sale, **ordered):
    """The report's own sum, and the ledger's."""
    (item,) = (await pages.report(desk, sale)).items
    assert item.quota == item.left + item.ordered + item.given_back
    assert await check(shop.database) == []
    return item


async def test_the_quota_leaves_the_shelf_when_the_sale_is_scheduled(shop, sale_of):
    sale = await sale_of(quota=10)
    assert await stands(shop, sale) == {"shelf": 40, "held": 0, "quota": 10}


async def test_more_than_the_shelf_has_is_refused_whole(shop, desk, sale_of):
    with pytest.raises(NotEnough):
        await sale_of(quota=51)
    (draft,) = await sales.sales(desk, sales.sql.SALES, "~", 9)
    assert draft.state == "draft"
    assert (await balances(shop.database, [stock_account("tea")]))[
        stock_account("tea")
    ].available == 50


async def test_a_piece_is_sold_at_the_sales_price_and_explained(shop, desk, sale_of, fan):
    sale = await sale_of(quota=10)
    placed = await (await fan(1)).grab(sale)
    assert (placed.status_code, placed.json()["lines"][0]["total"]) == (201, 1000)
    assert await stands(shop, sale) == {"shelf": 40, "held": 1, "quota": 9}
    rows = await shop.database.fetch("SELECT explanation FROM orders_orders")
    assert "秒杀：双十一" in str(rows[0][0])
    assert (await adds_up(shop, desk, sale)).ordered == 1


async def test_who_does_not_ask_pays_the_list_price_from_the_shelf(shop, sale_of, fan):
    sale = await sale_of(quota=10)
    placed = await (await fan(1)).place({"tea": 1})
    assert placed.json()["lines"][0]["total"] == PRICE
    assert (await stands(shop, sale))["quota"] == 10


async def test_the_quota_is_sold_when_the_shelf_is_empty(shop, sale_of, fan):
    sale = await sale_of(quota=50)
    assert (await stands(shop, sale))["shelf"] == 0
    assert (await (await fan(1)).place({"tea": 1})).status_code == 409
    assert (await (await fan(1)).grab(sale)).status_code == 201


async def test_each_has_his_share_and_gets_it_back_with_the_order(
    shop, desk, sale_of, fan, runner
):
    sale = await sale_of(quota=10, each=2)
    one = await fan(1)
    first = await one.grab(sale, 2)
    refused = await one.grab(sale)
    assert (refused.status_code, "每人限购 2 件" in refused.text) == (409, True)
    await cancel_order(shop, first.json()["id"], "member", "", "k")
    await cancel_order(shop, first.json()["id"], "member", "", "k")
    await runner.drain()
    assert await stands(shop, sale) == {"shelf": 40, "held": 0, "quota": 10}
    again = await one.grab(sale, 2)
    await pay_order(shop, again.json()["id"], 2000, "test")
    await cancel_order(shop, again.json()["id"], "staff:1", "", "k")
    await runner.drain()
    assert (await one.grab(sale, 2)).status_code == 201
    await adds_up(shop, desk, sale)


async def test_pieces_of_orders_out_of_time_come_back(shop, desk, sale_of, fan, runner):
    sale = await sale_of(quota=2)
    await (await fan(1)).grab(sale)
    shop.clock.advance(timedelta(minutes=16))
    await runner.drain()
    shop.clock.advance(timedelta(minutes=6))
    await runner.drain()
    assert (await stands(shop, sale))["quota"] == 2
    await adds_up(shop, desk, sale)


async def out_of_time(shop, runner):
    shop.clock.advance(timedelta(minutes=16))
    await runner.drain()
    shop.clock.advance(timedelta(minutes=6))
    await runner.drain()


async def test_late_money_takes_its_piece_of_the_quota_and_gives_it_back_once(
    shop, desk, sale_of, fan, runner
):
    sale = await sale_of(quota=2)
    before = await stands(shop, sale)
    order = (await (await fan(1)).grab(sale)).json()
    await out_of_time(shop, runner)
    await pay_order(shop, order["id"], order["total"], "test")
    await runner.drain()
    item = await adds_up(shop, desk, sale)
    assert (item.left, item.ordered) == (1, 1)
    assert (await stands(shop, sale))["shelf"] == before["shelf"]
    await cancel_order(shop, order["id"], "staff:1", "", "k")
    await runner.drain()
    item = await adds_up(shop, desk, sale)
    assert (item.left, item.ordered, item.given_back) == (1, 0, 1)
    assert (await stands(shop, sale))["shelf"] == before["shelf"] + 1


async def test_late_money_for_a_piece_that_went_to_the_shelf_counts_as_ordered(
    shop, desk, sale_of, fan, runner
):
    sale = await sale_of(quota=2)
    order = (await (await fan(1)).grab(sale)).json()
    await sales.end(desk, sale, "stopped", "staff:1")
    await out_of_time(shop, runner)
    assert (await adds_up(shop, desk, sale)).given_back == 2
    await pay_order(shop, order["id"], order["total"], "test")
    await runner.drain()
    item = await adds_up(shop, desk, sale)
    assert (item.left, item.ordered, item.given_back) == (0, 1, 1)


@pytest.mark.parametrize(
    ("when", "code"),
    [(timedelta(minutes=-1), "sale_not_begun"), (timedelta(hours=1), "sale_over")],
)
async def test_before_and_after_nobody_buys(shop, sale_of, fan, when, code):
    sale = await sale_of(begins=3600)
    shop.clock.advance(timedelta(hours=1) + when)
    refused = await (await fan(1)).grab(sale)
    assert refused.status_code == 422
    assert refused.json()["objections"][0]["code"] == code


async def test_guests_and_strange_wishes_are_refused_with_a_sentence(sale_of, fan, shopper):
    sale = await sale_of()
    guest = await shopper.place({"tea": 1}, extras={"flash_sale.sale": sale})
    assert (guest.status_code, "请先登录" in guest.text) == (422, True)
    nothing = await (await fan(1)).grab("no-such-sale")
    assert (nothing.status_code, "没有这场秒杀" in nothing.text) == (422, True)
    many = await (await fan(1)).grab(sale, 11)
    assert (many.status_code, "只剩 10 件" in many.text) == (422, True)


async def test_a_stopped_sale_sells_nobody_new_and_orders_keep_their_price(
    shop, desk, sale_of, fan, runner
):
    sale = await sale_of(quota=10)
    kept = (await (await fan(1)).grab(sale)).json()
    stopped = await sales.end(desk, sale, "stopped", "staff:7", "写错价格")
    again = await sales.end(desk, sale, "stopped", "staff:8", "")
    assert (again.stopped_by, again.stopped_because) == ("staff:7", "写错价格")
    assert stopped.stopped_at == shop.clock.now()
    shop.clock.advance(timedelta(seconds=2))
    assert (await (await fan(2)).grab(sale)).status_code == 422
    assert (await find_order(shop.database, kept["id"])).total == 1000 + kept["delivery_fee"]
    assert await stands(shop, sale) == {"shelf": 49, "held": 1, "quota": 0}
    await cancel_order(shop, kept["id"], "member", "", "k")
    await runner.drain()
    assert await stands(shop, sale) == {"shelf": 50, "held": 0, "quota": 0}
    assert (await adds_up(shop, desk, sale)).given_back == 10


async def test_a_sale_whose_time_is_over_gives_its_rest_back(shop, desk, sale_of, fan, runner):
    sale = await sale_of(quota=10)
    await (await fan(1)).grab(sale)
    shop.clock.advance(timedelta(hours=1, seconds=1))
    await runner.drain()
    assert (await sales.find_sale(desk, sale)).state == "over"
    assert (await stands(shop, sale))["quota"] == 0
    await adds_up(shop, desk, sale)


async def rush(sale_of, fan, buyers=30, quota=7):
    sale = await sale_of(quota=quota)
    fans = [await fan(number) for number in range(buyers)]
    answers = await asyncio.gather(*(one.grab(sale) for one in fans))
    return sale, Counter(one.status_code for one in answers)


async def test_many_at_once_get_the_quota_and_no_more(shop, desk, sale_of, fan):
    sale, answers = await rush(sale_of, fan)
    assert answers[201] == 7
    assert set(answers) <= {201, 409, 422}
    assert await stands(shop, sale) == {"shelf": 43, "held": 7, "quota": 0}
    await adds_up(shop, desk, sale)


async def test_one_member_many_times_at_once_gets_his_share(shop, sale_of, fan):
    sale, one = await sale_of(quota=10), await fan(1)
    answers = await asyncio.gather(*(one.grab(sale) for _ in range(20)))
    assert Counter(each.status_code for each in answers)[201] == 1


@pytest.mark.control
async def test_without_the_ledgers_guards_more_than_the_quota_is_sold(
    shop, sale_of, fan, without_guards
):
    await without_guards(shop.database)
    _, answers = await rush(sale_of, fan)
    assert answers[201] > 7
