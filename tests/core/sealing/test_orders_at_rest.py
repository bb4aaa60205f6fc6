"""Addresses of orders as they lie in the database."""

import json

from jishi.membership import list_addresses
from jishi.orders import OrderFilter, list_orders
from jishi.testing.members import ALICE, Person, join
from jishi.testing.people import ADDRESS, Shopper


async def test_an_order_is_stored_sealed_and_shown_open(shop, seller, shopper):
    await seller.product("tea")
    placed = await shopper.place({"tea": 1}, contact="13911112222", note="放门口")
    order = placed.json()
    assert order["address"]["street"] == ADDRESS["street"]
    [row] = await shop.database.fetch("SELECT address, contact, note FROM orders_orders")
    assert str(row[0]).startswith("s1.1.")
    assert "13911112222" not in json.dumps(row)
    assert row[2] == ""
    shown = (await shopper.send("GET", f"/store/orders/{order['id']}")).json()
    assert (shown["contact"], shown["note"]) == ("13911112222", "放门口")
    assert shown["address"]["phone"] == ADDRESS["phone"]


async def test_a_sealed_address_of_another_order_does_not_open(shop, seller, shopper):
    await seller.product("tea")
    first = (await shopper.place({"tea": 1})).json()
    second = (await shopper.place({"tea": 1})).json()
    async with shop.database.transaction() as tx:
        await tx.execute(
            "UPDATE orders_orders SET address = "
            "(SELECT address FROM orders_orders WHERE id = $1) WHERE id = $2",
            first["id"],
            second["id"],
        )
    answer = await shopper.send("GET", f"/store/orders/{second['id']}")
    assert answer.status_code == 500
    assert ADDRESS["phone"] not in answer.text


async def test_staff_find_a_sealed_order_by_its_telephone_number(shop, seller, shopper):
    await seller.product("tea")
    order = (await shopper.place({"tea": 1}, contact="13911112222")).json()
    await shopper.place({"tea": 1}, contact="13911113333")
    found = await list_orders(shop.database, OrderFilter(q="13911112222"))
    assert [one.id for one in found.items] == [order["id"]]


async def test_a_members_addresses_are_stored_sealed(shop, client):
    alice = await join(shop, Person(*ALICE, shopper=Shopper(client, shop)))
    rows = [
        *await shop.database.fetch("SELECT address FROM membership_addresses"),
        *await shop.database.fetch("SELECT value FROM membership_traits WHERE kind <> 'mark'"),
    ]
    assert len(rows) > 1
    assert all(str(text).startswith("s1.1.") for (text,) in rows)
    [kept] = await list_addresses(shop.database, alice.id)
    assert kept.address.street == alice.street
