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


async def test_only_todays_text_of_what_is_asked_can_be_agreed_to(alice):
    old = await say(alice, purpose="marketing", version="2025", verdict="given")
    assert (old.status_code, old.json()["code"]) == (409, "text_changed")
    assert old.json()["version"] == "2026-01"
    unknown = await say(alice, purpose="tracking", version="1", verdict="given")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_purpose")


async def test_a_child_agrees_through_a_guardian_and_does_not_grow_up_by_saying_so(shop, alice):
    word = {"purpose": "marketing", "version": "2026-01", "verdict": "given", "under_14": "yes"}
    alone = await say(alice, **word)
    assert (alone.status_code, alone.json()["code"]) == (422, "guardian_missing")
    assert (await say(alice, **word, guardian=GUARDIAN)).status_code == 201
    [(name, contact)] = await shop.database.fetch("SELECT name, contact FROM privacy_guardians")
    assert str(name).startswith("s1.k1.")
    assert "13955556666" not in str(contact)
    found = (await gather(shop, alice.id)).found["privacy_guardians"]
    assert found.records()[0]["contact"] == "13955556666"
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


async def test_guests_have_no_file_and_members_do_not_see_staffs_pages(alice):
    guest = alice.shopper.another()
    for page in ("consents", "requests", "erasure"):
        assert (await guest.send("GET", f"/privacy/{page}")).status_code == 401
    for page in ("looks", "requests", "tables", "keys", "members/x/consents"):
        assert (await alice.shopper.send("GET", f"/privacy/admin/{page}")).status_code == 401
