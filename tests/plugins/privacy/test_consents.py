"""Consents are written down once and never changed."""

import pytest

from jishi.db import Conflict
from jishi.dossiers import gather

GUARDIAN = {"name": "诸葛家长", "contact": "13955556666", "relation": "母亲"}


async def say(person, **word):
    return await person.shopper.send("POST", "/privacy/consents", json=word)


async def stands(person) -> dict[str, str]:
    shown = (await person.shopper.send("GET", "/privacy/purposes")).json()
    return {one["purpose"]["code"]: one["verdict"] for one in shown["items"]}


async def test_nobody_agreed_before_he_said_so(alice, client):
    assert await stands(alice) == {"marketing": "none", "sharing": "none"}
    anybody = (await client.get("/privacy/purposes")).json()
    assert {one["verdict"] for one in anybody["items"]} == {"none"}


async def test_what_is_given_is_taken_back_as_easily(alice, bob):
    given = await say(alice, purpose="marketing", version="2026-01", verdict="given")
    assert given.status_code == 201, given.text
    assert await stands(alice) == {"marketing": "given", "sharing": "none"}
    assert await stands(bob) == {"marketing": "none", "sharing": "none"}
    await say(alice, purpose="marketing", verdict="withdrawn")
    assert await stands(alice) == {"marketing": "withdrawn", "sharing": "none"}
    lines = (await alice.shopper.send("GET", "/privacy/consents")).json()["items"]
    assert [(one["verdict"], one["version"]) for one in lines] == [
        ("given", "2026-01"),
        ("withdrawn", "2026-01"),
    ]


async def test_an_old_text_cannot_be_agreed_to(alice):
    answer = await say(alice, purpose="marketing", version="2025", verdict="given")
    assert (answer.status_code, answer.json()["code"]) == (409, "text_changed")
    assert answer.json()["version"] == "2026-01"


async def test_what_nobody_asks_cannot_be_agreed_to(alice):
    answer = await say(alice, purpose="tracking", version="1", verdict="given")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_purpose")


async def test_a_child_agrees_through_a_guardian(shop, alice):
    word = {"purpose": "marketing", "version": "2026-01", "verdict": "given", "under_14": "yes"}
    alone = await say(alice, **word)
    assert (alone.status_code, alone.json()["code"]) == (422, "guardian_missing")
    assert (await say(alice, **word, guardian=GUARDIAN)).status_code == 201
    [(name, contact)] = await shop.database.fetch("SELECT name, contact FROM privacy_guardians")
    assert str(name).startswith("s1.k1.")
    assert "13955556666" not in str(contact)
    found = (await gather(shop, alice.id)).found["privacy_guardians"]
    assert found.records()[0]["contact"] == "13955556666"


async def test_a_child_does_not_grow_up_by_saying_so(alice):
    word = {"purpose": "marketing", "version": "2026-01", "verdict": "given"}
    await say(alice, **word, under_14="yes", guardian=GUARDIAN)
    later = await say(alice, purpose="sharing", version="1", verdict="given")
    assert (later.status_code, later.json()["code"]) == (422, "guardian_missing")


async def test_the_ledger_of_consents_cannot_be_rewritten(shop, alice):
    await say(alice, purpose="marketing", version="2026-01", verdict="given")
    for statement in (
        "UPDATE privacy_consents SET verdict = 'withdrawn'",
        "DELETE FROM privacy_consents",
    ):
        with pytest.raises(Conflict):
            async with shop.database.transaction() as tx:
                await tx.execute(statement)


async def test_staff_write_down_what_they_were_told(alice, owner):
    word = {"purpose": "marketing", "version": "2026-01", "verdict": "given"}
    path = f"/privacy/admin/members/{alice.id}/consents"
    written = await owner("POST", path, json=word)
    assert written.status_code == 201, written.text
    assert written.json()["actor"].startswith("staff:")
    assert (await stands(alice))["marketing"] == "given"
    assert len((await owner("GET", path)).json()["items"]) == 1


@pytest.mark.parametrize("path", ["/privacy/consents", "/privacy/requests", "/privacy/erasure"])
async def test_a_guest_has_no_file(path, shopper):
    assert (await shopper.send("GET", path)).status_code == 401


@pytest.mark.parametrize("page", ["looks", "requests", "tables", "keys", "members/x/consents"])
async def test_members_do_not_see_staffs_pages(page, alice):
    assert (await alice.shopper.send("GET", f"/privacy/admin/{page}")).status_code == 401
