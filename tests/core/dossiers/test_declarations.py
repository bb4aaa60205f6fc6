"""No table and no column of a shop is undeclared."""

import pytest

from jishi.dossiers import forgotten, personal_tables, schema_of
from jishi.personal import Belongs, Personal, PersonalTable, impersonal, undeclared


async def test_every_table_and_column_of_the_core_is_declared(shop):
    assert await forgotten(shop) == []


async def test_a_new_table_cannot_be_forgotten(shop):
    async with shop.database.transaction() as tx:
        await tx.define("CREATE TABLE orders_secrets (id TEXT NOT NULL PRIMARY KEY)")
    assert await forgotten(shop) == ["the table orders_secrets is not declared"]


async def test_a_new_column_cannot_be_forgotten(shop):
    async with shop.database.transaction() as tx:
        await tx.define("ALTER TABLE orders_orders ADD COLUMN wechat TEXT NOT NULL DEFAULT ''")
    assert await forgotten(shop) == ["orders_orders.wechat is not declared"]


async def test_declared_tables_are_found_in_the_database(shop):
    schema = await schema_of(shop.database)
    assert set(personal_tables(shop)) <= set(schema)


def test_a_declaration_that_names_what_is_not_there_is_wrong():
    one = PersonalTable(
        table="a_b", title=("A", "甲"), belongs=(Belongs(column="who"),), plain=("id", "gone")
    )
    said = undeclared({"a_b": frozenset({"id"})}, {"a_b": one})
    assert said == ["a_b.gone is not there", "a_b.who is not there"]


def test_rows_that_belong_to_nobody_cannot_be_erased():
    one = PersonalTable(table="a_b", title=("A", "甲"), plain=("id",))
    [said] = undeclared({"a_b": frozenset({"id"})}, {"a_b": one})
    assert "belong to nobody" in said


def test_a_table_that_is_gone_may_not_be_declared():
    assert undeclared({}, {"a_b": impersonal("a_b", "goods")}) == [
        "a_b is declared, but there is no such table"
    ]


def test_what_is_kept_says_why():
    with pytest.raises(ValueError, match="because"):
        Personal(says="name", erasure="keep")
    with pytest.raises(ValueError, match="because"):
        PersonalTable(table="a_b", title=("A", "甲"), erasure="keep")


def test_a_column_is_personal_or_plain_and_not_both():
    with pytest.raises(ValueError, match="both"):
        PersonalTable(
            table="a_b", title=("A", "甲"), personal={"id": Personal(says="x")}, plain=("id",)
        )
