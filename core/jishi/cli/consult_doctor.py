"""``jishi doctor``: what is wrong with a build, and the next step for each finding."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Literal

import click
import msgspec

from jishi.cli.build import load_build
from jishi.cli.voice import Voice, spoken
from jishi.config import Config, ConfigProblem
from jishi.db import DatabaseError, Finding, Migrations, durability
from jishi.plugins import PluginProblem
from jishi.problems import Problem
from jishi.shop import Shop
from jishi.staff import verify_audit
from jishi.web import make_shop, migrations_of


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at.

    Attributes:
        subject: What was looked at.
        state: ``ok``, ``advice`` (works, could be better) or ``problem``.
        said: What was found.
        next_step: What to do; empty when nothing.
    """

    subject: str
    state: Literal["ok", "advice", "problem"]
    said: str
    next_step: str = ""


@click.command("doctor")
@spoken
def doctor(voice: Voice) -> int:
    """Look the build over; exit code 1 when there is a problem."""
    found = asyncio.run(_examine())
    voice.table(
        ("", "subject", "finding", "next step"),
        [(_MARKS[each.state], each.subject, each.said, each.next_step) for each in found],
    )
    problems = [each for each in found if each.state == "problem"]
    voice.say(f"{len(problems)} problems." if problems else "All is well.")
    voice.document({"status": "ill" if problems else "well", "findings": found})
    return 1 if problems else 0


_MARKS = {"ok": "✓", "advice": "!", "problem": "✗"}


async def _examine() -> list[Diagnosis]:
    try:
        config = load_build()
    except ConfigProblem as problem:
        return [
            Diagnosis(subject="config", state="problem", said=each, next_step="Correct the file.")
            for each in problem.sentences()
        ]
    found = [_ok("config", f"{config.folder / config.source.name} can be used")]
    found += _server(config)
    try:
        shop = make_shop(config)
    except PluginProblem as problem:
        return [*found, _problem("plugins", problem)]
    found += _plugins(shop)
    return found + [each async for each in _database(shop)]


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
        yield _ok("secrets", "shop.secret is there")
    if config.shop.base_url.startswith("http://") and "127.0.0.1" not in config.shop.base_url:
        yield Diagnosis(
            subject="address",
            state="advice",
            said=f"{config.shop.base_url} is not https",
            next_step="Put a TLS proxy in front and set shop.base_url to its https address.",
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
    yield _ok("plugins", ", ".join(working))
    if not any("register_gateways" in each.hooks for each in taking_part):
        yield Diagnosis(
            subject="payment",
            state="advice",
            said="no plugin brings a payment gateway, so nobody can pay",
            next_step='pip install jishi-wechat-pay, and add "wechat_pay" to [plugins] enabled.',
        )


async def _database(shop: Shop) -> AsyncIterator[Diagnosis]:
    shown = shop.config.database.shown
    try:
        await shop.database.start()
        for each in await durability(shop.database):
            yield _setting(shown, each)
        pending = await Migrations(shop.database, migrations_of(shop)).pending()
        if pending:
            yield Diagnosis(
                subject="migrations",
                state="problem",
                said=f"{len(pending)} to come",
                next_step="jishi db upgrade",
            )
        else:
            yield _ok("migrations", "all applied")
            for fault in await verify_audit(shop):
                yield Diagnosis(
                    subject="audit log",
                    state="problem",
                    said=f"entry {fault.position}: {fault.what}",
                    next_step="Somebody wrote to the log by hand: compare it with a backup.",
                )
    except DatabaseError as problem:
        yield Diagnosis(
            subject="database",
            state="problem",
            said=f"{shown}: {problem.detail}",
            next_step="Start the database, or correct [database] url.",
        )
    finally:
        await shop.database.stop()


def _setting(shown: str, found: Finding) -> Diagnosis:
    """What a setting of the database means for acknowledged orders."""
    if found.is_safe:
        return _ok("database", f"{shown}: {found.name} is {found.value}")
    return Diagnosis(
        subject="database",
        state="problem",
        said=f"{shown}: {found.name} is {found.value}; an acknowledged order may be lost",
        next_step=f"Set {found.name} to {' or '.join(found.expected)}.",
    )


def _ok(subject: str, said: str) -> Diagnosis:
    return Diagnosis(subject=subject, state="ok", said=said)


def _problem(subject: str, problem: Problem) -> Diagnosis:
    return Diagnosis(
        subject=subject,
        state="problem",
        said=problem.detail,
        next_step=problem.next_step or "",
    )
