"""A member is found everywhere, and forgotten everywhere but where the law keeps him."""

from datetime import timedelta

import pytest

from jishi.dossiers import erase_member, gather, objections_to_erasure
from jishi.testing.traces import traces_of


async def test_a_dossier_has_every_row_that_mentions_the_member(shop, alice, bob, buy, runner):
    for one in (alice, bob):
        await buy(one)
    await runner.drain()
    dossier = await gather(shop, alice.id)
    for trace in await traces_of(shop.database, (alice.id, *alice.words)):
        table, _, column = trace.place.partition(".")
        found = dossier.found.get(table)
        assert found is not None, trace
        place = found.columns.index(column)
        assert any(trace.word in str(row[place]) for row in found.rows), trace


async def test_a_dossier_has_nothing_about_anybody_else(shop, alice, bob, buy, runner):
    for one in (alice, bob):
        await buy(one)
    await runner.drain()
    dossier = await gather(shop, alice.id)
    said = str([found.rows for found in dossier.found.values()])
    assert [word for word in (bob.id, *bob.words) if word in said] == []
    assert all(word in said for word in alice.words)


async def test_hashes_of_tokens_are_in_nobodys_export(shop, alice):
    dossier = await gather(shop, alice.id)
    assert "hash" not in dossier.found["membership_tokens"].readable
    assert all("hash" not in one for one in dossier.found["membership_tokens"].records())


async def test_after_an_erasure_nothing_is_found_of_the_person(shop, alice, bob, buy, runner):
    for one in (alice, bob):
        await buy(one)
    await runner.drain()
    before = await traces_of(shop.database, bob.words)
    assert {trace.word for trace in await traces_of(shop.database, alice.words)} == set(
        alice.words
    )
    await erase_member(shop, alice.id)
    await runner.drain()
    assert await traces_of(shop.database, alice.words) == []
    assert await traces_of(shop.database, bob.words) == before


async def test_what_was_bought_stays_under_a_pseudonym(shop, alice, buy):
    order = await buy(alice)
    erased = await erase_member(shop, alice.id)
    rows = await shop.database.fetch(
        "SELECT owner, total, address, contact FROM orders_orders WHERE id = $1", order["id"]
    )
    assert rows == [(alice.id, order["total"], None, "")]
    assert "art. 31" in erased.kept["orders_orders"][1]
    assert erased.deleted["membership_identities"] == 2


async def test_an_erased_member_is_logged_out_and_joins_anew(shop, alice, buy, join):
    await buy(alice)
    before = alice.id
    await erase_member(shop, alice.id)
    shop.clock.advance(timedelta(seconds=2))
    answer = await alice.shopper.send("GET", "/store/me")
    assert answer.status_code == 401
    again = await join(alice)
    assert again.id != before
    assert (await again.shopper.send("GET", "/store/orders")).json()["items"] == []


async def test_erased_twice_is_erased_once(shop, alice, buy, runner):
    await buy(alice)
    await erase_member(shop, alice.id)
    again = await erase_member(shop, alice.id)
    assert (dict(again.deleted), dict(again.blanked)) == ({}, {})
    rows = await shop.database.fetch(
        "SELECT count(*) FROM events_outbox WHERE name = 'member.erased'"
    )
    assert rows == [(1,)]


async def test_nobody_is_forgotten_while_orders_are_under_way(shop, alice, buy):
    await buy(alice, "placed")
    [objection] = await objections_to_erasure(shop, alice.id)
    assert objection.code == "open_orders"


async def test_whoever_owes_nothing_may_go(shop, alice, buy):
    await buy(alice)
    assert await objections_to_erasure(shop, alice.id) == ()


@pytest.fixture
def shop_tables(shop_tables):
    return shop_tables | {"plugins": {"enabled": ["printed_codes"]}}
