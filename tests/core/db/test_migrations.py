"""An upgrade happens once, in order, whole or not at all."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jishi.db import Conflict, Database, DatabaseError, Migrations, Source, Step, TooNew

FIRST = """
from jishi.db import BigInt, Table, Text, Timestamptz, Varchar
from jishi.db import check, create_index, create_table, immutable, references, unique

class Shelf(Table, tablename="tried_shelves"):
    id = Text(primary_key=True)
    label = Varchar(length=5)
    placed_at = Timestamptz(null=True)

class Book(Table, tablename="tried_books"):
    id = Text(primary_key=True)
    shelf = Text(index=True)
    title = Text(unique=True)
    part = BigInt(default=1)
    copies = BigInt()

class Line(Table, tablename="tried_lines"):
    id = Text(primary_key=True)
    amount = BigInt()

OPERATIONS = (
    create_table(Shelf),
    create_table(
        Book,
        [
            check("copies >= 0", name="tried_books_copies"),
            unique("shelf", "part"),
            references("shelf", "tried_shelves"),
        ],
    ),
    create_table(Line),
    immutable("tried_lines"),
    create_index("tried_books_many", "tried_books", "copies DESC", where="copies > 10"),
)
"""
SECOND = """
from jishi.db import BigInt, Table, Text, add_column, create_unique_index, sql

class Shelf(Table, tablename="tried_shelves"):
    id = Text(primary_key=True)
    room = BigInt()
    note = Text(null=True)

OPERATIONS = (
    add_column(Shelf, "room", existing=7),
    add_column(Shelf, "note"),
    create_unique_index("tried_shelves_room_label", "tried_shelves", "room", "label"),
    sql(
        sqlite="INSERT INTO tried_shelves (id, label) VALUES ('both', 'lite')",
        postgresql="INSERT INTO tried_shelves (id, label) VALUES ('both', 'pg')",
    ),
)
"""
STATEMENTS = {"sqlite": (7, 4), "postgresql": (8, 4)}

Package = Callable[..., Source]


@pytest.fixture
async def shop(empty: Database, package: Package) -> Database:
    source = package("shelves", m0001_first=FIRST, m0002_second=SECOND)
    await Migrations(empty, [source]).upgrade()
    return empty


async def put_shelf(database: Database, name: str, label: str = "a") -> None:
    async with database.transaction() as tx:
        statement = "INSERT INTO tried_shelves (id, label, room) VALUES ($1, $2, $3)"
        await tx.execute(statement, name, label, len(name))


async def put_book(database: Database, **values: str | int) -> None:
    columns = {"id": "b", "shelf": "both", "title": "t", "copies": 1} | values
    async with database.transaction() as tx:
        marks = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        statement = f"INSERT INTO tried_books ({', '.join(columns)}) VALUES ({marks})"
        await tx.execute(statement, *columns.values())


async def test_an_upgrade_is_applied_once(empty: Database, package: Package) -> None:
    source = package("shelves", m0001_first=FIRST, m0002_second=SECOND)
    steps: list[Step] = []
    applied = await Migrations(empty, [source]).upgrade(steps.append)
    assert [one.module for one in applied] == ["m0001_first", "m0002_second"]
    assert len(steps) == sum(STATEMENTS[empty.dialect])
    assert await Migrations(empty, [source]).upgrade(steps.append) == []
    assert await Migrations(empty, [source]).pending() == []


async def test_rows_that_are_there_get_the_new_columns_value(shop: Database) -> None:
    expected = "lite" if shop.dialect == "sqlite" else "pg"
    rows = await shop.fetch("SELECT label, room, note FROM tried_shelves")
    assert rows == [(expected, 7, None)]


async def test_a_stated_default_is_the_databases_too(shop: Database) -> None:
    await put_book(shop)
    assert await shop.fetch_as(int, "SELECT part FROM tried_books") == [1]


@pytest.mark.parametrize(
    ("values", "kind", "constraint"),
    [
        ({"copies": -1}, "check", "tried_books_copies"),
        ({"title": "other", "part": 2}, "unique", "tried_books_pkey"),
        ({"id": "c", "part": 2}, "unique", "tried_books_title_key"),
        ({"id": "c", "title": "other"}, "unique", "tried_books_shelf_part_key"),
    ],
)
async def test_a_broken_promise_is_told_by_its_name(
    shop: Database, values: dict[str, str | int], kind: str, constraint: str
) -> None:
    await put_book(shop)
    with pytest.raises(Conflict) as refused:
        await put_book(shop, **values)
    assert (refused.value.kind, refused.value.constraint) == (kind, constraint)


async def test_a_unique_indexs_own_name_is_told(shop: Database) -> None:
    await put_shelf(shop, "one")
    with pytest.raises(Conflict) as refused:
        await put_shelf(shop, "two")
    assert refused.value.constraint == "tried_shelves_room_label"
    assert refused.value.columns == ("room", "label")


async def test_a_text_that_is_too_long_is_refused(shop: Database) -> None:
    with pytest.raises(Conflict) as refused:
        await put_shelf(shop, "one", "sixsix")
    assert refused.value.constraint == "tried_shelves_label_length"


async def test_a_missing_shelf_is_a_conflict(shop: Database) -> None:
    with pytest.raises(Conflict) as refused:
        await put_book(shop, shelf="nowhere")
    assert refused.value.kind == "foreign_key"


async def test_a_forgotten_value_is_a_conflict(shop: Database) -> None:
    with pytest.raises(Conflict) as refused:
        async with shop.transaction() as tx:
            await tx.execute(
                "INSERT INTO tried_books (id, shelf, title) VALUES ('b', 'both', 't')"
            )
    assert (refused.value.kind, refused.value.columns) == ("not_null", ("copies",))


@pytest.mark.parametrize(
    "change", ["UPDATE tried_lines SET amount = 2", "DELETE FROM tried_lines"]
)
async def test_an_immutable_row_can_not_change(shop: Database, change: str) -> None:
    async with shop.transaction() as tx:
        await tx.execute("INSERT INTO tried_lines (id, amount) VALUES ('l', 1)")
    with pytest.raises(Conflict) as refused:
        async with shop.transaction() as tx:
            await tx.execute(change)
    assert (refused.value.kind, refused.value.constraint) == ("check", "tried_lines_immutable")
    assert await shop.fetch("SELECT id, amount FROM tried_lines") == [("l", 1)]


async def test_a_number_column_takes_no_text(shop: Database) -> None:
    with pytest.raises(DatabaseError):
        await put_book(shop, copies="many")


async def test_text_is_sorted_by_its_bytes(shop: Database) -> None:
    for name in ("b", "Ba", "äaa"):
        await put_shelf(shop, name)
    found = await shop.fetch_as(str, "SELECT id FROM tried_shelves WHERE id <> 'both' ORDER BY id")
    assert found == ["Ba", "b", "äaa"]


async def test_sources_wait_for_those_they_name(empty: Database, package: Package) -> None:
    plain = (
        "from jishi.db import sql\nOPERATIONS = (sql(sqlite='SELECT 1', postgresql='SELECT 1'),)"
    )
    late = package("aaa", after=("zzz",), m0001_a=plain)
    early = package("zzz", m0001_z=plain)
    applied = await Migrations(empty, [late, early]).upgrade()
    assert [one.source for one in applied] == ["zzz", "aaa"]


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        ([Source(name="a", package="p", after=("b",))], "not switched on"),
        ([Source(name="a", package="p"), Source(name="a", package="q")], "same name"),
        ([Source(name="a", package="p", after=("a",))], "circle"),
    ],
)
async def test_sources_that_can_not_be_ordered_are_refused(
    empty: Database, sources: list[Source], told: str
) -> None:
    with pytest.raises(DatabaseError, match=told):
        Migrations(empty, sources)


async def test_a_database_newer_than_the_code_is_refused(shop: Database, package: Package) -> None:
    source = package("shelves")
    package_folder = Path(sys.modules[source.package].__file__ or "").parent
    (package_folder / "m0002_second.py").unlink()
    with pytest.raises(TooNew, match="shelves m0002_second"):
        await Migrations(shop, [source]).upgrade()


async def test_a_migration_that_fails_leaves_nothing(empty: Database, package: Package) -> None:
    broken = FIRST.replace("OPERATIONS = (", "from jishi.db import sql\nOPERATIONS = (") + (
        "\nOPERATIONS += (sql(sqlite='SELECT nothing', postgresql='SELECT nothing'),)"
    )
    with pytest.raises(DatabaseError, match="nothing"):
        await Migrations(empty, [package("shelves", m0001_first=broken)]).upgrade()
    mended = package("mended", m0001_first=FIRST)
    assert len(await Migrations(empty, [mended]).upgrade()) == 1


STARTER = """
import asyncio, os, signal, sys
from jishi.db import Database, Migrations, Source

async def main(url, package, last):
    seen = 0
    def progress(step):
        nonlocal seen
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)
    database = Database.open(url)
    await database.start()
    source = Source(name="shelves", package=package)
    applied = await Migrations(database, [source]).upgrade(progress)
    await database.stop()
    print(len(applied))

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def starter(url: str, source: Source, folder: Path, last: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, url, source.package, str(last)],
        env={"PYTHONPATH": str(folder), "PATH": ""},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.crash
async def test_killed_after_any_statement_the_next_start_finishes(
    empty: Database, database_url: str, package: Package, tmp_path: Path
) -> None:
    source = package("shelves", m0001_first=FIRST, m0002_second=SECOND)
    first, second = STATEMENTS[empty.dialect]
    for last in range(1, first + second + 1):
        process = starter(database_url, source, tmp_path, last - (first if last > first else 0))
        assert await asyncio.to_thread(process.wait, 60) == -signal.SIGKILL
        process.communicate()
        expected = 2 if last <= first else 1
        assert len(await Migrations(empty, [source]).pending()) == expected
        if last == first:
            only = package("shelves", m0001_first=FIRST)
            (tmp_path / source.package / "m0002_second.py").unlink()
            assert len(await Migrations(empty, [only]).upgrade()) == 1
            package("shelves", m0002_second=SECOND)
    assert [one.module for one in await Migrations(empty, [source]).upgrade()] == ["m0002_second"]
    assert len(await empty.fetch("SELECT id FROM tried_shelves")) == 1


@pytest.mark.slow
async def test_two_starters_at_once_upgrade_once(
    empty: Database, database_url: str, package: Package, tmp_path: Path
) -> None:
    source = package("shelves", m0001_first=FIRST, m0002_second=SECOND)
    both = [starter(database_url, source, tmp_path, 0) for _ in range(2)]
    answers = [await asyncio.to_thread(one.communicate, None, 60) for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sum(int(out) for out, _ in answers) == 2
    assert await Migrations(empty, [source]).pending() == []
