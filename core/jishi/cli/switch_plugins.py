"""``jishi plugins enable`` and ``disable``: checked first, then written, comments kept."""

import asyncio
from collections.abc import Sequence

import click

from jishi.builtin import BUILTIN
from jishi.cli.build import connected, load_build
from jishi.cli.voice import Voice, spoken
from jishi.config import Config, reread, with_plugin, without_plugin, write_whole
from jishi.db import Migration, Migrations
from jishi.plugins import Plugin, PluginProblem, exhume, find_plugins, pardon, wishes_of
from jishi.remote import remote_plugins
from jishi.shop import Shop
from jishi.web import make_shop, migrations_of


@click.command("enable")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Allow what it wants without asking.")
@spoken
def enable(voice: Voice, name: str, yes: bool) -> int:
    """Switch the plugin NAME on: check it, make its tables, write jishi.toml.

    Also takes it out of quarantine, and allows what an update of it wants more.
    """
    config = load_build()
    plugin = find_plugins([name], {**BUILTIN, **remote_plugins(config)})[name]
    wishes = wishes_of(plugin.declaration)
    new = [each for each in wishes if each not in config.plugins.approved.get(name, ())]
    if new and not (yes or voice.form == "json" or _agrees(voice, name, new)):
        return 1
    approved = wishes if wishes or name in config.plugins.approved else None
    text = with_plugin(config.source.text, name, approved)
    after = reread(config, text)
    make_shop(after)  # refuses what cannot be switched on, before anything is written
    applied = asyncio.run(_prepare(after, name))
    _write(config, text)
    changed = "no" if text == config.source.text else "yes"
    voice.say(_said(name, "on", changed, config))
    for each in applied:
        voice.say(f"  migrated: {each.source} {each.module}")
    if new:
        voice.say(f"  allowed: {', '.join(new)}")
    voice.document(
        {
            "plugin": name,
            "state": "on",
            "changed": changed,
            "approved": wishes,
            "migrations": applied,
            "enabled": after.plugins.enabled,
        }
    )
    return 0


@click.command("disable")
@click.argument("name")
@spoken
def disable(voice: Voice, name: str) -> None:
    """Switch the plugin NAME off; its data and settings stay."""
    config = load_build()
    text = text_without(config, name)
    changed = "no" if text == config.source.text else "yes"
    _write(config, text)
    voice.say(_said(name, "off", changed, config))
    enabled = reread(config, text).plugins.enabled
    voice.document({"plugin": name, "state": "off", "changed": changed, "enabled": enabled})


def text_without(config: Config, name: str) -> str:
    """The build's file with a plugin switched off.

    Raises:
        PluginProblem: Another plugin needs it, or nobody knows it.
    """
    text = without_plugin(config.source.text, name, tuple(BUILTIN))
    if text != config.source.text:
        make_shop(reread(config, text))  # says who needs it
    elif name not in (*config.plugins.off, *_known(name)):
        raise PluginProblem(
            f"There is no plugin {name!r}.", next_step="jishi plugins list shows those there are."
        )
    return text


def _known(name: str) -> dict[str, type[Plugin]]:
    try:
        return find_plugins([name], BUILTIN)
    except PluginProblem:
        return {}


def _agrees(voice: Voice, name: str, new: Sequence[str]) -> bool:
    voice.say(f"{name} wants to be allowed:")
    for each in new:
        voice.say(f"  {each}")
    if click.confirm("Allow it?", err=True):
        return True
    voice.say("Nothing was changed.")
    return False


async def _prepare(config: Config, name: str) -> list[Migration]:
    """Make its tables, and forget what was said about it before."""
    async with connected(config) as shop:
        applied = await Migrations(shop.database, migrations_of(shop)).upgrade()
        await pardon(shop.database, name)
        await _wake(shop, name)
        return applied


async def _wake(shop: Shop, name: str) -> None:
    async with shop.database.transaction() as tx:
        await exhume(tx, name)


def _write(config: Config, text: str) -> None:
    if text != config.source.text:
        write_whole(config.folder / config.source.name, text)


def _said(name: str, state: str, changed: str, config: Config) -> str:
    if changed == "no":
        return f"{name} is {state} already in {config.source.name}."
    return f"{name} is {state} in {config.source.name}; restart `jishi serve` to have it so."
