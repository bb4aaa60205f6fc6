"""What the doctor should know about plugins: findings with their next steps."""

import asyncio
from typing import Literal

import msgspec

from jishi.config import Config
from jishi.db import Database
from jishi.plugins import sql
from jishi.plugins.approval import approval_line, wishes_of
from jishi.plugins.board import Notice
from jishi.plugins.hooks import Hooks
from jishi.plugins.seats import Seat

PATIENCE = 3.0
"""Seconds to wait for a host."""


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing about a plugin.

    Attributes:
        plugin: Its name.
        state: ``advice`` (works, could be better) or ``problem``.
        said: What was found.
        next_step: What to do.
    """

    plugin: str
    state: Literal["advice", "problem"]
    said: str
    next_step: str


def examine(config: Config, hooks: Hooks) -> list[Remark]:
    """What the configuration says about plugins and does not mean.

    What keeps the shop from starting (unknown hooks, missing settings and secrets, two claimants
    of a slot, wishes that were not approved) is a `PluginProblem` of the start itself.
    """
    table, seats = config.plugins, hooks.roster.seats
    found: list[Remark] = []
    for name in table.settings:
        if name not in seats:
            found.append(_unused(name, f"[plugins.{name}]"))
    for word in ("on_failure", "budgets", "approved"):
        for name in getattr(table, word):
            if name not in seats:
                found.append(_unused(name, f"{name} in [plugins.{word}]"))
    for seat in seats.values():
        wishes = wishes_of(seat.declaration)
        if seat.home == "installed" and wishes and seat.name not in table.approved:
            found.append(_never_approved(seat, wishes))
    return found


async def examine_health(hooks: Hooks, database: Database) -> list[Remark]:
    """Which breakers are open and who is in quarantine, in any process."""
    now = hooks.roster.board.clock.now()
    notices = await database.fetch_as(Notice, sql.NOTICES, now)
    return [
        Remark(
            plugin=each.plugin,
            state="problem",
            said=_said(each),
            next_step=f"Look at the log, mend it, then: jishi plugins enable {each.plugin}",
        )
        for each in notices
        if each.until_at > now
    ]


async def examine_hosts(hooks: Hooks) -> list[Remark]:
    """Which hosts that plugins declare cannot be reached from here."""
    wanted = [
        (seat.name, host)
        for seat in hooks.roster.seats.values()
        for host in seat.declaration.hosts
        if "*" not in host
    ]
    reached = await asyncio.gather(*(_reaches(host) for _, host in wanted))
    return [
        Remark(
            plugin=name,
            state="advice",
            said=f"{host} cannot be reached: {why}",
            next_step="Open the firewall for it, or look at the name service.",
        )
        for (name, host), why in zip(wanted, reached, strict=True)
        if why
    ]


async def _reaches(host: str) -> str:
    """Why a host cannot be reached; empty when it can."""
    name, _, port = host.partition(":")
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(name, int(port or 443))
    except TimeoutError:
        return f"no answer within {PATIENCE:g} s"
    except OSError as error:
        return str(error)
    writer.close()
    return ""


def _said(notice: Notice) -> str:
    if notice.state == "quarantined":
        return f"in quarantine in the process {notice.process}: {notice.why}"
    return f"not asked in {notice.hook} for a while: {notice.why}"


def _unused(name: str, where: str) -> Remark:
    return Remark(
        plugin=name,
        state="advice",
        said=f"{where} is not used: the plugin is off",
        next_step=f"jishi plugins enable {name}, or jishi plugins uninstall {name}",
    )


def _never_approved(seat: Seat, wishes: tuple[str, ...]) -> Remark:
    return Remark(
        plugin=seat.name,
        state="advice",
        said=f"it may {', '.join(wishes)}, and nobody would notice if an update wanted more",
        next_step=f"Write in jishi.toml: {approval_line(seat.declaration)}",
    )
