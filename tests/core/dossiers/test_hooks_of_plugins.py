"""Plugins declare, object, and hear who looked."""

from typing import ClassVar

import pytest

from jishi.callers import Caller
from jishi.db import Table, Text
from jishi.dossiers import (
    erase_member,
    forgotten,
    gather,
    objections_to_erasure,
    personal_tables,
)
from jishi.events import note_look
from jishi.orders import Objection
from jishi.personal import Belongs, Personal, PersonalTable
from jishi.plugins import Declaration, HookFailed, Plugin, hookimpl


class Wish(Table, tablename="wishes_lists"):
    id = Text(primary_key=True)
    member = Text()
    text = Text()


class Wishes(Plugin):
    """Keeps what members wish for, in a table of its own."""

    declaration = Declaration(name="wishes", version="1.0.0", tables=(Wish,))
    tables: ClassVar = [
        PersonalTable(
            table="wishes_lists",
            title=("Wishes", "心愿"),
            belongs=(Belongs(column="member"),),
            personal={"member": Personal(says="whose"), "text": Personal(says="a wish")},
            plain=("id",),
        )
    ]
    looks: ClassVar = []
    objects = ()

    @hookimpl
    def register_personal_data(self):
        return self.tables

    @hookimpl
    async def review_erasure(self, leaving):
        return self.objects

    @hookimpl
    async def staff_looked(self, look):
        self.looks.append(look)


@pytest.fixture
def shop_plugins(shop_plugins):
    Wishes.looks = []
    return shop_plugins | {"wishes": Wishes}


@pytest.fixture
async def shop(shop):
    async with shop.database.transaction() as tx:
        await tx.define(
            "CREATE TABLE wishes_lists "
            "(id TEXT NOT NULL PRIMARY KEY, member TEXT NOT NULL, text TEXT NOT NULL)"
        )
    return shop


async def wish(shop, member: str, text: str) -> None:
    async with shop.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO wishes_lists VALUES ($1, $2, $3)", f"w:{member}", member, text
        )


async def test_register_personal_data(shop, alice, bob):
    await wish(shop, alice.id, "一本书")
    await wish(shop, bob.id, "一只猫")
    [record] = (await gather(shop, alice.id)).found["wishes_lists"].records()
    assert record["text"] == "一本书"
    erased = await erase_member(shop, alice.id)
    assert erased.deleted["wishes_lists"] == 1
    assert await shop.database.fetch("SELECT text FROM wishes_lists") == [("一只猫",)]


async def test_a_plugin_that_forgets_a_table_is_told(shop, monkeypatch):
    monkeypatch.setattr(Wishes, "tables", [])
    assert await forgotten(shop) == ["the table wishes_lists is not declared"]


async def test_a_plugin_cannot_declare_what_is_not_its_own(shop, monkeypatch):
    other = PersonalTable(
        table="orders_lines", title=("x", "x"), erasure="keep", because="it would hide them"
    )
    monkeypatch.setattr(Wishes, "tables", [other])
    with pytest.raises(HookFailed, match="not its own"):
        personal_tables(shop)


async def test_review_erasure(shop, alice, monkeypatch):
    left = Objection(code="value_left", message="12.50 yuan are left on the card.")
    monkeypatch.setattr(Wishes, "objects", [left])
    assert await objections_to_erasure(shop, alice.id) == (left,)


async def test_staff_looked(shop, seller, alice, runner):
    caller = Caller(kind="staff", id="s1", request_id="r1", address="10.0.0.1")
    await note_look(shop, caller, "member", [alice.id])
    await note_look(shop, caller, "member", [])
    await runner.drain()
    [look] = Wishes.looks
    assert (look.staff, look.kind, look.subjects) == ("s1", "member", (alice.id,))
    assert (look.request_id, look.address) == ("r1", "10.0.0.1")
