"""Top-ups change hands: members become one and are parted, or one hands his rest over."""

import asyncio
import random

import pytest

from jishi.idempotency import KeyReused
from jishi.identifiers import new_id
from jishi.membership import Why, merge_members, part_member
from jishi.problems import Problem
from jishi_loyalty.value.give_back import GivingBack, refund_payment
from jishi_loyalty.value.law import Due
from jishi_loyalty.value.move import HandingOver, hand_over
from jishi_loyalty.value.prove import keep_proof
from jishi_loyalty.value.returns import GivingUp, Hands, give_up, work_out
from jishi_loyalty.value.spend import Spending, spend

ONCE = pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
"""For tests whose statements others have run on both databases."""

WHY = Why(actor="test")


async def pay(wallet, member: str, amount: int) -> str:
    wanted = Spending(id=new_id(), member=member, amount=amount, currency="CNY")
    return (await spend(wallet.desk, wallet.value.settings, wanted)).id


async def back(wallet, payment: str, amount: int) -> None:
    await refund_payment(wallet.desk, GivingBack(id=new_id(), payment=payment, amount=amount))


async def test_two_who_become_one_have_both_and_parted_each_has_his_own(shop, members, wallet):
    anna, bert = await members.one(), await members.one()
    await wallet.topped_up(anna.id, 10_000, 1_000)
    await wallet.topped_up(bert.id, 20_000)
    payment = await pay(wallet, anna.id, 5_500)
    await merge_members(shop, anna.id, bert.id, WHY)
    assert await wallet.balance(bert.id) == 25_500
    assert sorted(await wallet.halves(bert.id)) == [(5_000, 500), (20_000, 0)]
    await back(wallet, payment, 5_500)
    assert await wallet.balance(bert.id) == 31_000
    seen = (await anna.send("GET", "/loyalty/value")).json()
    assert seen["balance"] == 31_000
    await wallet.must_agree(bert.id)
    await wallet.topped_up(bert.id, 700)
    await part_member(shop, anna.id, WHY)
    assert await wallet.halves(anna.id) == [(10_000, 1_000)]
    assert await wallet.balance(bert.id) == 20_700
    await wallet.must_agree(anna.id, bert.id)


@ONCE
async def test_a_top_up_for_who_is_another_by_now_is_the_others(shop, members, wallet):
    anna, bert = await members.one(), await members.one()
    await merge_members(shop, anna.id, bert.id, WHY)
    await wallet.topped_up(anna.id, 4_000)
    assert await wallet.balance(bert.id) == 4_000
    await pay(wallet, anna.id, 1_000)
    assert await wallet.balance(bert.id) == 3_000


async def test_a_payment_and_a_merge_at_once_lose_nothing(shop, members, wallet):
    anna, bert = await members.one(), await members.one()
    await wallet.topped_up(anna.id, 10_000)
    await asyncio.gather(
        *(pay(wallet, anna.id, 100) for _ in range(5)),
        merge_members(shop, anna.id, bert.id, WHY),
        return_exceptions=True,
    )
    spent = await shop.database.fetch(
        "SELECT CAST(COALESCE(sum(amount), 0) AS BIGINT) FROM loyalty_value_payments"
    )
    assert await wallet.balance(bert.id) == 10_000 - spent[0][0]
    await wallet.must_agree(bert.id)


async def test_the_rest_of_a_top_up_is_handed_over_with_its_history(members, wallet, code_of):
    anna, bert = await members.one(), await members.one()
    lot = await wallet.topped_up(anna.id, 10_000, 2_000)
    payment = await pay(wallet, anna.id, 6_000)
    body = {"lot": lot, "to": await code_of(bert)}
    path = "/loyalty/value/transfers"
    key = {"idempotency-key": "t"}
    refused = await anna.send("POST", path, json=body, headers=key)
    assert refused.json()["code"] == "step_up_needed"
    await keep_proof(wallet.desk, anna.id, 6_000, "password", 5)
    done = [await anna.send("POST", path, json=body, headers=key) for _ in range(2)]
    assert {one.status_code for one in done} == {201}, done[0].text
    assert done[0].json()["id"] == done[1].json()["id"]
    assert (await wallet.balance(anna.id), await wallet.halves(bert.id)) == (0, [(5_000, 1_000)])
    await back(wallet, payment, 6_000)
    assert await wallet.halves(anna.id) == [(5_000, 1_000)]
    new = done[0].json()["id"]
    wanted = GivingUp(lot=new, reason="merchant")
    found = await work_out(wallet.desk, wallet.value.settings, wanted, wallet.desk.now())
    assert found == Due(delivered=5_000, refund=5_000)
    await wallet.must_agree(anna.id, bert.id)
    strange = await bert.send(
        "POST",
        path,
        json={"lot": lot, "to": await code_of(anna)},
        headers={"idempotency-key": "s"},
    )
    assert strange.json()["code"] == "value_not_possible"


async def what_is_due(wallet, lot: str, reason: str) -> int:
    wanted = GivingUp(lot=lot, reason=reason)
    return (await work_out(wallet.desk, wallet.value.settings, wanted, wallet.desk.now())).refund


async def handed(wallet, lot: str, giver, receiver, name: str = "") -> str:
    await keep_proof(wallet.desk, giver.id, 10**6, "password", 5)
    wanted = HandingOver(id=name or new_id(), lot=lot, member=giver.id, to=receiver.id)
    return (await hand_over(wallet.desk, wallet.value.settings, wanted)).lot.id


@ONCE
@pytest.mark.parametrize("order", ["gift_first", "principal_first", "proportional"])
@pytest.mark.parametrize("reason", ["merchant", "consumer"])
async def test_a_top_up_that_was_handed_over_is_not_paid_out_twice(members, wallet, order, reason):
    anna, bert = await members.one(), await members.one()
    lot = await wallet.topped_up(anna.id, 50_000, 5_000, order)
    payment = await pay(wallet, anna.id, 6_000)
    new = await handed(wallet, lot, anna, bert)
    await back(wallet, payment, 6_000)
    both = await what_is_due(wallet, lot, reason) + await what_is_due(wallet, new, reason)
    assert 0 < both <= 50_000
    again = await handed(wallet, lot, anna, bert)
    moved = await what_is_due(wallet, again, reason) + await what_is_due(wallet, new, reason)
    assert moved == both


@ONCE
async def test_a_top_up_that_was_given_up_is_not_paid_out_again_by_handing_it_over(
    shop, members, wallet
):
    anna, bert = await members.one(), await members.one()
    lot = await wallet.topped_up(anna.id, 50_000, 5_000)
    payment = await pay(wallet, anna.id, 6_000)
    hands = Hands(id=new_id(), store="east", staff="s")
    wanted = GivingUp(lot=lot, reason="consumer")
    done = await give_up(shop, wallet.desk, wallet.value.settings, wanted, hands)
    await back(wallet, payment, 6_000)
    assert done.amount + await what_is_due(wallet, lot, "consumer") == 50_000
    new = await handed(wallet, lot, anna, bert)
    assert done.amount + await what_is_due(wallet, new, "consumer") <= 50_000
    await wallet.must_agree(anna.id, bert.id)


@ONCE
async def test_a_key_of_a_handing_over_is_good_for_one(members, wallet):
    anna, bert, carl = [await members.one() for _ in range(3)]
    lot = await wallet.topped_up(anna.id, 10_000)
    other = await wallet.topped_up(anna.id, 2_000)
    await handed(wallet, lot, anna, bert, "n1")
    assert await handed(wallet, lot, anna, bert, "n1") == "n1"
    for wrong in ((other, bert), (lot, carl)):
        with pytest.raises(KeyReused):
            await handed(wallet, wrong[0], anna, wrong[1], "n1")
    assert await wallet.balance(carl.id) == 0


@pytest.mark.bar("B15")
async def test_anything_in_any_order_at_the_same_time_keeps_every_lot_exact(shop, members, wallet):
    dice = random.Random(1)
    people = [(await members.one()).id for _ in range(4)]
    payments: list[tuple[str, int]] = []

    async def top_up():
        order = dice.choice(["gift_first", "principal_first", "proportional"])
        await wallet.topped_up(
            dice.choice(people), dice.randint(1, 900), dice.randint(0, 99), order
        )

    async def spending():
        amount = dice.randint(1, 1_200)
        payments.append((await pay(wallet, dice.choice(people), amount), amount))

    async def giving_back():
        if payments:
            payment, amount = dice.choice(payments)
            await back(wallet, payment, dice.randint(1, amount))

    async def giving_up():
        rows = await shop.database.fetch("SELECT id FROM loyalty_value_lots")
        if rows:
            wanted = GivingUp(
                lot=dice.choice(rows)[0], reason=dice.choice(["merchant", "consumer"])
            )
            hands = Hands(id=new_id(), store="east", staff="s")
            await give_up(shop, wallet.desk, wallet.value.settings, wanted, hands)

    async def becoming_one():
        await merge_members(shop, dice.choice(people), dice.choice(people), WHY)

    async def parting():
        await part_member(shop, dice.choice(people), WHY)

    steps = [top_up] * 3 + [spending] * 5 + [giving_back] * 3 + [giving_up, becoming_one, parting]
    for _ in range(12):
        done = await asyncio.gather(
            *(dice.choice(steps)() for _ in range(8)), return_exceptions=True
        )
        for one in done:
            assert one is None or isinstance(one, Problem), repr(one)
        assert await wallet.wrong_lots() == []
    low = await shop.database.fetch(
        "SELECT id FROM ledger_accounts WHERE kind = 'value' AND balance < 0"
    )
    assert low == []
    await wallet.must_agree(*people)
