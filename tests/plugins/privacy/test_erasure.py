"""A member is forgotten when he wants it, has thought about it, and nothing stands in the way."""

import io
import logging
from datetime import timedelta

import pytest
import structlog

from jishi.membership import load_member
from jishi.orders import load_order
from jishi.payments import cancel_order
from jishi.testing.traces import traces_of
from jishi.web import set_up_logs
from jishi.web.logs import settle_lines

WEEK = timedelta(days=7, minutes=1)


async def known_by(shop, person) -> set[str]:
    """What a member is recognised by."""
    member = await load_member(shop.database, person.id)
    return {each.value for each in member.identities}


async def ended(shop) -> list[tuple]:
    return await shop.database.fetch(
        "SELECT state, detail FROM privacy_requests WHERE kind = 'erasure' ORDER BY id"
    )


@pytest.fixture
def log(tmp_path):
    """What a shop writes into its log while the test runs, in a file."""
    file, root = tmp_path / "shop.log", logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with file.open("w", encoding="utf-8") as stream:
        set_up_logs("json", stream)
        yield file
        set_up_logs("text", io.StringIO())
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


async def test_after_the_time_to_think_nothing_is_found_of_the_person(
    shop, alice, bob, buy, runner, forget, log
):
    for one in (alice, bob):
        await buy(one)
    word = {"purpose": "marketing", "version": "2026-01", "verdict": "given"}
    await alice.shopper.send("POST", "/privacy/consents", json=word)
    await alice.shopper.send("POST", "/privacy/export")
    await runner.drain()
    assert (await forget(alice))["state"] == "waiting"
    await runner.drain()
    assert alice.openid in await known_by(shop, alice)
    shop.clock.advance(WEEK)
    await runner.drain()
    settle_lines()
    assert "/privacy/erasure" in log.read_text("utf-8")
    assert await traces_of(shop.database, alice.words, [log]) == []
    assert await ended(shop) == [("done", "")]
    assert await shop.database.fetch("SELECT 1 FROM privacy_parts") == []
    kept = await shop.database.fetch("SELECT member, verdict FROM privacy_consents")
    assert kept == [(alice.id, "given")]
    assert await known_by(shop, alice) == set()
    assert bob.openid in await known_by(shop, bob)
    orders = (await bob.shopper.send("GET", "/store/orders")).json()["items"]
    assert orders[0]["contact"] == bob.phone


async def test_open_orders_stand_in_the_way(shop, alice, buy, codes):
    await buy(alice, "placed")
    listed = (await alice.shopper.send("GET", "/privacy/erasure")).json()["items"]
    assert [one["code"] for one in listed] == ["open_orders"]
    shop.clock.advance(timedelta(minutes=2))
    await alice.shopper.send("POST", "/privacy/erasure/codes")
    body = {"code": codes[-1]}
    answer = await alice.shopper.send("POST", "/privacy/erasure", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_be_erased")
    assert [one["code"] for one in answer.json()["reasons"]] == ["open_orders"]


async def test_an_order_placed_while_thinking_stands_in_the_way_as_well(
    shop, alice, buy, runner, forget
):
    await forget(alice)
    shop.clock.advance(WEEK - timedelta(minutes=5))
    await buy(alice, "placed")
    shop.clock.advance(timedelta(minutes=5))
    await runner.drain()
    [(state, detail)] = await ended(shop)
    assert state == "blocked"
    assert "under way" in detail
    assert alice.openid in await known_by(shop, alice)


async def test_a_wrong_code_forgets_nobody(shop, alice, codes):
    await alice.shopper.send("POST", "/privacy/erasure/codes")
    wrong = f"{(int(codes[-1]) + 1) % 1_000_000:06d}"
    answer = await alice.shopper.send("POST", "/privacy/erasure", json={"code": wrong})
    assert (answer.status_code, answer.json()["code"]) == (403, "proof_refused")
    assert await ended(shop) == []


async def test_a_login_code_forgets_nobody(shop, alice, codes):
    await alice.shopper.send("POST", "/store/login/codes", json={"phone": alice.phone})
    answer = await alice.shopper.send("POST", "/privacy/erasure", json={"code": codes[-1]})
    assert answer.status_code == 403


async def test_who_thinks_better_of_it_stays(shop, alice, runner, forget):
    await forget(alice)
    answer = await alice.shopper.send("POST", "/privacy/erasure/cancel")
    assert answer.json()["state"] == "cancelled"
    shop.clock.advance(WEEK)
    await runner.drain()
    assert alice.openid in await known_by(shop, alice)
    assert await ended(shop) == [("cancelled", "")]


async def test_asked_twice_it_is_one_request(shop, alice, forget):
    first = await forget(alice)
    assert (await forget(alice))["id"] == first["id"]
    assert len(await ended(shop)) == 1


async def test_staff_forget_who_asked_otherwise_and_it_is_in_the_audit_log(
    shop, alice, owner, runner
):
    path = f"/privacy/admin/members/{alice.id}/erasure"
    asked = await owner("POST", path, json={"reason": "来信要求"})
    assert asked.status_code == 202, asked.text
    shop.clock.advance(WEEK)
    await runner.drain()
    assert await traces_of(shop.database, alice.words) == []
    rows = await shop.database.fetch("SELECT action, subject FROM staff_audit")
    assert ("privacy.erasure_asked", alice.id) in rows


async def test_an_order_of_the_last_moment_arrives_before_its_address_is_forgotten(
    shop, alice, buy, runner, forget
):
    request = await forget(alice)
    order = await buy(alice, "placed")
    async with shop.database.transaction() as tx:  # as if it had come after the first look
        await tx.execute("UPDATE privacy_requests SET progress = 50 WHERE id = $1", request["id"])
        await tx.execute(
            "UPDATE orders_orders SET expires_at = $2 WHERE id = $1",
            order["id"],
            shop.clock.now() + timedelta(days=30),
        )
    shop.clock.advance(WEEK)
    await runner.drain()
    assert await ended(shop) == [("waiting", "")]
    kept = await load_order(shop.database, order["id"])
    assert kept.address.street == alice.street
    await cancel_order(shop, order["id"], "test", "")
    shop.clock.advance(timedelta(days=1, minutes=1))
    await runner.drain()
    assert await ended(shop) == [("done", "")]
    assert await traces_of(shop.database, alice.words) == []
