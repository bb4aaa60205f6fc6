"""The room's page: what its buttons do for a guest and for a member."""

import re

import pytest

from jishi_live_stream.structs import CardPlan

FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


@pytest.fixture
def shop_tables(shop_tables):
    return shop_tables | {"web": {"storefront": "on"}}


async def press(client, session, button, cookie="", **fields):
    headers = FORM | ({"cookie": cookie} if cookie else {})
    address = f"/live_stream/rooms/{session}/{button}"
    return await client.post(address, data=fields, headers=headers)


def cookie_of(person) -> str:
    return f"jishi={person.headers['authorization'].removeprefix('Bearer ')}"


async def test_what_a_guest_buys_in_the_room_has_the_rooms_price_in_his_cart(client, live):
    session = await live(cards=(CardPlan(sku="tea", price=6000),))
    done = await press(client, session, "buy", sku="tea")
    assert (done.status_code, done.headers["location"]) == (303, "/cart")
    token = re.search("jishi=([^;]+)", done.headers["set-cookie"])[1]
    cart = await client.get("/cart", headers={"cookie": f"jishi={token}"})
    assert "60.00" in cart.text
    headers = {"authorization": f"Bearer {token}"}
    kept = (await client.get("/store/carts/current", headers=headers)).json()
    assert kept["extras"] == {"live_stream.session": session}


async def test_who_is_not_logged_in_is_sent_there_and_back(client, live):
    session = await live()
    sent = await press(client, session, "coupon", code="c1")
    assert sent.headers["location"] == f"/login?next=/live_stream/rooms/{session}"


async def test_a_member_claims_and_reads_what_came_of_it(client, live, viewer):
    session, one = await live(), await viewer(1)
    first = await press(client, session, "coupon", cookie_of(one), code="c1", key="a")
    assert "领取成功" in first.text
    again = await press(client, session, "coupon", cookie_of(one), code="c1", key="b")
    assert "每人限领 1 张" in again.text
    booked = await press(client, session, "visit", cookie_of(one), slot="sat")
    assert re.search("到店出示：[A-Z2-7]{16}", booked.text)


async def test_a_button_that_is_not_there_is_not_found(client, live, viewer):
    session, one = await live(), await viewer(1)
    assert (await press(client, session, "nothing", cookie_of(one))).status_code == 404
    assert (await press(client, "no-such-session", "buy", sku="tea")).status_code == 404


async def test_another_sites_form_presses_nothing(client, live, viewer):
    session, one = await live(), await viewer(1)
    headers = {**FORM, "sec-fetch-site": "cross-site", "cookie": cookie_of(one)}
    address = f"/live_stream/rooms/{session}/coupon"
    refused = await client.post(address, data={"code": "c1", "key": "k"}, headers=headers)
    assert refused.status_code >= 400
    page = await one.send("GET", f"/live_stream/sessions/{session}")
    assert page.json()["coupons"][0]["mine"] == 0
