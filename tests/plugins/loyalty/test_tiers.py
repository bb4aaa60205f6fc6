"""Ranks: up at once, down at the end of their time with grace; what they bring."""

from datetime import UTC, datetime, timedelta

import pytest

from jishi.membership import Why, merge_members
from jishi_loyalty.recount_tier import Measure, Standing, after, qualified
from jishi_loyalty.recount_tiers import preview_tiers, recount_tiers, with_ladder
from jishi_loyalty.scheme import scheme_of
from jishi_loyalty.settings import LoyaltySettings, Tier

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
LADDER = [
    {"code": "silver", "title": "银卡", "reach": 10_000, "percent_off": 5},
    {
        "code": "gold",
        "title": "金卡",
        "reach": 50_000,
        "percent_off": 10,
        "points_percent": 200,
        "free_delivery_from": 5_000,
        "birthday_points": 88,
    },
    {"code": "black", "title": "黑卡", "percent_off": 20},
]
SETTINGS = LoyaltySettings(
    tiers=(
        Tier(code="silver", title="银卡", reach=10_000),
        Tier(code="gold", title="金卡", reach=50_000),
        Tier(code="black", title="黑卡"),
    )
)


@pytest.fixture
def loyalty_settings():
    """Give a ladder and a card."""
    return {"tiers": LADDER, "cards": {"plus": {"tier": "black", "days": 30}}}


@pytest.mark.parametrize(
    ("fen", "tier"), [(0, ""), (9_999, ""), (10_000, "silver"), (50_000, "gold"), (10**9, "gold")]
)
def test_the_highest_tier_that_is_reached_counts(fen, tier):
    assert qualified(SETTINGS, Measure(fen=fen)) == tier


@pytest.mark.parametrize(
    ("standing", "reached", "days", "then"),
    [
        (("", None), "gold", 0, "gold"),
        (("silver", 10), "gold", 0, "gold"),
        (("gold", 10), "silver", 9, None),
        (("gold", 10), "silver", 39, None),
        (("gold", 10), "silver", 40, "silver"),
        (("gold", 10), "", 40, ""),
        (("gold", 10), "gold", 10, "gold"),
        (("gone", 10), "", 0, ""),
    ],
)
def test_up_at_once_and_down_after_its_time_and_grace(standing, reached, days, then):
    tier, until = standing
    held = Standing(tier, NOW, NOW + until * DAY if until is not None else None)
    found = after(SETTINGS, NOW + days * DAY, held, reached)
    assert (found and found.tier) == then if then else not (found and found.tier)


async def test_an_order_lifts_its_buyer_at_once_and_the_next_is_cheaper(
    shop, seller, members, runner
):
    await seller.product("tea", price=60_000)
    li = await members.one()
    await li.up_to("paid", {"tea": 1})
    await runner.drain()
    assert (await li.points()).tier == "gold"
    order = (await li.place({"tea": 1})).json()
    # a tenth off, and the delivery for nothing
    assert (order["total"], order["delivery_fee"]) == (54_000, 0)
    assert (await li.points()).pending == 600


async def test_a_tier_that_was_bought_with_goods_that_went_back_goes_back(
    shop, seller, members, runner, refund
):
    await seller.product("tea", price=60_000)
    li = await members.one()
    order = await li.up_to("paid", {"tea": 1})
    await runner.drain()
    await refund(order["id"])
    await runner.drain()
    assert (await li.points()).tier == ""


async def test_a_tier_lasts_its_time_and_its_grace(shop, seller, members, runner):
    await seller.product("tea", price=60_000)
    li = await members.one()
    await li.up_to("completed", {"tea": 1})
    await runner.drain()
    scheme = scheme_of(shop)
    for days, tier in ((364, "gold"), (30, "gold"), (2, "")):
        shop.clock.advance(days * DAY)
        await recount_tiers(scheme.desk, scheme.settings)
        assert (await li.points()).tier == tier
    assert await recount_tiers(scheme.desk, scheme.settings) == 0


async def test_a_card_makes_its_buyer_a_member_for_its_days(shop, seller, members, runner, refund):
    await seller.product("plus", price=9_900)
    li = await members.one()
    first = await li.up_to("paid", {"plus": 1})
    second = await li.up_to("paid", {"plus": 1})
    await runner.drain()
    holding = await li.points()
    assert (holding.tier, holding.tier_until) == ("black", shop.clock.now() + 60 * DAY)
    await refund(second["id"])
    await runner.drain()
    assert (await li.points()).tier_until == shop.clock.now() + 30 * DAY
    await refund(first["id"])
    await runner.drain()
    assert (await li.points()).tier == ""


async def test_another_ladder_is_looked_at_before_it_counts(shop, seller, members, runner):
    await seller.product("tea", price=60_000)
    people = [await members.one() for _ in range(3)]
    for one in people[:2]:
        await one.up_to("paid", {"tea": 1})
    await runner.drain()
    scheme = scheme_of(shop)
    ladder = with_ladder(scheme.settings, [Tier(code="gold", title="金卡", reach=70_000)])
    found = await preview_tiers(scheme.desk, ladder)
    assert [(each.was, each.tier, each.members) for each in found.changes] == [("gold", "", 2)]
    assert (await people[0].points()).tier == "gold"


async def test_a_birthday_is_said_once_and_celebrated_once_a_year(shop, seller, members, runner):
    await seller.product("tea", price=60_000)
    li = await members.one()
    await li.up_to("paid", {"tea": 1})
    said = await li.send("PUT", "/loyalty/me/birthday", json={"month": 3, "day": 5})
    assert said.status_code == 200, said.text
    again = await li.send("PUT", "/loyalty/me/birthday", json={"month": 3, "day": 6})
    assert (again.status_code, again.json()["code"]) == (409, "birthday_known")
    wrong = await li.send("PUT", "/loyalty/me/birthday", json={"month": 2, "day": 30})
    assert wrong.status_code == 422
    for _ in range(12):
        shop.clock.advance(DAY)
        await runner.drain()
    assert (await li.points()).available in (88, 688)
    granted = await shop.database.fetch("SELECT points FROM loyalty_grants")
    assert granted == [(88,)]


@pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
async def test_who_becomes_another_does_not_celebrate_again(shop, seller, members, runner):
    await seller.product("tea", price=60_000)
    li, wu = await members.one(), await members.one()
    for one in (li, wu):
        await one.up_to("paid", {"tea": 1})
    await li.send("PUT", "/loyalty/me/birthday", json={"month": 3, "day": 5})
    for day in range(8):
        if day == 5:
            await merge_members(shop, li.id, wu.id, Why(actor="test"))
            await wu.send("PUT", "/loyalty/me/birthday", json={"month": 3, "day": 7})
        shop.clock.advance(DAY)
        await runner.drain()
    granted = await shop.database.fetch("SELECT member_id, points FROM loyalty_grants")
    assert granted == [(li.id, 88)]
