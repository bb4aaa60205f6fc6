"""``jishi ledger`` and ``jishi staff``: looking after a shop."""

import asyncio
import os
from collections.abc import Collection, Sequence

import click

from jishi.cli.build import load_build, usable
from jishi.cli.voice import Voice, spoken
from jishi.config import Config
from jishi.ledger import Discrepancy, LiveHold, check
from jishi.orders import useless_holds
from jishi.staff import create_owner

PASSWORD = "JISHI_OWNER_PASSWORD"  # noqa: S105 - the variable's name
"""Where the first owner's password may come from instead of the keyboard."""


@click.group()
def ledger() -> None:
    """Look after everything that can run out."""


@ledger.command("check")
@spoken
def check_command(voice: Voice) -> int:
    """Recount every balance and every hold; exit code 1 when something does not add up."""
    found = asyncio.run(_check(load_build()))
    voice.table(
        ("what", "where", "recorded", "counted"),
        [(each.kind, each.subject, each.found, each.expected) for each in found],
    )
    voice.say(f"{len(found)} discrepancies." if found else "The ledger is right.")
    voice.document({"status": "wrong" if found else "right", "discrepancies": found})
    return 1 if found else 0


async def _check(config: Config) -> Sequence[Discrepancy]:
    async with usable(config) as shop:

        async def useless(holds: Sequence[LiveHold]) -> Collection[str]:
            return await useless_holds(shop, holds)

        return await check(shop.database, owners=[useless])


@click.group()
def staff() -> None:
    """Look after the people who work here."""


@staff.command("add-owner")
@click.argument("email")
@spoken
def add_owner_command(voice: Voice, email: str) -> None:
    """Make the first owner; the password is asked, or taken from JISHI_OWNER_PASSWORD."""
    config = load_build()
    password = os.environ.get(PASSWORD) or click.prompt(
        "Password", hide_input=True, confirmation_prompt=True, err=True
    )
    asyncio.run(_add_owner(config, email, password))
    voice.say(f"{email} is an owner now; log in with POST /admin/login.")
    voice.document({"email": email, "role": "owner"})


async def _add_owner(config: Config, email: str, password: str) -> None:
    async with usable(config) as shop:
        await create_owner(shop, email, password)
