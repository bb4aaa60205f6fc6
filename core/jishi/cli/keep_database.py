"""``jishi db``: the tables."""

import asyncio

import click
from rich.progress import BarColumn, Progress, TextColumn

from jishi.cli.build import connected, load_build
from jishi.cli.voice import Voice, spoken
from jishi.config import Config
from jishi.db import Migration, Migrations, Step
from jishi.web import migrations_of


@click.group("db")
def database() -> None:
    """Look after the database's tables."""


@database.command("upgrade")
@spoken
def upgrade(voice: Voice) -> None:
    """Bring the tables up to date; safe to repeat, safe to interrupt."""
    config = load_build()
    applied = asyncio.run(_upgrade(config, voice))
    voice.table(("source", "migration"), [(each.source, each.module) for each in applied])
    voice.say(f"{config.database.shown}: {_counted(len(applied))} applied.")
    voice.document({"database": config.database.shown, "applied": applied})


@database.command("status")
@spoken
def status(voice: Voice) -> int:
    """Say which migrations are to come; exit code 1 when there are any."""
    config = load_build()
    pending = asyncio.run(_pending(config))
    voice.table(("source", "migration"), [(each.source, each.module) for each in pending])
    voice.say(
        f"{config.database.shown}: {_counted(len(pending))} to come; run `jishi db upgrade`."
        if pending
        else f"{config.database.shown}: up to date."
    )
    voice.document({"database": config.database.shown, "pending": pending})
    return 1 if pending else 0


async def _pending(config: Config) -> list[Migration]:
    async with connected(config) as shop:
        return await Migrations(shop.database, migrations_of(shop)).pending()


async def _upgrade(config: Config, voice: Voice) -> list[Migration]:
    async with connected(config) as shop:
        migrations = Migrations(shop.database, migrations_of(shop))
        pending = await migrations.pending()
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            console=voice.progress,
            transient=True,
        ) as progress:
            task = progress.add_task("migrations", total=len(pending))

            def tell(step: Step) -> None:
                progress.update(task, description=f"{step.source} {step.module}")
                progress.advance(task, 1 if step.statement == step.statements else 0)

            return await migrations.upgrade(tell)


def _counted(migrations: int) -> str:
    return f"{migrations} migration{'' if migrations == 1 else 's'}"
