"""A top-up is an order: paid, it is there; what goes back of it is what the law works out."""

from datetime import timedelta

import msgspec
import pytest

from jishi.orders import find_order
from jishi.payments import cancel_order
from jishi.problems import Problem

ONCE = pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
"""For tests whose statements others have run on both databases."""

PAPER = {"gateway": "paper", "method": "scan"}


async def buy(member, paper, sku="value-500", **order):
    """A top-up in the mall, paid at the bank; gives the order."""
    placed = await member.place({sku: 1}, payment=PAPER, **order)
    assert placed.status_code == 201, placed.text
    number = next(n for n, status in paper.statuses.items() if status == "waiting")
    sheet = paper.pay(number)
    await member.http.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    return placed.json()


@pytest.fixture
async def anna(seller, members):
    """Give a member of a shop that sells top-ups."""
    await seller.product("value-500", price=50_000, stock=1_000)
    await seller.product("value-100", price=10_000, stock=1_000)
    await seller.product("towel", price=20_000, stock=10)
    return await members.one()


async def test_a_paid_top_up_is_there_and_its_order_is_complete(shop, anna, paper, wallet, runner):
    order = await buy(anna, paper)
    assert (order["total"], order["delivery"]["code"]) == (50_000, "loyalty:value-5000")
    await runner.drain()
    seen = (await anna.send("GET", "/loyalty/value")).json()
    assert (seen["balance"], seen["principal"], seen["gift"]) == (55_000, 50_000, 5_000)
    assert (await find_order(shop.database, order["id"])).status == "completed"
    lines = (await anna.send("GET", "/loyalty/value/statement")).json()["items"]
    assert [(line["principal"], line["gift"], line["balance"]) for line in lines] == [
        (50_000, 5_000, 55_000)
    ]
    await wallet.must_agree(anna.id)


@ONCE
async def test_a_top_up_is_not_paid_from_a_balance(anna, wallet):
    await wallet.topped_up(anna.id, 100_000)
    balance = {"gateway": "stored_value", "method": "balance"}
    placed = (await anna.place({"value-500": 1}, payment=balance)).json()
    assert placed["payment"] if "payment" in placed else placed["paid"] == 0
    answer = await anna.send("POST", f"/store/orders/{placed['id']}/payments", json=balance)
    assert answer.json()["code"] == "nothing_covered"
    assert await wallet.balance(anna.id) == 100_000


@ONCE
async def test_a_top_up_is_ordered_alone_by_members_and_within_the_limit(anna, shopper):
    for who, pieces, code in [
        (anna, {"value-500": 1, "towel": 1}, "value_alone"),
        (anna, {"value-500": 1, "value-100": 1}, "value_alone"),
        (anna, {"value-500": 10}, "value_limit"),
        (anna, {"value-500": 1}, "value_delivery"),
        (shopper, {"value-100": 1}, "value_member"),
    ]:
        delivery = "courier" if "towel" in pieces or code == "value_delivery" else None
        refused = await who.place(pieces, delivery=delivery)
        assert [one["code"] for one in refused.json()["objections"]] == [code]


@ONCE
async def test_what_was_promised_counts_though_the_plan_is_gone_by_then(
    shop, anna, paper, wallet, tills
):
    placed = (await anna.place({"value-500": 1}, payment=PAPER)).json()
    plugin = shop.hooks.plugin("loyalty")
    plugin.value.settings = msgspec.structs.replace(plugin.value.settings, plans=())
    (number,) = paper.statuses
    sheet = paper.pay(number)
    await anna.http.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    assert await wallet.halves(anna.id) == [(50_000, 5_000)]
    assert (await tills["east"].refund(placed["id"], 50_000)).status_code == 409


@ONCE
async def test_a_top_up_is_not_given_back_like_goods(shop, anna, paper, wallet, tills, runner):
    order = await buy(anna, paper)
    assert (await tills["east"].refund(order["id"], 50_000)).status_code == 409
    await runner.drain()
    assert (await tills["east"].refund(order["id"], 100)).status_code == 409
    with pytest.raises(Problem):
        await cancel_order(shop, order["id"], "staff:1")
    assert await wallet.balance(anna.id) == 55_000
    assert not paper.refunds


@ONCE
async def test_within_seven_days_it_goes_back_whole_the_way_it_came(
    shop, anna, paper, wallet, tills, runner
):
    order = await buy(anna, paper)
    ((lot, _, _),) = await lots(wallet, anna)
    body = {"lot": lot, "reason": "within_days"}
    preview = (await tills["west"].post("returns/preview", body)).json()
    assert preview["refund"] == 50_000
    done = await tills["west"].post("returns", body, key="r1")
    assert done.status_code == 201, done.text
    assert (done.json()["amount"], done.json()["gift"], done.json()["means"]) == (
        50_000,
        5_000,
        "order",
    )
    again = await tills["west"].post("returns", body, key="r1")
    assert again.json() == done.json()
    await runner.drain()
    assert [request.amount for request, _ in paper.refunds.values()] == [50_000]
    assert (await find_order(shop.database, order["id"])).refunded == 50_000
    assert await wallet.balance(anna.id) == 0
    await wallet.must_agree(anna.id)


@ONCE
async def test_after_seven_days_it_needs_a_reason_and_what_was_used_counts(
    shop, anna, paper, wallet, tills, staff_token, runner
):
    await buy(anna, paper)
    await runner.drain()
    shop.clock.advance(timedelta(days=8))
    tills["west"].log_in(await staff_token(), "west")
    placed = await anna.place(
        {"towel": 1}, delivery="courier", payment={"gateway": "stored_value", "method": "balance"}
    )
    assert placed.json()["payment"]["status"] == "paid", placed.text
    total = placed.json()["total"]
    ((lot, _, _),) = await lots(wallet, anna)
    refused = await tills["west"].post("returns", {"lot": lot, "reason": "within_days"})
    assert refused.json()["code"] == "value_not_possible"
    done = await tills["west"].post("returns", {"lot": lot, "reason": "consumer"})
    assert done.json()["amount"] == 50_000 - total
    await runner.drain()
    assert sum(request.amount for request, _ in paper.refunds.values()) == 50_000 - total
    assert await wallet.balance(anna.id) == 0
    await wallet.must_agree(anna.id)


async def test_goods_that_come_back_after_it_was_given_up_can_be_given_up_too(
    shop, anna, paper, wallet, tills, runner
):
    await buy(anna, paper)
    await runner.drain()
    balance = {"gateway": "stored_value", "method": "balance"}
    placed = (await anna.place({"towel": 1}, delivery="courier", payment=balance)).json()
    ((lot, _, _),) = await lots(wallet, anna)
    body = {"lot": lot, "reason": "consumer"}
    first = (await tills["west"].post("returns", body)).json()["amount"]
    await tills["west"].refund(placed["id"], placed["total"])
    await runner.drain()
    assert await wallet.balance(anna.id) == placed["total"]
    second = await tills["west"].post("returns", body)
    assert second.status_code == 201, second.text
    await runner.drain()
    back = sum(request.amount for request, _ in paper.refunds.values())
    assert back == first + second.json()["amount"] == 50_000
    await wallet.must_agree(anna.id)


@ONCE
async def test_what_was_set_aside_is_paid_out_by_the_job_if_the_route_dies(
    shop, anna, paper, wallet, runner, monkeypatch
):
    await buy(anna, paper)
    await runner.drain()
    ((lot, _, _),) = await lots(wallet, anna)
    from jishi_loyalty.value import returns  # the story's module, to let it die

    async def dies(*_):
        raise RuntimeError("killed")

    whole = returns.pay_out
    monkeypatch.setattr(returns, "pay_out", dies)
    wanted = returns.GivingUp(lot=lot, reason="within_days")
    hands = returns.Hands(id="r", store="west", staff="s")
    with pytest.raises(RuntimeError):
        await returns.give_up(shop, wallet.desk, wallet.value.settings, wanted, hands)
    monkeypatch.setattr(returns, "pay_out", whole)
    await runner.drain()
    shop.clock.advance(timedelta(minutes=5))
    await runner.drain()
    assert [request.amount for request, _ in paper.refunds.values()] == [50_000]
    assert (await returns.find_return(wallet.desk, "r")).status == "paid"


async def lots(wallet, member):
    """Ids and halves of a member's lots."""
    from jishi_loyalty.value.book import left_of

    return [(one.lot.id, one.principal, one.gift) for one in await left_of(wallet.desk, member.id)]
