"""``jishi seal``: personal data at rest is brought to the newest key."""

import asyncio

import click
from rich.progress import Progress, TextColumn

from jishi.cli.build import load_build, usable
from jishi.cli.voice import Voice, spoken
from jishi.config import Config
from jishi.dossiers import keys_in_use, reseal
from jishi.sealing import sealing_of


@click.group("seal")
def seal() -> None:
    """Look after the keys that personal data is sealed with."""


@seal.command("keys")
@spoken
def show_keys(voice: Voice) -> int:
    """Say how many rows each key seals; one that seals none may leave the build."""
    config = load_build()
    counted = asyncio.run(_keys(config))
    ring = sealing_of(config)
    rows = [(name, counted.get(name, 0), _said(name, ring.newest)) for name in ring.ids]
    missing = sorted(set(counted) - {*ring.ids, ""})
    rows += [(name, counted[name], "not in the build: put it back") for name in missing]
    rows.append(
        ("in clear", counted.get("", 0), "" if ring.newest is None else "jishi seal again")
    )
    voice.table(("key", "rows", ""), rows)
    voice.document({"newest": ring.newest, "rows": counted, "missing": missing})
    return 1 if missing else 0


@seal.command("again")
@spoken
def seal_again(voice: Voice) -> int:
    """Seal with the newest key what is not; may be stopped and called again at any time."""
    config = load_build()
    done = asyncio.run(_again(config, voice))
    voice.say(f"{sum(done.values())} rows sealed with {sealing_of(config).newest or 'no key'}.")
    voice.document({"newest": sealing_of(config).newest, "sealed": done})
    return 0


async def _keys(config: Config) -> dict[str, int]:
    async with usable(config) as shop:
        return await keys_in_use(shop)


async def _again(config: Config, voice: Voice) -> dict[str, int]:
    done: dict[str, int] = {}
    async with usable(config) as shop:
        with Progress(
            TextColumn("{task.description}"), console=voice.progress, transient=True
        ) as progress:
            task = progress.add_task("", total=None)
            async for step in reseal(shop):
                name = f"{step.table}.{step.column}"
                done[name] = step.sealed
                progress.update(task, description=f"{name}: {step.sealed} of {step.looked}")
    return done


def _said(name: str, newest: str | None) -> str:
    return "seals" if name == newest else "opens"
