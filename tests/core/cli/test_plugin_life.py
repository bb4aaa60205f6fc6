"""A plugin's life, as a merchant runs it: installed, on, asked, off, gone."""

import asyncio
import sys
from pathlib import Path

import pytest

from jishi.cli.bisect_plugins import find_guilty
from jishi.config import load_config
from jishi.db import tables_there
from jishi.events import Runner
from jishi.testing.orders import place
from jishi.web import handlers_of, open_shop

STAMPS = '''
from jishi.db import Table, Text
from jishi.effects import Event, Record
from jishi.plugins import Declaration, Plugin, hookimpl
import msgspec


class StampTable(Table, tablename="stamps_stamps"):
    """A stamp for every order."""
    id = Text(primary_key=True)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[plugins.stamps]``."""
    colour: str = "red"


class Made(Plugin):
    """Gives a stamp for every order."""

    declaration = Declaration(
        name="stamps", version="{version}", settings=Settings, tables=(StampTable,),
        migrations="stranger_stamps_tables", scopes=({scopes}), hosts=("stamps.example",),
    )

    @hookimpl
    def effects_of_order(self, order, transition):
        row = {{"id": f"{{order.id}}:{{transition}}"}}
        return [Record(table="stamps_stamps", row=row, key="s")]

    @hookimpl
    async def order_placed(self, order):
        raise RuntimeError("the stamp office is closed")
'''
MIGRATION = '''
from jishi.db import Table, Text, create_table, immutable


class StampTable(Table, tablename="stamps_stamps"):
    """A stamp for every order."""
    id = Text(primary_key=True)


OPERATIONS = (create_table(StampTable), immutable("stamps_stamps"))
'''


@pytest.fixture
def stamps(tmp_path, monkeypatch):
    """Install the distribution jishi-stamps, in a version that wants these scopes."""
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def install(version: str = "1.0", scopes: str = '"orders:read",') -> Path:
        (site / "stranger_stamps.py").write_text(
            STAMPS.format(version=version, scopes=scopes), "utf-8"
        )
        tables = site / "stranger_stamps_tables"
        tables.mkdir(exist_ok=True)
        (tables / "__init__.py").write_text("", "utf-8")
        (tables / "m0001_stamps.py").write_text(MIGRATION, "utf-8")
        meta = site / "jishi_stamps.dist-info"
        meta.mkdir(exist_ok=True)
        head = f"Metadata-Version: 2.1\nName: jishi-stamps\nVersion: {version}\n"
        (meta / "METADATA").write_text(head, "utf-8")
        (meta / "entry_points.txt").write_text(
            "[jishi.plugins]\nstamps = stranger_stamps:Made\n", "utf-8"
        )
        forget()
        return site

    def forget() -> None:
        for name in [each for each in sys.modules if each.startswith("stranger_stamps")]:
            del sys.modules[name]

    yield install
    forget()


@pytest.fixture
def sell(ready_build):
    """Sell one thing, and give what the database then says about stamps."""

    def once() -> dict[str, int]:
        found = asyncio.run(_sold(ready_build.folder / "jishi.toml"))
        ready_build.capsys.readouterr()  # what was logged meanwhile
        return found

    return once


async def _sold(file: Path) -> dict[str, int]:
    shop = await open_shop(load_config(file, {}))
    try:
        await place(shop, [("tea", 1, 990)])
        await Runner(shop, handlers_of(shop)).drain()
        return await _left(shop.database)
    finally:
        await shop.database.stop()


@pytest.fixture
def left(ready_build):
    """Count what is there of the stamps."""

    async def look() -> dict[str, int]:
        shop = await open_shop(load_config(ready_build.folder / "jishi.toml", {}))
        try:
            return await _left(shop.database)
        finally:
            await shop.database.stop()

    return lambda: asyncio.run(look())


async def _left(database) -> dict[str, int]:
    async def count(sql: str) -> int:
        ((number,),) = await database.fetch(sql)
        return number

    there = "stamps_stamps" in await tables_there(database)
    return {
        "tables": int(there),
        "rows": await count("SELECT count(*) FROM stamps_stamps") if there else 0,
        "jobs": await count("SELECT count(*) FROM events_jobs WHERE kind LIKE 'tell:%:stamps'"),
        "migrations": await count("SELECT count(*) FROM jishi_migrations WHERE source = 'stamps'"),
        "notices": await count("SELECT count(*) FROM plugins_notices"),
    }


NOTHING = {"tables": 0, "rows": 0, "jobs": 0, "migrations": 0, "notices": 0}
CHANNEL = '# what we sell through\n[channels.web]\nname = "网店"  # the web\n'


def text_of(build) -> str:
    return (build.folder / "jishi.toml").read_text("utf-8")


def test_on_sell_off_sell_and_purged_nothing_is_left(ready_build, stamps, sell, left):
    ready_build.write(CHANNEL)
    before = text_of(ready_build)
    stamps()
    on = ready_build.told("plugins", "enable", "stamps")
    assert (on["code"], on["state"], on["changed"]) == (0, "on", "yes")
    assert on["approved"] == ["host:stamps.example", "orders:read"]
    assert [each["source"] for each in on["migrations"]] == ["stamps"]
    assert CHANNEL in text_of(ready_build)
    assert sell() == {"tables": 1, "rows": 1, "jobs": 1, "migrations": 1, "notices": 0}
    assert ready_build.told("plugins", "disable", "stamps")["changed"] == "yes"
    assert sell()["rows"] == 1
    gone = ready_build.told("plugins", "uninstall", "stamps", "--purge")
    assert gone["preview"]["belongings"]["tables"] == [{"table": "stamps_stamps", "rows": 1}]
    assert left() == NOTHING
    assert "stamps" not in text_of(ready_build)
    assert text_of(ready_build).startswith(before)


def test_what_is_kept_is_found_again(ready_build, stamps, sell, left):
    stamps()
    ready_build.told("plugins", "enable", "stamps")
    sell()
    kept = ready_build.told("plugins", "uninstall", "stamps", "--keep-data")
    assert (kept["data"], kept["preview"]["waiting"]) == ("kept", 1)
    assert left()["rows"] == 1
    dead = asyncio.run(_dead(ready_build.folder / "jishi.toml"))
    assert dead == [("dead", "the plugin stamps was uninstalled")]
    ready_build.told("plugins", "enable", "stamps")
    assert sell()["rows"] == 2


async def _dead(file: Path) -> list[tuple[object, ...]]:
    shop = await open_shop(load_config(file, {}))
    try:
        return await shop.database.fetch(
            "SELECT state, error FROM events_jobs WHERE kind LIKE 'tell:%:stamps'"
        )
    finally:
        await shop.database.stop()


def test_a_preview_changes_nothing(ready_build, stamps, sell, left):
    stamps()
    ready_build.told("plugins", "enable", "stamps")
    sell()
    before, text = left(), text_of(ready_build)
    shown = ready_build.run("plugins", "uninstall", "stamps")
    assert "stamps_stamps" in shown.stdout
    assert "Choose --keep-data or --purge" in shown.stdout
    assert (left(), text_of(ready_build)) == (before, text)


def test_wider_wishes_after_an_update_need_the_merchants_word(plain_build, stamps):
    stamps()
    plain_build.told("plugins", "enable", "stamps")
    stamps("1.1", '"orders:read", "members:contact",')
    stopped = plain_build.run("plugins", "list")
    assert stopped.returncode == 2
    assert "wants more than it was allowed: members:contact" in stopped.stderr
    assert "jishi plugins enable stamps" in stopped.stderr
    refused = plain_build.run("plugins", "enable", "stamps", "--yes")
    assert refused.returncode == 0, refused.stderr
    assert "members:contact" in text_of(plain_build)
    assert plain_build.run("plugins", "list").returncode == 0


def test_inspect_tells_everything(plain_build, stamps):
    stamps()
    off = plain_build.told("plugins", "inspect", "stamps")["plugin"]
    assert (off["state"], off["tables"]) == ("off", ["stamps_stamps"])
    plain_build.told("plugins", "enable", "stamps")
    on = plain_build.told("plugins", "inspect", "stamps")["plugin"]
    assert (on["state"], on["approved"], on["version"]) == ("on", "yes", "1.0")
    assert [each["name"] for each in on["settings"]] == ["colour"]
    hooks = {each["hook"]: each for each in on["hooks"]}
    assert hooks["effects_of_order"]["order"] == ["stamps@1.0"]
    assert hooks["effects_of_order"]["budget"] == 50
    text = plain_build.run("plugins", "inspect", "stamps").stdout
    assert "Gives a stamp for every order." in text


def test_a_trace_shows_who_was_asked(ready_build, stamps):
    stamps()
    ready_build.told("plugins", "enable", "stamps")
    items = ready_build.folder / "items.json"
    items.write_text('{"lines": [{"sku": "none", "quantity": 1}]}', "utf-8")
    shown = ready_build.told("plugins", "trace", "GET", "/store/products")
    assert (shown["request"], shown["status"]) == ("GET /store/products", 200)
    quoted = ready_build.told("plugins", "trace", "--quote", str(items))
    assert quoted["request"] == "POST /store/quotes"
    assert ready_build.run("plugins", "trace").returncode == 2


def test_a_build_that_sells_is_well(plain_build):
    checked = plain_build.told("plugins", "check")
    assert (checked["code"], checked["problem"]) == (0, "")


def test_the_check_names_who_fails(plain_build, install_bad):
    install_bad("broken")
    plain_build.write('[plugins]\nenabled = ["broken"]\n')
    checked = plain_build.told("plugins", "check")
    assert checked["code"] == 1
    assert "broken@1.0 failed in review_checkout: KeyError" in checked["problem"]
    safe = plain_build.told("plugins", "check", JISHI_PLUGINS_SAFE="yes")
    assert safe["code"] == 0


BROKEN = """
from jishi.plugins import Declaration, Plugin, hookimpl
class Made(Plugin):
    declaration = Declaration(name="broken", version="1.0")
    @hookimpl
    def review_checkout(self, draft):
        raise KeyError("no list")
"""


@pytest.fixture
def install_bad(tmp_path, monkeypatch, stamps):
    def install(name: str) -> Path:
        site = stamps()
        (site / f"stranger_stamps_{name}.py").write_text(BROKEN, "utf-8")
        meta = site / f"jishi_{name}.dist-info"
        meta.mkdir()
        head = f"Metadata-Version: 2.1\nName: jishi-{name}\nVersion: 1.0\n"
        (meta / "METADATA").write_text(head, "utf-8")
        point = f"[jishi.plugins]\n{name} = stranger_stamps_{name}:Made\n"
        (meta / "entry_points.txt").write_text(point, "utf-8")
        return site

    return install


@pytest.mark.slow
def test_bisect_finds_the_guilty_one(plain_build, install_bad, stamps):
    site = install_bad("broken")
    plain_build.write('[plugins]\nenabled = ["stamps", "broken"]\n')
    found = plain_build.told("plugins", "bisect", PYTHONPATH=str(site))
    assert (found["code"], found["guilty"]) == (0, ["broken"])
    assert not list(plain_build.folder.glob(".jishi-bisect-*"))


@pytest.mark.parametrize(
    ("guilty", "ill"),
    [
        (["c"], lambda names: "c" in names),
        (["a"], lambda names: "a" in names),
        (["b", "e"], lambda names: {"b", "e"} <= set(names)),
        ([], lambda names: True),
        (None, lambda names: False),
    ],
)
def test_halving_finds_the_fewest(guilty, ill):
    assert find_guilty("abcdefg", ill) == guilty


def test_a_plugin_that_others_need_stays_on(plain_build, stamps, install_bad):
    site = install_bad("broken")
    code = BROKEN.replace('version="1.0"', 'version="1.0", needs=("stamps",)')
    (site / "stranger_stamps_broken.py").write_text(code, "utf-8")
    plain_build.write('[plugins]\nenabled = ["stamps", "broken"]\n')
    before = text_of(plain_build)
    refused = plain_build.run("plugins", "disable", "stamps")
    assert refused.returncode == 2
    assert "'broken' needs 'stamps'" in refused.stderr
    assert text_of(plain_build) == before
