"""``jishi db``: the tables, copies of them, and whether they are right."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from jishi.cli.build import connected, load_build
from jishi.cli.counting import counting, patient
from jishi.cli.diagnosis import Diagnosis, shown
from jishi.cli.recount import Position, Progress, position, recount
from jishi.cli.voice import Voice, spoken
from jishi.config import Config
from jishi.db import Copied, Migration, Migrations, NoBackup, Step, back_up, kind_of, restore
from jishi.web import migrations_of


@click.group("db")
def database() -> None:
    """Look after the database: its tables, its copies, whether it is right."""


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


@database.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@spoken
def backup(voice: Voice, file: Path) -> None:
    """Copy the database into a new FILE while the shop goes on selling."""
    config = load_build()
    with counting(voice) as progress:
        copied = asyncio.run(
            back_up(config.database.url, file, lambda done, all_: progress("copied", done, all_))
        )
    voice.say(f"{copied.place}: {copied.size:,} bytes in {copied.seconds:.1f} s.")
    voice.say(f"Prove it now: jishi db check {file}")
    voice.document({"database": config.database.shown, "copied": copied})


@database.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into",
    required=True,
    help="The new database: sqlite:///new.db that is not there, or an empty postgresql://…",
)
@spoken
def restore_command(voice: Voice, file: Path, into: str) -> int:
    """Make a new database from a backup FILE and recount it; exit code 1 when it is wrong."""
    config = _with_database(load_build(), into)
    with counting(voice) as progress:
        copied, found, at = asyncio.run(_restore(config, file, progress))
    return _told(voice, found, at, copied)


@database.command("check")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@spoken
def check_command(voice: Voice, file: Path | None) -> int:
    """Recount the database, or a backup FILE of SQLite; exit code 1 when something is wrong."""
    config = patient(load_build())
    with counting(voice) as progress:
        if file is None:
            found, at = asyncio.run(_recount(config, progress))
        elif kind_of(file) == "postgresql":
            raise NoBackup(
                f"{file} is a copy of PostgreSQL, which needs a server to be looked at; make an "
                f"empty database there and run jishi db restore {file} --into postgresql://…"
            )
        else:
            with tempfile.TemporaryDirectory(prefix="jishi-check-") as folder:
                there = _with_database(config, f"sqlite:///{folder}/shop.db")
                _, found, at = asyncio.run(_restore(there, file, progress))
    return _told(voice, found, at, None)


def _with_database(config: Config, url: str) -> Config:
    """The same build on another database."""
    changed = msgspec.structs.replace(config.database, url=url)
    return patient(msgspec.structs.replace(config, database=changed))


async def _restore(
    config: Config, file: Path, progress: Progress
) -> tuple[Copied, list[Diagnosis], Position | None]:
    copied = await restore(
        file, config.database.url, lambda done, all_: progress("restored", done, all_)
    )
    return copied, *await _recount(config, progress)


async def _recount(config: Config, progress: Progress) -> tuple[list[Diagnosis], Position | None]:
    async with connected(config) as shop:
        found = [each async for each in recount(shop, progress)]
        tables = [each for each in found if each.subject == "migrations"]
        fit = all(each.state == "ok" for each in tables)
        return found, await position(shop) if tables and fit else None


def _told(
    voice: Voice, found: Sequence[Diagnosis], at: Position | None, copied: Copied | None
) -> int:
    problems = [each for each in found if each.state == "problem"]
    voice.table(("", "subject", "finding", "next step"), shown(found))
    if at is not None:
        voice.say(f"{at.orders} orders, the last placed {at.last_order or 'never'}.")
    voice.say(f"{len(problems)} problems." if problems else "The database is right.")
    voice.document(
        {
            "status": "wrong" if problems else "right",
            "orders": at.orders if at else None,
            "last_order": at.last_order if at else None,
            "copied": copied,
            "findings": found,
        }
    )
    return 1 if problems else 0


async def _pending(config: Config) -> list[Migration]:
    async with connected(config) as shop:
        return await Migrations(shop.database, migrations_of(shop)).pending()


async def _upgrade(config: Config, voice: Voice) -> list[Migration]:
    async with connected(config) as shop:
        migrations = Migrations(shop.database, migrations_of(shop))
        pending = await migrations.pending()
        with counting(voice) as progress:
            done = 0

            def tell(step: Step) -> None:
                nonlocal done
                done += step.statement == step.statements
                progress(f"{step.source} {step.module}", done, len(pending))

            return await migrations.upgrade(tell)


def _counted(migrations: int) -> str:
    return f"{migrations} migration{'' if migrations == 1 else 's'}"
