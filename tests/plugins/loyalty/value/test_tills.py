"""At a till: the member shows a code, money comes and goes, each sale once."""

import asyncio
from datetime import timedelta

import pytest

from jishi.identifiers import new_id
from jishi_loyalty.value.problems import ValueLimit

ONCE = pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
"""For tests whose statements others have run on both databases."""


async def test_a_member_tops_up_and_pays_at_one_till_and_returns_at_another(
    members, wallet, tills, code_of
):
    anna = await members.one()
    topped = await tills["east"].post(
        "top-ups", {"code": await code_of(anna), "plan": "value-500", "slip": "E-1"}
    )
    assert topped.status_code == 201, topped.text
    assert (topped.json()["principal_left"], topped.json()["gift_left"]) == (50_000, 5_000)
    paid = await tills["east"].post("payments", {"code": await code_of(anna), "amount": 11_000})
    assert (paid.status_code, paid.json()["balance"]) == (201, 44_000)
    assert await wallet.halves(anna.id) == [(40_000, 4_000)]
    back = await tills["west"].post(f"payments/{paid.json()['id']}/reverse", {"amount": 5_500})
    assert (back.json()["refunded"], back.json()["balance"]) == (5_500, 49_500)
    assert await wallet.halves(anna.id) == [(45_000, 4_500)]
    east = (await tills["east"].get("/loyalty/pos/value/day")).json()["items"]
    assert {(one["kind"], one["amount"]) for one in east} == {
        ("top_up", 50_000),
        ("gift", 5_000),
        ("payment", 11_000),
    }
    west = (await tills["west"].get("/loyalty/pos/value/day")).json()["items"]
    assert [(one["kind"], one["amount"]) for one in west] == [("refund", 5_500)]
    await wallet.must_agree(anna.id)


@ONCE
async def test_a_till_cannot_pay_without_the_members_fresh_code(
    shop, members, wallet, tills, code_of
):
    anna = await members.one()
    await wallet.topped_up(anna.id, 10_000)
    code = await code_of(anna)
    wrong = [code[:-1] + ("0" if code[-1] != "0" else "1"), anna.id, "jv1.a.b.c.d", "x" * 200]
    wrong.append(code.replace(anna.id, new_id()))
    for one in wrong:
        answer = await tills["east"].post("payments", {"code": one, "amount": 100})
        assert (answer.status_code, answer.json()["code"]) == (422, "value_code_wrong")
    assert (await tills["east"].post("payments", {"code": code, "amount": 100})).status_code == 201
    again = await tills["east"].post("payments", {"code": code, "amount": 100})
    assert again.json()["code"] == "value_code_spent"
    old = await code_of(anna)
    shop.clock.advance(timedelta(seconds=61))
    late = await tills["east"].post("payments", {"code": old, "amount": 100})
    assert late.json()["code"] == "value_code_wrong"
    assert await wallet.balance(anna.id) == 9_900


@pytest.mark.bar("B06")
async def test_a_till_that_repeats_itself_does_it_once(shop, members, wallet, tills, code_of):
    anna = await members.one()
    code = await code_of(anna)
    body = {"code": code, "plan": "value-100"}
    topped = [await tills["east"].post("top-ups", body, key="t") for _ in range(3)]
    assert {one.json()["id"] for one in topped} == {topped[0].json()["id"]}
    pay = {"code": code, "amount": 1_000}
    done = await asyncio.gather(*(tills["east"].post("payments", pay, key="p") for _ in range(8)))
    assert {one.status_code for one in done} == {201}
    shop.clock.advance(timedelta(minutes=5))
    late = await tills["east"].post("payments", pay, key="p")
    assert (late.status_code, late.headers["idempotent-replayed"]) == (201, "true")
    payment = late.json()["id"]
    back = await asyncio.gather(
        *(
            tills["west"].post(f"payments/{payment}/reverse", {"amount": 400}, key="b")
            for _ in range(8)
        )
    )
    assert {one.json()["refunded"] for one in back} == {400}
    assert await wallet.balance(anna.id) == 9_400
    other = await tills["east"].post("payments", {**pay, "amount": 2_000}, key="p")
    assert other.json()["code"] == "idempotency_key_reused"
    too_much = await tills["west"].post(f"payments/{payment}/reverse", {"amount": 601})
    assert too_much.json()["code"] == "value_not_possible"
    await wallet.must_agree(anna.id)


@ONCE
async def test_what_a_till_may_not(shop, members, tills, code_of, client):
    anna = await members.one()
    body = {"code": await code_of(anna), "amount": 100}
    assert (await client.post("/loyalty/pos/value/payments", json=body)).status_code == 401
    assert (await anna.send("POST", "/loyalty/pos/value/payments", json=body)).status_code == 401
    free = await tills["east"].post("top-ups", {"code": body["code"], "amount": 100})
    assert (free.status_code, free.json()["field"]) == (422, "amount")
    limit = {"code": body["code"], "plan": "value-500"}
    done = [await tills["east"].post("top-ups", limit) for _ in range(10)]
    assert [one.status_code for one in done] == [201] * 9 + [409]


@ONCE
async def test_what_was_paid_in_the_mall_is_not_reversed_at_a_till(seller, members, wallet, tills):
    await seller.product("towel", price=1_000)
    anna = await members.one()
    await wallet.topped_up(anna.id, 10_000)
    await anna.place({"towel": 1}, payment={"gateway": "stored_value", "method": "balance"})
    ((payment,),) = await wallet.shop.database.fetch("SELECT id FROM loyalty_value_payments")
    answer = await tills["east"].post(f"payments/{payment}/reverse", {"amount": 100})
    assert answer.status_code == 404


class TestOff:
    """A shop that has not switched it on."""

    @pytest.fixture
    def value_settings(self):
        return {}

    @ONCE
    async def test_nobody_pays_or_tops_up(self, seller, members, tills, code_of):
        await seller.product("towel")
        anna = await members.one()
        body = {"code": await code_of(anna), "plan": "value-500"}
        assert (await tills["east"].post("top-ups", body)).status_code == 409
        placed = await anna.place(
            {"towel": 1}, payment={"gateway": "stored_value", "method": "balance"}
        )
        assert placed.json()["code"] == "no_such_gateway"


@ONCE
async def test_a_tills_key_is_not_good_for_somebody_elses_payment(members, wallet, tills, code_of):
    anna, bert = await members.one(), await members.one()
    for one in (anna, bert):
        await wallet.topped_up(one.id, 10_000)
    first = {"code": await code_of(anna), "amount": 100}
    assert (await tills["east"].post("payments", first, key="p")).status_code == 201
    other = {"code": await code_of(bert), "amount": 100}
    refused = await tills["east"].post("payments", other, key="p")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert (await wallet.balance(anna.id), await wallet.balance(bert.id)) == (9_900, 10_000)
    topped = {"code": await code_of(anna), "plan": "value-100", "slip": "1"}
    assert (await tills["east"].post("top-ups", topped, key="t")).status_code == 201
    refused = await tills["east"].post("top-ups", topped | {"slip": "2"}, key="t")
    assert refused.json()["code"] == "idempotency_key_reused"


async def test_tills_that_top_up_at_once_keep_to_the_most_a_member_may_have(members, wallet):
    anna = await members.one()
    done = await asyncio.gather(
        *(wallet.topped_up(anna.id, 100_000) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(one, ValueLimit) for one in done) == 5
    assert await wallet.balance(anna.id) == 500_000
