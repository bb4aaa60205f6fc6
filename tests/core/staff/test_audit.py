"""The audit log: whole under concurrency, and what was tampered with shows."""

import asyncio
from datetime import timedelta

import pytest

from jishi.callers import Caller
from jishi.db import Conflict
from jishi.staff import list_audit, record, sql, verify_audit

CLERK = Caller(kind="staff", id="clerk", address="203.0.113.7", request_id="request-1")


async def note(shop, action: str = "shelf.dusted") -> None:
    async with shop.database.transaction() as tx:
        await record(tx, shop, CLERK, action, "shelf-1", {"dust": "中等", "grams": 3})


async def tamper(shop, statement: str) -> None:
    """Write past the shop's back, as whoever owns the database can."""
    off = {
        "sqlite": [
            "DROP TRIGGER IF EXISTS staff_audit_immutable_update",
            "DROP TRIGGER IF EXISTS staff_audit_immutable_delete",
        ],
        "postgresql": ["ALTER TABLE staff_audit DISABLE TRIGGER ALL"],
    }
    async with shop.database.transaction() as tx:
        for line in [*off[shop.database.dialect], statement]:
            await tx.execute(line)


async def test_an_entry_says_who_did_what_where_and_when(shop):
    await note(shop)
    [entry] = (await list_audit(shop.database, None, 10)).items
    assert (entry.actor, entry.action, entry.subject) == ("staff:clerk", "shelf.dusted", "shelf-1")
    assert (entry.request_id, entry.address) == ("request-1", "203.0.113.7")
    assert (entry.at, entry.detail) == (shop.clock.now(), '{"dust":"中等","grams":3}')


async def test_an_entry_comes_and_goes_with_its_deed(shop):
    async def break_down() -> None:
        async with shop.database.transaction() as tx:
            await record(tx, shop, CLERK, "shelf.dusted", "shelf-1")
            raise RuntimeError("the duster broke")

    with pytest.raises(RuntimeError):
        await break_down()
    assert not (await list_audit(shop.database, None, 10)).items


async def test_forty_entries_at_once_are_one_whole_chain(shop):
    await asyncio.gather(*(note(shop) for _ in range(40)))
    entries = (await list_audit(shop.database, None, 100)).items
    assert [entry.position for entry in entries] == list(range(40, 0, -1))
    assert await verify_audit(shop) == []


@pytest.mark.control
async def test_without_the_lock_of_the_head_entries_collide(shop, monkeypatch):
    """The control: on PostgreSQL the lock is what makes it a chain; SQLite has one writer."""
    monkeypatch.setattr(sql, "LOCK_HEAD", sql.HEAD)
    seen = await asyncio.gather(*(note(shop) for _ in range(40)), return_exceptions=True)
    collided = any(isinstance(one, Conflict) for one in seen)
    assert collided == (shop.database.dialect == "postgresql")


@pytest.mark.parametrize(
    "verb", ["UPDATE staff_audit SET actor = 'nobody'", "DELETE FROM staff_audit"]
)
async def test_entries_are_not_changed_or_removed(shop, verb):
    await note(shop)
    with pytest.raises(Conflict):
        async with shop.database.transaction() as tx:
            await tx.execute(verb)


@pytest.mark.parametrize(
    ("statement", "positions"),
    [
        ("UPDATE staff_audit SET actor = 'staff:x' WHERE position = 2", {2}),
        ("UPDATE staff_audit SET detail = '{}' WHERE position = 2", {2}),
        ("UPDATE staff_audit SET subject = subject || ' ' WHERE position = 2", {2}),
        ("UPDATE staff_audit SET entered_at = (SELECT created_at FROM staff_people)"
         " WHERE position = 2", {2}),
        ("UPDATE staff_audit SET hash = previous WHERE position = 2", {2, 3}),
        ("DELETE FROM staff_audit WHERE position = 1", {2}),
        ("DELETE FROM staff_audit WHERE position = 2", {3}),
        ("DELETE FROM staff_audit WHERE position = 4", {4}),
        ("DELETE FROM staff_audit", {4}),
        ("UPDATE staff_audit SET position = 9 WHERE position = 4", {9}),
        ("DELETE FROM staff_audit_head", {4}),
    ],
)  # fmt: skip
async def test_tampering_shows(shop, owner, statement, positions):
    shop.clock.advance(timedelta(hours=1))
    for _ in range(3):
        await note(shop)
    assert await verify_audit(shop) == []
    await tamper(shop, statement)
    assert {fault.position for fault in await verify_audit(shop)} == positions


async def test_without_the_head_nothing_is_done(shop):
    await tamper(shop, "DELETE FROM staff_audit_head")
    with pytest.raises(RuntimeError, match="head"):
        await note(shop)


async def test_the_log_is_read_by_pages_and_by_subject(shop, owner):
    await note(shop)
    page = await list_audit(shop.database, None, 1)
    rest = await list_audit(shop.database, int(page.next), 1)
    assert [page.items[0].position, rest.items[0].position] == [2, 1]
    assert rest.next is None
    assert [
        one.position for one in (await list_audit(shop.database, None, 9, "shelf-1")).items
    ] == [2]
