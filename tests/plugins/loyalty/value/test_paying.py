"""A balance pays: the whole or a part of an order, once, and never more than there is."""

import asyncio
from datetime import timedelta

import pytest

from jishi.identifiers import new_order_number
from jishi.ledger import balances
from jishi.orders import find_order
from jishi.payments import GatewayRefused, PaymentRef, PaymentRequest, gateways_of
from jishi_loyalty.value.book import left_of
from jishi_loyalty.value.problems import ValueShort
from jishi_loyalty.value.spend import Spending, spend

ONCE = pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
"""For tests whose statements others have run on both databases."""

BOTH = {
    "gateway": "paper",
    "method": "scan",
    "first": {"gateway": "stored_value", "method": "balance"},
}
BALANCE = {"gateway": "stored_value", "method": "balance"}


async def test_a_balance_pays_a_part_and_the_bank_the_rest(
    shop, seller, members, wallet, paper, runner
):
    await seller.product("towel", price=10_000)
    anna = await members.one()
    await wallet.topped_up(anna.id, 5_000, 500)
    placed = await anna.place({"towel": 1}, payment=BOTH)
    order = placed.json()
    assert placed.status_code == 201, placed.text
    assert order["payment"]["first"]["amount"] == 5_500
    assert (order["payment"]["gateway"], order["payment"]["amount"]) == (
        "paper",
        order["total"] - 5_500,
    )
    (attempt,) = paper.requests
    sheet = paper.pay(attempt)
    await anna.http.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    assert (await find_order(shop.database, order["id"])).status == "paid"
    assert await wallet.balance(anna.id) == 0
    await wallet.must_agree(anna.id)


@ONCE
async def test_two_requests_do_it_too(seller, members, wallet, paper):
    await seller.product("towel", price=10_000)
    anna = await members.one()
    await wallet.topped_up(anna.id, 5_000)
    order = (await anna.place({"towel": 1})).json()
    path = f"/store/orders/{order['id']}/payments"
    ways = (await anna.send("GET", path)).json()["ways"]
    assert [way["covers"] for way in ways if way["gateway"] == "stored_value"] == [5_000]
    first = await anna.send("POST", path, json=BALANCE)
    assert (first.status_code, first.json()["status"], first.json()["amount"]) == (
        201,
        "paid",
        5_000,
    )
    rest = await anna.send("POST", path, json={"gateway": "paper", "method": "scan"})
    assert rest.json()["amount"] == order["total"] - 5_000


async def test_an_order_that_is_never_paid_gives_the_part_back_to_its_halves(
    shop, seller, members, wallet, runner
):
    await seller.product("towel", price=10_000)
    anna = await members.one()
    await wallet.topped_up(anna.id, 3_000, 300, "gift_first")
    await anna.place({"towel": 1}, payment=BALANCE)
    assert await wallet.balance(anna.id) == 0
    shop.clock.advance(timedelta(minutes=20))
    await runner.drain()
    assert await wallet.halves(anna.id) == [(3_000, 300)]
    await wallet.must_agree(anna.id)


@ONCE
async def test_a_guest_has_no_balance(seller, shopper):
    await seller.product("towel")
    placed = await shopper.place({"towel": 1}, payment=BALANCE)
    assert (placed.status_code, placed.json()["field"]) == (422, "member")


@ONCE
async def test_another_members_balance_is_out_of_reach(seller, members, wallet):
    await seller.product("towel", price=1_000)
    anna, bert = await members.one(), await members.one()
    await wallet.topped_up(anna.id, 50_000)
    placed = (await bert.place({"towel": 1})).json()
    path = f"/store/orders/{placed['id']}/payments"
    for extra in ({}, {"openid": anna.id}):
        answer = await bert.send("POST", path, json=BALANCE | extra)
        assert answer.json()["code"] == "nothing_covered"
    assert await wallet.balance(anna.id) == 50_000


async def fifty(wallet, member: str) -> int:
    """Fifty payments of 60 at once; gives how many went through."""
    wanted = [
        Spending(id=f"p{number}", member=member, amount=60, currency="CNY") for number in range(50)
    ]
    done = await asyncio.gather(
        *(spend(wallet.desk, wallet.value.settings, one) for one in wanted),
        return_exceptions=True,
    )
    for one in done:
        assert not isinstance(one, Exception) or isinstance(one, ValueShort), one
    return sum(not isinstance(one, Exception) for one in done)


@pytest.mark.bar("B15")
async def test_of_fifty_payments_of_60_from_100_exactly_one_goes_through(wallet):
    lot = await wallet.topped_up("anna", 100)
    assert await fifty(wallet, "anna") == 1
    assert await wallet.balance("anna") == 40
    account = f"value:anna:principal:{lot}"
    assert (await balances(wallet.shop.database, [account]))[account].balance == 40
    await wallet.must_agree("anna")


async def test_without_the_ledgers_guard_more_go_through(shop, wallet, without_guards):
    await wallet.topped_up("anna", 100)
    await without_guards(shop.database)
    assert await fifty(wallet, "anna") > 1


async def test_the_same_attempt_pays_once_and_a_closed_one_never(shop, wallet):
    await wallet.topped_up("anna", 1_000)
    gateway = gateways_of(shop)["stored_value"]
    request = PaymentRequest(
        attempt=new_order_number(),
        method="balance",
        amount=400,
        currency="CNY",
        description="",
        expires_at=shop.clock.now() + timedelta(minutes=15),
        notify_url="",
        payer={"member": "anna"},
        order="o1",
    )
    started = await asyncio.gather(*(gateway.create(request) for _ in range(10)))
    assert {one.report.status for one in started} == {"paid"}
    assert await wallet.balance("anna") == 600
    ref = PaymentRef(attempt=request.attempt, merchant="", app="")
    with pytest.raises(GatewayRefused):
        await gateway.close(ref)
    assert (await gateway.query(ref)).amount == 400
    closed = PaymentRef(attempt=new_order_number(), merchant="", app="")
    await gateway.close(closed)
    await gateway.close(closed)
    assert (await gateway.query(closed)).status == "closed"
    late = PaymentRequest(
        **{f: getattr(request, f) for f in request.__struct_fields__ if f != "attempt"},
        attempt=closed.attempt,
    )
    with pytest.raises(GatewayRefused):
        await gateway.create(late)
    assert await wallet.balance("anna") == 600


async def test_closing_and_paying_at_once_is_one_of_both(shop, wallet):
    await wallet.topped_up("anna", 10_000)
    gateway = gateways_of(shop)["stored_value"]
    for _ in range(10):
        number = new_order_number()
        wanted = Spending(id=number, member="anna", amount=100, currency="CNY")
        ref = PaymentRef(attempt=number, merchant="", app="")
        paid, closed = await asyncio.gather(
            spend(wallet.desk, wallet.value.settings, wanted),
            gateway.close(ref),
            return_exceptions=True,
        )
        assert isinstance(paid, Exception) != isinstance(closed, Exception)
    paid = await shop.database.fetch(
        "SELECT count(*) FROM loyalty_value_payments WHERE status = 'paid'"
    )
    left = sum(one.total for one in await left_of(wallet.desk, "anna"))
    assert left == 10_000 - 100 * paid[0][0]
