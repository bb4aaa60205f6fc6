"""Piccolo's query builder and bulk inserts, in our transactions."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest
from piccolo.query.functions.aggregate import Sum

from jishi.db import (
    BigInt,
    Conflict,
    Database,
    DatabaseError,
    Table,
    Text,
    Timestamptz,
    Value,
    durability,
)

MOMENT = datetime(2026, 11, 22, 18, 30, 0, 123457, tzinfo=UTC)


class Item(Table, tablename="room_items"):
    id = Text(primary_key=True)
    shelf = Text(null=True)
    sku = Text()
    on_hand = BigInt(default=0)
    seen_at = Timestamptz(null=True)


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    on_hand: int


@pytest.fixture
async def stocked(database: Database) -> Database:
    rows: Sequence[Sequence[Value]] = [
        ("1", "cup", 5, None),
        ("2", "pot", 0, MOMENT),
        ("3", "tea", 7, None),
    ]
    async with database.transaction() as tx:
        assert await tx.insert(Item, ("id", "sku", "on_hand", "seen_at"), rows) == 3
    return database


async def test_a_select_gives_tuples_or_structs(stocked: Database) -> None:
    query = Item.select(Item.sku, Item.on_hand).where(Item.on_hand > 0).order_by(Item.sku).limit(5)
    assert await stocked.run(query) == [("cup", 5), ("tea", 7)]
    assert await stocked.one_as(Stock, query) == Stock(sku="cup", on_hand=5)


async def test_a_select_by_membership_pattern_and_moment(stocked: Database) -> None:
    listed = Item.select(Item.sku).where(Item.sku.is_in(["cup", "tea"])).order_by(Item.sku)
    alike = Item.select(Item.sku).where(Item.sku.ilike("%E%"))
    seen = Item.select(Item.seen_at).where(Item.seen_at == MOMENT)
    assert await stocked.run(listed) == [("cup",), ("tea",)]
    assert await stocked.run(alike) == [("tea",)]
    assert await stocked.run(seen) == [(MOMENT,)]


async def test_count_exists_and_sum(stocked: Database) -> None:
    assert await stocked.run(Item.count()) == [(3,)]
    assert await stocked.run(Item.exists().where(Item.sku == "tea")) == [(1,)]
    assert await stocked.run(Item.exists().where(Item.sku == "car")) == [(0,)]
    assert [(int(str(n)),) for (n,) in await stocked.run(Item.select(Sum(Item.on_hand)))] == [
        (12,)
    ]


async def test_update_and_delete_give_what_they_return(stocked: Database) -> None:
    less = Item.update({Item.on_hand: Item.on_hand - 1}).where(Item.on_hand >= 6)
    assert await stocked.run(less.returning(Item.sku, Item.on_hand)) == [("tea", 6)]
    gone = Item.delete().where(Item.sku == "cup").returning(Item.sku)
    assert await stocked.run(gone) == [("cup",)]


async def test_a_row_object_is_inserted(stocked: Database) -> None:
    query = Item.insert(Item(id="4", sku="urn", seen_at=MOMENT)).returning(Item.id)
    assert await stocked.run(query) == [("4",)]
    written = "SELECT on_hand, seen_at FROM room_items WHERE id = '4'"
    assert await stocked.fetch(written) == [(0, MOMENT)]


async def test_a_query_takes_part_in_the_transaction(stocked: Database) -> None:
    with pytest.raises(Conflict):  # noqa: PT012 - the transaction fails as a whole
        async with stocked.transaction() as tx:
            await tx.run(Item.delete().where(Item.sku == "tea"))
            await tx.execute("UPDATE room_items SET on_hand = -1 WHERE sku = 'cup'")
    assert await stocked.run(Item.count()) == [(3,)]


async def test_a_row_lock_is_asked_for_where_there_are_some(stocked: Database) -> None:
    async with stocked.transaction() as tx:
        query = Item.select(Item.sku).where(Item.sku == "tea").lock_rows("UPDATE")
        assert await tx.run(query) == [("tea",)]


async def test_a_query_awaited_directly_is_refused(stocked: Database) -> None:
    with pytest.raises(DatabaseError, match=r"await database\.run"):
        await Item.select()


async def test_a_forgotten_value_is_noticed_before_the_database() -> None:
    with pytest.raises(ValueError, match="sku"):
        Item(id="5")


async def test_inserting_what_is_there_is_a_conflict(stocked: Database) -> None:
    with pytest.raises(Conflict) as refused:
        async with stocked.transaction() as tx:
            await tx.insert(Item, ("id", "sku"), [("9", "urn"), ("8", "tea")])
    assert refused.value.constraint == "room_items_sku_key"
    assert await stocked.run(Item.count()) == [(3,)]


async def test_inserting_can_ignore_what_is_there(stocked: Database) -> None:
    rows = [("9", "urn"), ("8", "tea"), ("7", "cup"), ("9", "jar")]
    async with stocked.transaction() as tx:
        assert await tx.insert(Item, ("id", "sku"), rows, on_conflict="ignore") == 1
        assert await tx.insert(Item, ("id", "sku"), [], on_conflict="ignore") == 0


async def test_ignoring_what_is_there_does_not_ignore_a_check(stocked: Database) -> None:
    with pytest.raises(Conflict) as refused:
        async with stocked.transaction() as tx:
            await tx.insert(
                Item, ("id", "sku", "on_hand"), [("9", "urn", -1)], on_conflict="ignore"
            )
    assert refused.value.constraint == "room_items_never_negative"


async def test_a_thousand_rows_go_in_at_once(database: Database) -> None:
    rows = [(f"{n:04}", f"sku-{n}", None, MOMENT) for n in range(1000)]
    async with database.transaction() as tx:
        assert await tx.insert(Item, ("id", "sku", "shelf", "seen_at"), rows) == 1000
    assert await database.run(Item.count().where(Item.seen_at == MOMENT)) == [(1000,)]


async def test_one_statement_runs_for_many_rows(stocked: Database) -> None:
    async with stocked.transaction() as tx:
        await tx.execute_many(
            "UPDATE room_items SET on_hand = on_hand + $2 WHERE sku = $1",
            [("cup", 1), ("tea", 2)],
        )
    query = Item.select(Item.on_hand).order_by(Item.sku)
    assert await stocked.run(query) == [(6,), (0,), (9,)]


async def test_the_number_of_rows_touched_is_told(stocked: Database) -> None:
    async with stocked.transaction() as tx:
        less = "UPDATE room_items SET on_hand = on_hand - $2 WHERE sku = $1 AND on_hand >= $2"
        assert await tx.execute(less, "cup", 5) == 1
        assert await tx.execute(less, "cup", 5) == 0
        assert await tx.execute("DELETE FROM room_items RETURNING id") == 3


async def test_upsert_and_returning_work_the_same(stocked: Database) -> None:
    upsert = (
        "INSERT INTO room_items (id, sku, on_hand) VALUES ($1, $2, $3) "
        "ON CONFLICT (sku) DO UPDATE SET on_hand = room_items.on_hand + excluded.on_hand "
        "RETURNING id, on_hand"
    )
    async with stocked.transaction() as tx:
        assert await tx.fetch(upsert, "9", "tea", 3) == [("3", 10)]


async def test_the_writing_connection_is_durable(database: Database) -> None:
    findings = await durability(database)
    assert findings
    assert [one for one in findings if not one.is_safe] == []
