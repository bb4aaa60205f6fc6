"""Which plugin's code runs at this moment in the thread of the event loop.

The dispatcher sets it around every stretch of a plugin's code, also between two awaits. So a log
line can say whose it is, the watchdog can name who blocks the loop, and a hook cannot open a
transaction.
"""

from collections.abc import MutableMapping
from typing import Any

from jishi.plugins.health import Health
from jishi.problems import Problem

WRITES_NOTHING = frozenset({"load", "pure", "review", "effects", "choose", "register"})
"""Modes that give data; only a job after the commit may write by itself."""


class HookWrites(Problem):
    """A hook tried to write by itself."""

    code = "hook_writes"
    status = 500
    title = "A hook gives data, only the core writes"


class Stage:
    """Who is on stage: one event loop per process, so one stage."""

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now: Health | None = None


STAGE = Stage()


def refuse_writing() -> None:
    """Refuse a transaction while a hook that only gives data is being asked.

    Raises:
        HookWrites: It names the plugin and the hook.
    """
    health = STAGE.now
    if health is not None and health.mode in WRITES_NOTHING:
        raise HookWrites(
            f"{health.label} opens a transaction in {health.hook}.",
            next_step="Return effects, or write in a job: order_paid and the like.",
        )


def name_the_plugin(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Say in a log line which plugin wrote it, and in which hook."""
    if (health := STAGE.now) is not None:
        event.setdefault("plugin", health.label)
        event.setdefault("hook", health.hook)
    return event
