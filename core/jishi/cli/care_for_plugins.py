"""``jishi plugins``: which there are, how they do, and everything about one of them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from jishi.cli.bisect_plugins import bisect, check
from jishi.cli.build import load_build
from jishi.cli.start_plugin import new
from jishi.cli.switch_plugins import disable, enable
from jishi.cli.trace_plugins import trace
from jishi.cli.uninstall_plugin import uninstall
from jishi.cli.voice import Voice, spoken
from jishi.db import DatabaseError
from jishi.hookspecs.platform import register_routes
from jishi.plugins import SHOP, Installed, Portrait, Remark, examine_health, portrait
from jishi.shop import Shop
from jishi.web import make_shop


@click.group()
def plugins() -> None:
    """Look after the plugins, or begin a new one."""


for command in (bisect, check, disable, enable, new, trace, uninstall):
    plugins.add_command(command)


class Listed(Installed, frozen=True, kw_only=True):
    """A plugin in the list.

    Attributes:
        health: ``well``, what is wrong, or ``unknown`` without a database.
    """

    health: str = "unknown"


@plugins.command("list")
@spoken
def list_plugins(voice: Voice) -> None:
    """List the plugins in the order they are asked, then those that are only installed."""
    shop = make_shop(load_build())
    # To look must not make a database.
    remarks = asyncio.run(_remarks(shop)) if _is_there(shop) else None
    found = [_listed(each, remarks) for each in shop.hooks.roster.installed()]
    voice.table(
        ("plugin", "version", "state", "health", "distribution", "answers", "wants"),
        [
            (
                each.name,
                each.version,
                each.state,
                each.health,
                each.distribution,
                ", ".join(each.hooks),
                ", ".join(each.wants),
            )
            for each in found
        ],
    )
    voice.document({"plugins": found})


def _is_there(shop: Shop) -> bool:
    scheme, _, file = shop.config.database.url.partition(":///")
    return scheme != "sqlite" or Path(file).exists()


async def _remarks(shop: Shop) -> list[Remark] | None:
    """What processes say about plugins; None when the database cannot be asked."""
    try:
        await shop.database.start()
        return await examine_health(shop.hooks, shop.database)
    except DatabaseError:
        return None
    finally:
        await shop.database.stop()


def _listed(plugin: Installed, remarks: Sequence[Remark] | None) -> Listed:
    ill = [each.said for each in remarks or () if each.plugin == plugin.name]
    health = "; ".join(ill) or ("unknown" if remarks is None else "well")
    if plugin.state == "off":
        health = ""
    elif plugin.reason:
        health = plugin.reason
    return Listed(**msgspec.structs.asdict(plugin), health=health)


@plugins.command("inspect")
@click.argument("name")
@spoken
def inspect(voice: Voice, name: str) -> None:
    """Show everything about the plugin NAME: what it wants, answers, owns and can be set."""
    config = load_build()
    shop = make_shop(config)
    found = portrait(shop.hooks, name, config.plugins.approved.get(name))
    routes = _routes(shop, name)
    _show(voice, found, routes)
    voice.document({"plugin": found, "routes": routes})


def _routes(shop: Shop, name: str) -> list[str]:
    """The paths that it serves, with their methods."""
    found: list[str] = []
    for answer in shop.hooks.ask(register_routes, SHOP):
        if answer.plugin.partition("@")[0] != name:
            continue
        for handler in answer.value:
            methods = " ".join(sorted(str(each) for each in getattr(handler, "http_methods", ())))
            paths = sorted(getattr(handler, "paths", ()) or {str(getattr(handler, "path", ""))})
            found += [f"{methods} /{name}{path}".strip() for path in paths]
    return found


def _show(voice: Voice, found: Portrait, routes: Sequence[str]) -> None:
    voice.say(f"{found.name} {found.version} ({found.distribution}), {found.state}")
    if found.about:
        voice.say(found.about)
    if found.reason:
        voice.say(f"! {found.reason}")
    facts = (
        ("needs", ", ".join((f"jishi{found.requires}", *found.needs))),
        ("needed by", ", ".join(found.needed_by)),
        ("required", found.required),
        ("wants", ", ".join(found.wants)),
        ("approved", found.approved),
        ("tables", ", ".join(found.tables)),
        ("routes", ", ".join(routes)),
    )
    voice.table(("", ""), [fact for fact in facts if fact[1]])
    if found.hooks:
        voice.table(
            ("hook", "mode", "budget ms", "asked in this order"),
            [(each.hook, each.mode, each.budget, " → ".join(each.order)) for each in found.hooks],
        )
    if found.settings:
        voice.table(
            ("setting", "type", "default", "meaning"),
            [
                (each.name, each.type, each.default or "must be given", each.help)
                for each in found.settings
            ],
        )
