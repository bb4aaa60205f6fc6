"""Prices from elsewhere are offers like any other."""

import json

import pytest

from jishi.plugins import Care

OFFERS = {"offers": {"promotion": [{"rule": "erp", "reason": "会员价", "amounts": [-100]}]}}
LINES = {"lines": [{"sku": "tea", "quantity": 2}]}


@pytest.fixture
def erp(elsewhere):
    elsewhere.says("/prices", json.dumps(OFFERS))
    return elsewhere.table("/prices", "adjust_price", version="2.1")


async def test_its_offers_compete_and_are_signed_with_its_name(shop, seller, shopper, elsewhere):
    await seller.product("tea", price=1000)
    quote = (await shopper.send("POST", "/store/quotes", json=LINES)).json()
    assert quote["lines"][0]["total"] == 1900
    mine = [each for each in quote["adjustments"] if each["plugin"] == "erp@2.1"]
    assert [each["rule"] for each in mine] == ["erp"]
    asked = elsewhere.heard("/prices")[-1]
    assert asked["type"] == "adjust_price"
    assert asked["data"]["basket"]["items"][0]["sku"] == "tea"
    assert "loaded" not in asked["data"]["basket"]


async def test_it_is_listed_with_its_address_and_traced_like_any_other(
    shop, seller, shopper, elsewhere
):
    (shown,) = [each for each in shop.hooks.roster.installed() if each.name == "erp"]
    assert (shown.state, shown.distribution) == ("on", elsewhere.address + "/prices")
    await seller.product("tea", price=1000)
    with shop.hooks.recording() as trace:
        await shopper.send("POST", "/store/quotes", json=LINES)
    assert {each.hook for each in trace.calls if each.plugin == "erp@2.1"} == {
        "load_pricing",
        "adjust_price",
    }


async def test_the_line_is_kept_open_between_calls_and_closed_with_the_shop(
    shop, seller, shopper, elsewhere
):
    await seller.product("tea", price=1000)
    for _ in range(3):
        await shopper.send("POST", "/store/quotes", json=LINES)
    assert len({each["peer"] for each in elsewhere.heard("/prices")[-3:]}) == 1
    await Care(shop.hooks, shop.database).stop()
    assert shop.hooks.plugin("erp").line._client is None


BAD = [
    {"rule": "r", "reason": "r", "amounts": [-1.5]},
    {"rule": "r", "reason": "r", "amounts": [-1, -1]},
    {"rule": "r", "reason": "r", "amount": [-1]},
]


async def test_no_price_is_better_than_a_wrong_one(shop, seller, shopper, elsewhere):
    await seller.product("tea", price=1000)
    for offer in BAD:
        elsewhere.says("/prices", json.dumps({"offers": {"promotion": [offer]}}))
        answer = await shopper.send("POST", "/store/quotes", json=LINES)
        assert (answer.status_code, answer.json()["code"]) == (503, "plugin_unavailable"), offer
