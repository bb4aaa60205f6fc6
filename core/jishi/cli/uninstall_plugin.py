"""``jishi plugins uninstall``: shows what a plugin has, then keeps or purges it."""

import asyncio
from typing import Literal

import click
import msgspec

from jishi.cli.build import load_build, usable
from jishi.cli.switch_plugins import text_without
from jishi.cli.voice import Voice, spoken
from jishi.config import Config, without_traces, write_whole
from jishi.db import take_out
from jishi.events import bury_jobs, forget_jobs, jobs_of_plugin
from jishi.plugins import (
    TAKEN,
    Belongings,
    Plugin,
    PluginProblem,
    belongings,
    bury,
    find_plugins,
    installed,
)
from jishi.shop import Shop


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What uninstalling touches.

    Attributes:
        belongings: Tables, rows and migrations.
        waiting: Jobs that wait for it.
        jobs: Jobs of it that are stored, done ones too.
    """

    belongings: Belongings
    waiting: int
    jobs: int


@click.command("uninstall")
@click.argument("name")
@click.option("--keep-data", "data", flag_value="kept", help="Leave its tables and settings.")
@click.option("--purge", "data", flag_value="purged", help="Take its tables and settings away.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@spoken
def uninstall(voice: Voice, name: str, data: Literal["kept", "purged"] | None, yes: bool) -> int:
    """Take the plugin NAME out; without --keep-data or --purge only show what it has.

    Orders and the ledger keep what it did: that is history.
    """
    config = load_build()
    _must_be_a_stranger(name)
    text = text_without(config, name) if name in config.plugins.enabled else config.source.text
    seen = asyncio.run(_preview(config, name))
    _must_be_known(config, seen)
    _show(voice, seen)
    if data is None:
        voice.say("Nothing was changed. Choose --keep-data or --purge.")
        voice.document({"plugin": name, "data": "untouched", "preview": seen})
        return 0
    if not (yes or voice.form == "json" or click.confirm(_question(name, data), err=True)):
        voice.say("Nothing was changed.")
        return 1
    text = without_traces(text, name) if data == "purged" else text
    # Off before its data goes: what stops in between can be repeated, and the shop starts.
    write_whole(config.folder / config.source.name, text)
    asyncio.run(_take(config, seen, data))
    voice.say(f"{name} is uninstalled, its data is {data}. Restart `jishi serve`, then:")
    voice.say(f"  pip uninstall jishi-{name.replace('_', '-')}")
    voice.document({"plugin": name, "data": data, "preview": seen})
    return 0


def _must_be_a_stranger(name: str) -> None:
    if name in TAKEN:
        raise PluginProblem(
            f"{name!r} is a room of the core, not a plugin.",
            next_step="jishi plugins list shows the plugins.",
        )


def _must_be_known(config: Config, seen: Preview) -> None:
    """Refuse a name that is nobody's: neither installed, nor written down, nor with data."""
    found = seen.belongings
    is_there = _class(found.plugin) is not None or found.plugin in config.source.text
    if not (is_there or found.tables or found.migrations or seen.jobs):
        raise PluginProblem(
            f"There is no plugin {found.plugin!r}, and nothing is left of one.",
            next_step="jishi plugins list shows those there are.",
        )


async def _preview(config: Config, name: str) -> Preview:
    async with usable(config) as shop:
        return await look(shop, name)


async def look(shop: Shop, name: str) -> Preview:
    """What a plugin has, whether it is on, off, or not even there any more."""
    others = frozenset((*TAKEN, *(each.name for each in installed()))) - {name}
    found = await belongings(shop.database, name, _class(name), others)
    waiting, jobs = await jobs_of_plugin(shop.database, name)
    return Preview(belongings=found, waiting=waiting, jobs=jobs)


async def take(shop: Shop, seen: Preview, data: Literal["kept", "purged"]) -> None:
    """Take a plugin's data away, or leave it and bury its jobs; all of it or nothing.

    Args:
        shop: The shop; the plugin must be off in every process.
        seen: What it has.
        data: What is to become of it.
    """
    found = seen.belongings
    async with shop.database.transaction() as tx:
        if data == "purged":
            tables = [each.table for each in found.tables]
            await take_out(tx, shop.database.dialect, found.plugin, tables)
            await forget_jobs(tx, found.plugin)
        else:
            await bury_jobs(tx, shop, found.plugin)
        await bury(tx, found, data, shop.clock.now())
    await shop.database.refresh()


async def _take(config: Config, seen: Preview, data: Literal["kept", "purged"]) -> None:
    async with usable(config) as shop:
        await take(shop, seen, data)


def _class(name: str) -> type[Plugin] | None:
    try:
        return find_plugins([name], {})[name]
    except PluginProblem:
        return None


def _show(voice: Voice, seen: Preview) -> None:
    found = seen.belongings
    if found.tables:
        voice.table(("table", "rows"), [(each.table, each.rows) for each in found.tables])
    else:
        voice.say(f"{found.plugin} has no tables.")
    voice.say(f"{seen.jobs} jobs of it are stored, {seen.waiting} of them wait.")


def _question(name: str, data: str) -> str:
    if data == "kept":
        return f"Take {name} out and leave its data?"
    return f"Take {name} out and delete all of this for ever?"
