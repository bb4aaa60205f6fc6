"""Coupons: issued, claimed, typed, given on, earned; and used at tills."""

import asyncio
import os
import time
from datetime import timedelta

import pytest

from jishi.events import Happened, emit
from jishi.identifiers import new_id
from jishi.membership import Why, merge_members, part_member
from jishi_promotions.claims import Claimer, claim_coupon
from jishi_promotions.coupons import NewBatch, issue_batch

MANY = int(os.environ.get("JISHI_TEST_COUPONS", "4500"))
"""Codes of one batch; 100000 is the long run."""

TENTH = {"kind": "percent", "steps": [{"off": 1000}]}
OPEN = {"open_to_all": "yes"}


@pytest.fixture
def shop_tables(shop_tables):
    """Give a shop with two stores, where three wrong codes a day are enough."""
    return shop_tables | {
        "stores": {"hz": {}, "sh": {}},
        "plugins": {**shop_tables["plugins"], "promotions": {"wrong_codes_per_day": 3}},
    }


async def claimed(who, campaign, key=None, device=""):
    """The answer to a claim."""
    return await who.send(
        "POST",
        "/promotions/coupons",
        json={"campaign": campaign.id, "device": device},
        headers={"idempotency-key": key or new_id()},
    )


async def typed(who, code):
    """The answer to a typed code."""
    return await who.send("POST", "/promotions/coupons/typed", json={"code": code})


async def wallet(who):
    """The states of what somebody holds."""
    found = await who.send("GET", "/promotions/coupons")
    assert found.status_code == 200, found.text
    return [each["state"] for each in found.json()["items"]]


async def test_a_batch_is_complete_with_codes_of_its_own_and_its_repeat_is_the_same(
    promotions, run, rows
):
    campaign = await run(trigger="coupon", benefit=TENTH)
    new = NewBatch(size=MANY)
    begun = time.process_time()
    batch = await issue_batch(promotions.desk, campaign.id, new, "one", "staff:test")
    spent = time.process_time() - begun
    assert spent < 0.0002 * MANY  # a hundred thousand: 20 s of this processor at the very most
    again = await issue_batch(promotions.desk, campaign.id, new, "one", "staff:test")
    assert again == batch
    counted = "SELECT COUNT(*), COUNT(DISTINCT code) FROM promotions_coupons WHERE campaign = $1"
    assert (await rows(counted, campaign.id))[0] == (MANY, MANY)


async def test_a_batch_that_broke_off_is_completed_by_asking_again(shop, promotions, run, rows):
    campaign = await run(trigger="coupon", benefit=TENTH)
    new = NewBatch(size=3000)
    await issue_batch(promotions.desk, campaign.id, new, "one", "staff:test")
    async with shop.database.transaction() as tx:
        await tx.execute("DELETE FROM promotions_coupons WHERE source LIKE '%:25__'")
        await tx.execute("DELETE FROM promotions_coupons WHERE source LIKE '%:29__'")
    await issue_batch(promotions.desk, campaign.id, new, "one", "staff:test")
    assert (await rows("SELECT COUNT(*) FROM promotions_coupons"))[0][0] == 3000


class TestClaiming:
    """Members help themselves, as often as they may."""

    async def test_a_repeat_gives_the_same_coupon_and_the_limit_holds(self, run, joined):
        campaign = await run(trigger="coupon", benefit=TENTH, claiming=OPEN)
        member = await joined()
        first, again = [await claimed(member, campaign, "k") for _ in range(2)]
        assert first.json()["id"] == again.json()["id"]
        assert (await claimed(member, campaign)).json()["code"] == "claim_limit"
        assert await wallet(member) == ["good"]

    async def test_the_last_of_the_supply_goes_to_one(self, promotions, run):
        campaign = await run(trigger="coupon", benefit=TENTH, claiming=OPEN | {"supply": 1})
        who = [Claimer(f"m-{at}", "", promotions.terms.zone, 9, 9) for at in range(30)]
        answers = await asyncio.gather(
            *(claim_coupon(promotions.desk, campaign.id, "k", one, "zh") for one in who),
            return_exceptions=True,
        )
        assert sum(not isinstance(each, Exception) for each in answers) == 1

    async def test_without_the_floor_it_goes_to_many(self, shop, promotions, run, without):
        await without("floor", shop.database)
        campaign = await run(trigger="coupon", benefit=TENTH, claiming=OPEN | {"supply": 1})
        who = [Claimer(f"m-{at}", "", promotions.terms.zone, 9, 9) for at in range(8)]
        answers = await asyncio.gather(
            *(claim_coupon(promotions.desk, campaign.id, "k", one, "zh") for one in who),
            return_exceptions=True,
        )
        assert sum(not isinstance(each, Exception) for each in answers) > 1

    async def test_one_device_claims_only_so_many(self, run, joined):
        claiming = OPEN | {"per_device_day": 2}
        campaign = await run(trigger="coupon", benefit=TENTH, claiming=claiming)
        answers = [await claimed(await joined(), campaign, device="phone-1") for _ in range(3)]
        assert [each.status_code for each in answers] == [201, 201, 409]
        assert (await claimed(await joined(), campaign, device="phone-2")).status_code == 201

    async def test_it_is_good_from_and_until(self, shop, seller, run, joined, price):
        await seller.product("tea", price=10_000)
        claiming = OPEN | {"from_hours": 1, "valid_hours": 2}
        campaign = await run(trigger="coupon", benefit=TENTH, claiming=claiming)
        member, states, prices = await joined(), [], []
        await claimed(member, campaign)
        for _ in range(3):
            states += await wallet(member)
            prices.append(await price(member, {"tea": 1}))
            shop.clock.advance(timedelta(minutes=100))
        assert states == ["early", "good", "ended"]
        assert prices == [10_000, 9000, 10_000]

    async def test_nobody_claims_from_a_campaign_that_is_not_open(self, run, joined):
        campaign = await run(trigger="coupon", benefit=TENTH)
        assert (await claimed(await joined(), campaign)).json()["code"] == "campaign_not_on"


class TestCodes:
    """Codes that are typed."""

    async def test_a_typing_error_is_told_at_once_and_guessing_ends(self, run, joined, codes):
        campaign = await run(trigger="coupon", benefit=TENTH)
        (code,) = await codes(campaign)
        member = await joined()
        wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
        assert (await typed(member, wrong)).json()["code"] == "bad_code"
        answers = [(await typed(member, f"GUESS{at}")).json()["code"] for at in range(4)]
        assert answers == ["no_coupon"] * 3 + ["too_many_wrong_codes"]

    async def test_what_is_in_a_wallet_is_not_used_by_others(
        self, seller, run, codes, joined, shopper, price
    ):
        await seller.product("tea", price=10_000)
        (code,) = await codes(await run(trigger="coupon", benefit=TENTH))
        member = await joined()
        assert await price(shopper, {"tea": 1}, codes=[code]) == 9000
        await typed(member, code)
        assert await price(shopper, {"tea": 1}, codes=[code]) == 10_000
        assert await price(member, {"tea": 1}) == 9000
        none = {"promotions.coupons": "none"}
        assert await price(member, {"tea": 1}, extras=none) == 10_000

    async def test_a_transferable_one_goes_to_whoever_has_the_code(self, run, codes, joined):
        claiming = {"transferable": "yes"}
        give, keep = [
            (await codes(await run(trigger="coupon", benefit=TENTH, claiming=each)))[0]
            for each in (claiming, {})
        ]
        giver, taker = await joined(), await joined()
        for code in (give, keep):
            assert (await typed(giver, code)).status_code == 200
        assert (await typed(taker, give)).status_code == 200
        assert (await typed(taker, keep)).json()["code"] == "no_coupon"
        assert (await wallet(giver), await wallet(taker)) == (["good"], ["good"])

    async def test_a_used_one_is_shown_as_used(self, seller, run, codes, joined):
        await seller.product("tea", price=10_000)
        (code,) = await codes(await run(trigger="coupon", benefit=TENTH))
        member = await joined()
        await typed(member, code)
        await member.up_to("paid", {"tea": 1})
        assert await wallet(member) == ["used"]


class TestFromElsewhere:
    """What other parts of the shop tell."""

    async def test_a_reward_that_was_bought_is_one_coupon(self, shop, run, joined, runner):
        campaign = await run(trigger="coupon", benefit=TENTH)
        member = await joined()
        data = {"campaign": campaign.id, "member": member.id}
        for _ in range(2):
            told = Happened(
                name="loyalty.reward_bought", subject="r", data=dict(data), key="bought-1"
            )
            async with shop.database.transaction() as tx:
                await emit(tx, shop, [told])
            await runner.drain()
        assert await wallet(member) == ["good"]

    async def test_coupons_follow_members_who_merge_and_part(
        self, shop, run, codes, joined, runner
    ):
        first, second = await codes(await run(trigger="coupon", benefit=TENTH), size=2)
        one, two = await joined(), await joined()
        await typed(one, first)
        await typed(two, second)
        await merge_members(shop, one.id, two.id, Why(actor="staff:test"))
        await runner.drain()
        assert await wallet(two) == ["good", "good"]
        await part_member(shop, one.id, Why(actor="staff:test"))
        await runner.drain()
        assert await wallet(two) == ["good"]

    async def test_what_was_used_under_another_membership_stays_used(
        self, shop, seller, run, joined, runner, price
    ):
        await seller.product("tea", price=10_000)
        await run(benefit=TENTH, limits={"per_member": 1})
        one, two = await joined(), await joined()
        await one.up_to("paid", {"tea": 1})
        assert await price(two, {"tea": 1}) == 9000
        await merge_members(shop, one.id, two.id, Why(actor="staff:test"))
        await runner.drain()
        assert await price(two, {"tea": 1}) == 10_000


class TestTills:
    """核销."""

    async def at_till(self, staff, code, key=None, **more):
        """The answer to a coupon at a till."""
        body = {
            "code": code,
            "store": "hz",
            "lines": [{"sku": "TEA-1", "quantity": 2, "unit_price": 5000}],
            "receipt": "R-1",
        }
        return await staff.send(
            "POST",
            "/promotions/till/redemptions",
            json=body | more,
            headers={"idempotency-key": key or new_id()},
        )

    async def test_it_is_used_once_and_a_repeat_gives_the_same_answer(
        self, staff, seller, shopper, run, codes, price
    ):
        await seller.product("tea", price=10_000)
        (code,) = await codes(await run(trigger="coupon", benefit=TENTH))
        first = await self.at_till(staff, code, "k")
        again = await self.at_till(staff, code, "k")
        assert (first.status_code, first.json()["amount"]) == (201, 1000)
        assert again.json() == first.json()
        assert again.headers["idempotent-replayed"] == "true"
        assert (await self.at_till(staff, code, "k", store="sh")).json()["code"] == "invalid"
        assert (await self.at_till(staff, code)).json()["code"] == "coupon_gone"
        assert await price(shopper, {"tea": 1}, codes=[code]) == 10_000

    async def test_twenty_tills_and_twenty_carts_use_it_once(
        self, staff, seller, shopper, run, codes
    ):
        await seller.product("tea", price=10_000, stock=50)
        (code,) = await codes(await run(trigger="coupon", benefit=TENTH))
        tills = [self.at_till(staff, code) for _ in range(20)]
        carts = [shopper.another().place({"tea": 1}, codes=[code]) for _ in range(20)]
        answers = await asyncio.gather(*tills, *carts)
        used = [each for each in answers[:20] if each.status_code == 201]
        used += [
            each
            for each in answers[20:]
            if each.status_code == 201 and each.json()["lines"][0]["total"] == 9000
        ]
        assert len(used) == 1

    async def test_a_mistake_is_undone_once(self, staff, seller, shopper, run, codes, left):
        campaign = await run(trigger="coupon", benefit=TENTH, limits={"total": 5})
        (code,) = await codes(campaign)
        name = (await self.at_till(staff, code)).json()["id"]
        path = f"/promotions/till/redemptions/{name}/undo"
        for _ in range(2):
            undone = await staff.send("POST", path, json={"reason": "按错"})
            assert undone.json()["return_reason"] == "按错", undone.text
        assert await left(f"promotions:{campaign.id}:uses") == 5
        assert (await self.at_till(staff, code)).status_code == 201

    async def test_only_staff_at_a_store_that_exists(self, staff, shopper, run, codes):
        (code,) = await codes(await run(trigger="coupon", benefit=TENTH))
        assert (await self.at_till(shopper, code)).status_code in (401, 403)
        assert (await self.at_till(staff, code, store="nowhere")).json()["field"] == "store"
