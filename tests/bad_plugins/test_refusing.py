"""A plugin whose answer decides fails: nothing is sold, it is named, nobody else suffers."""

import asyncio

import pytest

from jishi.testing.people import Shopper

pytestmark = pytest.mark.bar("B28")

NAMES = [
    "raises",
    "raises_loading",
    "raises_pricing",
    "raises_effects",
    "raises_delivery",
    "leaves",
    "leaves_pricing",
    "says_it_was_cancelled",
    "says_so_pricing",
    "sleeps",
    "sleeps_loading",
    "swallows",
    "changes_the_basket",
    "changes_loaded",
    "changes_an_order",
    "offers_a_float",
    "offers_money",
    "offers_below_zero",
    "delivers_below_zero",
    "answers_later",
    "answers_a_word",
    "answers_words",
    "floods_offers",
    "floods_events",
    "claims_below_zero",
    "credits_a_float",
    "tells_in_anothers_name",
    "opens_a_transaction",
    "leaks_a_transaction",
]


@pytest.fixture(params=NAMES)
def guest(request, pack):
    return {request.param: pack[request.param]}


def test_the_whole_pack_is_tried(pack):
    assert sorted(pack) == sorted(NAMES)


async def test_nothing_is_sold_and_staff_learns_who(
    handed_out, seller, client, notes, guest, busy
):
    shop, (culprit,) = handed_out, guest
    await seller.product("tea", stock=3)
    answers = await asyncio.gather(*(Shopper(client, shop).place({"tea": 1}) for _ in range(3)))
    assert {each.status_code for each in answers} == {503}
    assert {each.json()["code"] for each in answers} == {"plugin_unavailable"}
    assert all(int(each.headers["retry-after"]) >= 1 for each in answers)
    assert all(culprit not in each.text for each in answers)
    named = {line["plugin"] for line in notes if line["event"] == "plugin_failed"}
    assert named == {f"{culprit}@6.6.6"}
    assert await shop.database.fetch("SELECT 1 FROM orders_orders") == []
    assert (await client.get("/store/products/tea")).status_code == 200
    suffered = [each for each in shop.hooks.roster.board.healths() if each.failures]
    assert {each.plugin for each in suffered} == {culprit}
    assert await busy() == 0
