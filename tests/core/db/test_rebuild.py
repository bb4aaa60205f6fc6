"""A table takes another shape and keeps what it had."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jishi.db import Conflict, Database, DatabaseError, Migrations, Source

FIRST = """
from jishi.db import BigInt, Table, Text, Varchar
from jishi.db import check, create_index, create_table, immutable, references, sql, unique

class Shelf(Table, tablename="tried_shelves"):
    id = Text(primary_key=True)
    label = Text(null=True)
    pieces = BigInt(default=3)
    old = Text(null=True)

class Book(Table, tablename="tried_books"):
    id = Text(primary_key=True)
    shelf = Text()

class Seen(Table, tablename="tried_seen"):
    id = Text(primary_key=True)

OPERATIONS = (
    create_table(Shelf, [unique("label"), check("pieces < 100", name="tried_shelves_few")]),
    create_table(Book, [references("shelf", "tried_shelves", on_delete="cascade")]),
    create_table(Seen),
    create_index("tried_shelves_many", "tried_shelves", "pieces DESC", where="pieces > 10"),
    sql(
        sqlite="CREATE TRIGGER tried_shelves_watch AFTER INSERT ON tried_shelves BEGIN "
        "INSERT INTO tried_seen (id) VALUES (new.id); END",
        postgresql=(
            "CREATE FUNCTION tried_watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO tried_seen (id) VALUES (new.id); RETURN new; END $$",
            "CREATE TRIGGER tried_shelves_watch AFTER INSERT ON tried_shelves "
            "FOR EACH ROW EXECUTE FUNCTION tried_watch()",
        ),
    ),
)
"""
ROWS = """
from jishi.db import sql
ROWS = (
    "INSERT INTO tried_shelves (id, label, pieces, old) VALUES ('a', 'left', 5, 'x')",
    "INSERT INTO tried_shelves (id, pieces) VALUES ('b', 20)",
    "INSERT INTO tried_books (id, shelf) VALUES ('one', 'a')",
    "INSERT INTO tried_books (id, shelf) VALUES ('two', 'b')",
)
OPERATIONS = (sql(sqlite=ROWS, postgresql=ROWS),)
"""
REBUILT = """
from jishi.db import BigInt, Table, Text, Varchar, check, rebuild_table, unique

class Shelf(Table, tablename="tried_shelves"):
    id = Text(primary_key=True)
    label = Varchar(length=8)
    pieces = BigInt(default=1)
    note = Text(default="none", null=True)
    room = BigInt()

OPERATIONS = (
    rebuild_table(
        Shelf,
        [unique("label"), check("pieces < 50", name="tried_shelves_few")],
        fill={"label": "coalesce(label, id)", "room": "pieces * 2"},
    ),
)
"""
Package = Callable[..., Source]


@pytest.fixture
async def before(empty: Database, package: Package) -> Source:
    source = package("shelves", m0001_first=FIRST, m0002_rows=ROWS)
    await Migrations(empty, [source]).upgrade()
    return source


async def put(database: Database, **values: str | int | None) -> None:
    columns = {"id": "c", "label": "right", "pieces": 1, "room": 1} | values
    marks = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    async with database.transaction() as tx:
        await tx.execute(
            f"INSERT INTO tried_shelves ({', '.join(columns)}) VALUES ({marks})", *columns.values()
        )


@pytest.fixture
async def rebuilt(empty: Database, package: Package, before: Source) -> Database:
    await Migrations(empty, [package("shelves", m0003_rebuilt=REBUILT)]).upgrade()
    return empty


async def test_rows_stay_and_those_that_refer_to_them_as_well(rebuilt: Database):
    rows = await rebuilt.fetch(
        "SELECT id, label, pieces, note, room FROM tried_shelves ORDER BY id"
    )
    nothing = "none" if rebuilt.dialect == "sqlite" else rows[0][3]
    assert rows == [("a", "left", 5, nothing, 10), ("b", "b", 20, nothing, 40)]
    assert await rebuilt.fetch_as(str, "SELECT id FROM tried_books ORDER BY id") == ["one", "two"]


async def test_a_new_column_has_its_default_in_old_rows_too(rebuilt: Database):
    assert await rebuilt.fetch_as(str, "SELECT DISTINCT note FROM tried_shelves") == ["none"]


async def test_the_old_column_is_gone(rebuilt: Database):
    with pytest.raises(DatabaseError, match="old"):
        await rebuilt.fetch("SELECT old FROM tried_shelves")


@pytest.mark.parametrize(
    ("values", "kind", "what"),
    [
        ({"label": None}, "not_null", ("label",)),
        ({"label": "left"}, "unique", "tried_shelves_label_key"),
        ({"pieces": 60}, "check", "tried_shelves_few"),
        ({"label": "far too long"}, "check", "tried_shelves_label_length"),
    ],
)
async def test_new_promises_are_kept(rebuilt: Database, values, kind, what):
    with pytest.raises(Conflict) as refused:
        await put(rebuilt, **values)
    assert refused.value.kind == kind
    assert what in (refused.value.constraint, refused.value.columns)


async def test_the_new_default_is_used(rebuilt: Database):
    async with rebuilt.transaction() as tx:
        await tx.execute("INSERT INTO tried_shelves (id, label, room) VALUES ('c', 'c', 1)")
    where = "WHERE id = 'c'"
    assert await rebuilt.fetch(f"SELECT pieces, note FROM tried_shelves {where}") == [(1, "none")]


async def test_indexes_triggers_and_references_are_still_there(rebuilt: Database):
    await put(rebuilt)
    assert await rebuilt.fetch_as(str, "SELECT id FROM tried_seen ORDER BY id") == ["a", "b", "c"]
    catalogue = "sqlite_master" if rebuilt.dialect == "sqlite" else "pg_indexes"
    column = "name" if rebuilt.dialect == "sqlite" else "indexname"
    index = f"SELECT 1 FROM {catalogue} WHERE {column} = 'tried_shelves_many'"
    assert await rebuilt.fetch(index)
    with pytest.raises(Conflict) as refused:
        async with rebuilt.transaction() as tx:
            await tx.execute("INSERT INTO tried_books (id, shelf) VALUES ('three', 'nowhere')")
    assert refused.value.kind == "foreign_key"
    async with rebuilt.transaction() as tx:
        await tx.execute("DELETE FROM tried_shelves WHERE id = 'a'")
    assert await rebuilt.fetch_as(str, "SELECT id FROM tried_books") == ["two"]


BROKEN = [("pieces < 50", "pieces < 10"), ("coalesce(label, id)", "label")]


@pytest.mark.parametrize("change", BROKEN)
async def test_a_row_that_breaks_a_new_promise_keeps_the_old_table(
    empty: Database, package: Package, before: Source, change: tuple[str, str]
):
    broken = REBUILT.replace(*change)
    with pytest.raises(Conflict):
        await Migrations(empty, [package("shelves", m0003_rebuilt=broken)]).upgrade()
    rows = await empty.fetch("SELECT id, old FROM tried_shelves ORDER BY id")
    assert rows == [("a", "x"), ("b", None)]
    assert len(await empty.fetch("SELECT id FROM tried_books")) == 2
    with pytest.raises(Conflict):  # references are guarded again
        async with empty.transaction() as tx:
            await tx.execute("INSERT INTO tried_books (id, shelf) VALUES ('three', 'nowhere')")


async def test_a_row_that_loses_what_it_refers_to_keeps_the_old_table(
    empty: Database, package: Package, before: Source
):
    renamed = REBUILT.replace('"room": "pieces * 2"', '"room": "pieces * 2", "id": "id || \'x\'"')
    with pytest.raises(Conflict) as refused:
        await Migrations(empty, [package("shelves", m0003_rebuilt=renamed)]).upgrade()
    assert refused.value.kind == "foreign_key"
    rows = await empty.fetch("SELECT id, old FROM tried_shelves ORDER BY id")
    assert rows == [("a", "x"), ("b", None)]


STARTER = """
import asyncio, os, signal, sys
from jishi.db import Database, Migrations, Source

async def main(url, package, last):
    def progress(step):
        if step.statement == last:
            os.kill(os.getpid(), signal.SIGKILL)
        print(step.statements)
    database = Database.open(url)
    await database.start()
    await Migrations(database, [Source(name="shelves", package=package)]).upgrade(progress)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def killed(url: str, source: Source, folder: Path, last: int) -> int:
    """An upgrade that kills itself after a statement; gives how it ended."""
    return subprocess.run(
        [sys.executable, "-c", STARTER, url, source.package, str(last)],
        env={"PYTHONPATH": str(folder), "PATH": ""},
        timeout=60,
        check=False,
    ).returncode


@pytest.mark.slow
@pytest.mark.crash
@pytest.mark.parametrize("last", [1, 2, 3, 4])
async def test_killed_in_the_middle_it_is_still_the_old_table(
    empty: Database, database_url: str, package: Package, before: Source, tmp_path: Path, last: int
):
    source = package("shelves", m0003_rebuilt=REBUILT)
    code = await asyncio.to_thread(killed, database_url, source, tmp_path, last)
    assert code == -signal.SIGKILL
    rows = await empty.fetch("SELECT id, old FROM tried_shelves ORDER BY id")
    assert rows == [("a", "x"), ("b", None)]
    await Migrations(empty, [source]).upgrade()
    assert len(await empty.fetch("SELECT room FROM tried_shelves")) == 2
    assert len(await empty.fetch("SELECT id FROM tried_books")) == 2
