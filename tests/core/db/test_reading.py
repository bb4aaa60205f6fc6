"""Rows come out as what went in, on both engines."""

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import msgspec
import pytest

from jishi.db import BadValue, Database, DatabaseError

MOMENT = datetime(2026, 11, 22, 18, 30, 0, 123457, tzinfo=UTC)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    on_hand: int
    seen_at: datetime | None


class Named(msgspec.Struct, frozen=True):
    sku: str
    on_hand: int


async def put(
    database: Database, sku: str, on_hand: int = 0, seen: datetime | None = None
) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            "INSERT INTO room_items (id, sku, on_hand, seen_at) VALUES ($1, $2, $3, $4)",
            f"id-{sku}",
            sku,
            on_hand,
            seen,
        )


async def test_a_row_becomes_a_struct_by_position(database: Database) -> None:
    await put(database, "tea", 3, MOMENT)
    rows = await database.fetch_as(Seen, "SELECT sku, on_hand, seen_at FROM room_items")
    assert rows == [Seen(sku="tea", on_hand=3, seen_at=MOMENT)]
    assert await database.fetch_as(Named, "SELECT sku, on_hand FROM room_items") == [
        Named("tea", 3)
    ]


async def test_a_moment_keeps_its_microsecond_and_comes_back_in_utc(database: Database) -> None:
    shanghai = timezone(timedelta(hours=8))
    await put(database, "tea", 0, MOMENT.astimezone(shanghai))
    [(seen,)] = await database.fetch("SELECT seen_at FROM room_items WHERE seen_at = $1", MOMENT)
    assert seen == MOMENT
    assert isinstance(seen, datetime)
    assert seen.utcoffset() == timedelta(0)


async def test_a_moment_before_1970_is_kept(database: Database) -> None:
    early = datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    await put(database, "tea", 0, early)
    assert await database.fetch("SELECT seen_at FROM room_items") == [(early,)]


async def test_an_absent_moment_is_none(database: Database) -> None:
    await put(database, "tea")
    assert await database.fetch("SELECT seen_at AS last_at FROM room_items") == [(None,)]


async def test_the_largest_number_is_exact(database: Database) -> None:
    await put(database, "tea", 2**63 - 1)
    assert await database.fetch_as(int, "SELECT on_hand FROM room_items") == [2**63 - 1]


@pytest.mark.parametrize(
    "value",
    [datetime(2026, 1, 1), True, 1.5, b"raw", 2**63, "with\0nul", [True], {"a": 1}],  # noqa: DTZ001
)
async def test_what_one_engine_would_change_is_refused_by_both(
    database: Database, value: object
) -> None:
    with pytest.raises(BadValue):
        await database.fetch("SELECT $1", value)


async def test_a_list_is_asked_by_any_and_all(database: Database) -> None:
    for sku in ("cup", "pot", "tea"):
        await put(database, sku)
    some = await database.fetch_as(
        str, "SELECT sku FROM room_items WHERE sku = ANY($1) ORDER BY sku", ["cup", "tea", "x"]
    )
    others = await database.fetch_as(
        str, "SELECT sku FROM room_items WHERE sku <> ALL($1::text[])", ["cup", "tea"]
    )
    none = await database.fetch("SELECT sku FROM room_items WHERE sku = ANY($1)", [])
    assert (some, others, none) == (["cup", "tea"], ["pot"], [])


async def test_moments_are_asked_by_any(database: Database) -> None:
    await put(database, "tea", 0, MOMENT)
    found = await database.fetch_as(
        str, "SELECT sku FROM room_items WHERE seen_at = ANY($1)", [MOMENT]
    )
    assert found == ["tea"]


class Shade(StrEnum):
    GREEN = "green"


async def test_a_named_text_is_kept_as_its_text(database: Database) -> None:
    await put(database, Shade.GREEN)
    asked = "SELECT sku FROM room_items WHERE sku = $1 OR sku = ANY($2)"
    found = await database.fetch_as(str, asked, Shade.GREEN, [Shade.GREEN])
    assert (found, type(found[0])) == (["green"], str)


async def test_a_comparison_is_one_or_zero(database: Database) -> None:
    assert await database.fetch("SELECT 1 = 1, 1 = 2") == [(1, 0)]


async def test_one_as_gives_the_first_row_or_none(database: Database) -> None:
    statement = "SELECT sku, on_hand FROM room_items ORDER BY sku"
    assert await database.one_as(Named, statement) is None
    await put(database, "tea", 1)
    await put(database, "cup", 2)
    assert await database.one_as(Named, statement) == Named("cup", 2)


async def test_too_few_columns_are_told(database: Database) -> None:
    await put(database, "tea")
    with pytest.raises(DatabaseError, match="the statement gives 1 columns"):
        await database.fetch_as(Named, "SELECT sku FROM room_items")


async def test_writing_outside_a_transaction_is_refused(database: Database) -> None:
    with pytest.raises(DatabaseError, match=r"inside `database\.transaction"):
        await database.fetch("INSERT INTO room_shelves VALUES ('a', 'b') RETURNING id")


async def test_text_that_looks_like_a_placeholder_stays_text(database: Database) -> None:
    rows = await database.fetch("SELECT '$1 a::b FOR UPDATE', 'it''s $2' || $1::text", "!")
    assert rows == [("$1 a::b FOR UPDATE", "it's $2!")]
