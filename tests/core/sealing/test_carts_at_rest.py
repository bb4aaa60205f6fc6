"""Addresses of carts as they lie in the database."""

import json

from jishi.testing.people import ADDRESS


async def test_a_cart_is_stored_sealed_and_shown_open(shop, seller, shopper):
    await seller.product("tea")
    cart = (await shopper.send("POST", "/store/carts", json={})).json()["cart"]
    body = {"address": ADDRESS, "contact": "13911112222", "note": "放门口"}
    changed = await shopper.send("PATCH", f"/store/carts/{cart['id']}", json=body)
    assert changed.status_code == 200, changed.text
    [row] = await shop.database.fetch("SELECT address, contact, note FROM checkout_carts")
    assert str(row[0]).startswith("s1.1.")
    assert "13911112222" not in json.dumps(row)
    shown = (await shopper.send("GET", f"/store/carts/{cart['id']}")).json()
    assert (shown["contact"], shown["note"]) == ("13911112222", "放门口")
    assert shown["address"]["street"] == ADDRESS["street"]
