"""``jishi doctor``: what is wrong with a build, and the next step for each finding."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import NamedTuple

import click

from jishi.cli.build import load_build
from jishi.cli.compare_gateways import compare
from jishi.cli.counting import counting, patient
from jishi.cli.diagnosis import Diagnosis, ok, problem, shown
from jishi.cli.examine_privacy import examine_privacy
from jishi.cli.overdue import overdue
from jishi.cli.recount import Progress, recount
from jishi.cli.voice import Voice, spoken
from jishi.config import Config, ConfigProblem
from jishi.db import DatabaseError, Finding, Migrations, durability
from jishi.payments import stop_gateways
from jishi.plugins import PluginProblem, Remark, examine, examine_health, examine_hosts
from jishi.problems import Problem
from jishi.shop import Shop
from jishi.staff import verify_audit
from jishi.web import make_shop, migrations_of


@click.command("doctor")
@click.option("--deep", is_flag=True, help="Recount everything, and ask the gateways.")
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=7,
    show_default=True,
    help="With --deep: payments of so many days are compared with their gateways.",
)
@spoken
def doctor(voice: Voice, deep: bool, days: int) -> int:
    """Look the build over; exit code 1 when there is a problem."""
    with counting(voice) as progress:
        found = asyncio.run(_examine(_Depth(days, progress) if deep else None))
    voice.table(("", "subject", "finding", "next step"), shown(found))
    problems = [each for each in found if each.state == "problem"]
    voice.say(f"{len(problems)} problems." if problems else "All is well.")
    voice.document({"status": "ill" if problems else "well", "findings": found})
    return 1 if problems else 0


class _Depth(NamedTuple):
    """How deep to look: payments of so many days, and who is told how far it is."""

    days: int
    progress: Progress


async def _examine(depth: _Depth | None) -> list[Diagnosis]:
    try:
        config = load_build()
    except ConfigProblem as error:
        return [
            Diagnosis(subject="config", state="problem", said=each, next_step="Correct the file.")
            for each in error.sentences()
        ]
    if depth:
        config = patient(config)
    found = [ok("config", f"{config.folder / config.source.name} can be used")]
    found += _server(config)
    try:
        shop = make_shop(config)
    except PluginProblem as error:
        return [*found, _of("plugins", error)]
    found += _plugins(shop)
    found += _remarks(examine(config, shop.hooks))
    found += _remarks(await examine_hosts(shop.hooks))
    return found + [each async for each in _database(shop, depth)]


def _server(config: Config) -> Iterator[Diagnosis]:
    if config.server.workers > 1 and config.database.url.startswith("sqlite"):
        yield Diagnosis(
            subject="server",
            state="problem",
            said=f"{config.server.workers} processes need PostgreSQL",
            next_step="Set [server] workers = 1, or database.url = postgresql://…",
        )
    if len(config.shop.secret.reveal()) < 32:
        yield Diagnosis(
            subject="secrets",
            state="problem",
            said="shop.secret is shorter than 32 characters",
            next_step="Write a long random one into its file; everybody must log in again then.",
        )
    else:
        yield ok("secrets", "shop.secret is there")
    if config.shop.base_url.startswith("http://") and "127.0.0.1" not in config.shop.base_url:
        yield Diagnosis(
            subject="address",
            state="advice",
            said=f"{config.shop.base_url} is not https",
            next_step="Put a TLS proxy in front and set shop.base_url to its https address.",
        )


def _remarks(remarks: Iterable[Remark]) -> Iterator[Diagnosis]:
    for each in remarks:
        yield Diagnosis(
            subject=f"plugin {each.plugin}",
            state=each.state,
            said=each.said,
            next_step=each.next_step,
        )


def _plugins(shop: Shop) -> Iterator[Diagnosis]:
    taking_part = [each for each in shop.hooks.roster.installed() if each.state != "off"]
    for each in taking_part:
        if each.state == "disabled":
            yield Diagnosis(
                subject=f"plugin {each.name}",
                state="problem",
                said=each.reason,
                next_step="Mend it, or take it out of [plugins] enabled.",
            )
    working = [each.name for each in taking_part if each.state == "on"]
    yield ok("plugins", ", ".join(working))
    if not any("register_gateways" in each.hooks for each in taking_part):
        yield Diagnosis(
            subject="payment",
            state="advice",
            said="no plugin brings a payment gateway, so nobody can pay",
            next_step='pip install jishi-wechat-pay, and add "wechat_pay" to [plugins] enabled.',
        )


async def _database(shop: Shop, depth: _Depth | None) -> AsyncIterator[Diagnosis]:
    shown = shop.config.database.shown
    try:
        await shop.database.start()
        for each in await durability(shop.database):
            yield _setting(shown, each)
        if depth:
            for finding in await _deep(shop, depth):
                yield finding
            return
        pending = await Migrations(shop.database, migrations_of(shop)).pending()
        if pending:
            yield problem("migrations", f"{len(pending)} to come", "jishi db upgrade")
        else:
            yield ok("migrations", "all applied")
            for remark in _remarks(await examine_health(shop.hooks, shop.database)):
                yield remark
            async for remark in examine_privacy(shop):
                yield remark
            for fault in await verify_audit(shop):
                said = f"entry {fault.position}: {fault.what}"
                step = "Somebody wrote to the log by hand: compare it with a backup."
                yield problem("audit log", said, step)
    except DatabaseError as error:
        step = "Start the database, or correct [database] url."
        yield problem("database", f"{shown}: {error.detail}", step)
    finally:
        await stop_gateways(shop)
        await shop.database.stop()


async def _deep(shop: Shop, depth: _Depth) -> list[Diagnosis]:
    """Recount what is there; when the tables fit, also look for what is late or told elsewhere."""
    found = [each async for each in recount(shop, depth.progress)]
    if any(each.subject == "migrations" and each.state == "problem" for each in found):
        return found
    return [*found, *await overdue(shop), *await compare(shop, depth.days, depth.progress)]


def _setting(shown: str, found: Finding) -> Diagnosis:
    """What a setting of the database means for acknowledged orders."""
    if found.is_safe:
        return ok("database", f"{shown}: {found.name} is {found.value}")
    return Diagnosis(
        subject="database",
        state="problem",
        said=f"{shown}: {found.name} is {found.value}; an acknowledged order may be lost",
        next_step=f"Set {found.name} to {' or '.join(found.expected)}.",
    )


def _of(subject: str, error: Problem) -> Diagnosis:
    return problem(subject, error.detail, error.next_step or "")
