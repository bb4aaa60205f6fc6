"""Who looked is written down; what is old goes; keys are changed while the shop sells."""

import json
from datetime import timedelta

import pytest

from jishi.config import Source, read_config
from jishi.dossiers import keep_for_days, keys_in_use, reseal
from jishi.orders import OrderFilter, list_orders
from jishi.problems import Invalid
from jishi.shop import Shop
from jishi.testing.traces import traces_of

SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}


def with_keys(shop: Shop, tables: dict, *names: tuple[int, str]) -> Shop:
    """The same shop over the same database, with other keys."""
    keys = [{"id": f"k{n}", "secret": {"file": name}} for n, name in names]
    changed = tables | {"sealing": {"keys": keys}}
    config = read_config(Source(shop.config.folder, tables=changed, environ=SECRET))
    return Shop(config, shop.database, shop.hooks, shop.clock)


async def test_whoever_is_shown_a_member_or_an_order_is_in_the_log(alice, buy, owner, runner):
    order = await buy(alice)
    for page in (f"members/{alice.id}", f"orders/{order['id']}", "members", "orders"):
        assert (await owner("GET", f"/admin/{page}")).status_code == 200
    await runner.drain()
    await runner.drain()
    seen = (await owner("GET", "/privacy/admin/looks")).json()["items"]
    assert sorted((one["kind"], one["subject"]) for one in seen) == sorted(
        2 * [("member", alice.id), ("order", order["id"])]
    )
    [one, *_] = (await owner("GET", f"/privacy/admin/looks?subject={alice.id}")).json()["items"]
    assert one["staff"]
    assert (await owner("GET", "/admin/members?q=nobody")).json()["items"] == []
    assert (await owner("GET", "/admin/members/nobody")).status_code == 404
    await runner.drain()
    assert len((await owner("GET", "/privacy/admin/looks")).json()["items"]) == 4


async def test_addresses_of_old_orders_are_blanked_and_young_ones_stay(shop, alice, buy):
    old, young = await buy(alice), await buy(alice)
    await backdate(shop, old["id"], days=3 * 365 + 1)
    done = await keep_for_days(shop, {})
    assert done["orders_orders"] == 1
    rows = dict(await shop.database.fetch("SELECT id, contact FROM orders_orders"))
    assert rows[old["id"]] == ""
    assert rows[young["id"]] != ""
    assert "orders_orders" not in await keep_for_days(shop, {})


async def test_an_order_under_way_keeps_its_address_however_old(shop, alice, buy):
    order = await buy(alice, "placed")
    await backdate(shop, order["id"], days=5 * 365)
    assert await keep_for_days(shop, {}) == {}


async def backdate(shop, order: str, days: int) -> None:
    then = shop.clock.now() - timedelta(days=days)
    async with shop.database.transaction() as tx:
        await tx.execute("UPDATE orders_orders SET placed_at = $2 WHERE id = $1", order, then)


async def test_the_law_sets_the_fewest_days(shop):
    with pytest.raises(Invalid, match="183 days at least"):
        await keep_for_days(shop, {"privacy_looks": 30})
    with pytest.raises(Invalid, match="no period"):
        await keep_for_days(shop, {"catalogue_products": 30})


async def test_the_register_says_what_every_table_knows(owner):
    register = (await owner("GET", "/privacy/admin/tables")).json()
    assert register["forgotten"] == []
    says = {one["table"]: one["says"] for one in register["items"]}
    assert says["membership_identities"]["value"] == "telephone number, openid, e-mail …"


async def test_a_new_key_seals_everything_anew_and_the_old_one_may_go(
    shop, shop_tables, alice, buy
):
    order = await buy(alice)
    later = with_keys(shop, shop_tables, (1, "one"), (2, "two"))
    assert set(await keys_in_use(later)) == {"k1"}
    [_ async for _ in reseal(later)]
    assert set(await keys_in_use(later)) == {"k2"}
    with_keys(shop, shop_tables, (2, "two"))
    shown = (await alice.shopper.send("GET", f"/store/orders/{order['id']}")).json()
    assert (shown["contact"], shown["note"]) == (alice.phone, alice.note)
    assert {step.sealed async for step in reseal(later)} == {0}


async def test_what_was_stored_in_clear_is_sealed_later(shop, shop_tables, alice, buy):
    order = await buy(alice)
    clear = json.dumps(alice.address, ensure_ascii=False)
    async with shop.database.transaction() as tx:
        for table in ("orders_orders", "checkout_carts"):
            await tx.execute(
                f"UPDATE {table} SET address = $1, contact = $2, note = $3",
                clear,
                alice.phone,
                alice.note,
            )
    assert (await keys_in_use(shop))[""] == 2
    [_ async for _ in reseal(shop)]
    assert set(await keys_in_use(shop)) == {"k1"}
    places = {each.place for each in await traces_of(shop.database, alice.words)}
    assert not {place for place in places if place.startswith(("orders_", "checkout_"))}
    shown = (await alice.shopper.send("GET", f"/store/orders/{order['id']}")).json()
    assert (shown["address"]["street"], shown["note"]) == (alice.street, alice.note)
    found = await list_orders(shop.database, OrderFilter(q=alice.phone))
    assert [one.id for one in found.items] == [order["id"]]
