"""The notice board: which breakers are open and who is in quarantine, here and elsewhere."""

import os
import secrets
import socket
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec
import structlog

from jishi.clock import Clock, SystemClock
from jishi.plugins.health import Health, State
from jishi.plugins.permits import kinds_of
from jishi.plugins.register import Hook
from jishi.plugins.rules import Rules
from jishi.plugins.seats import Seat

log = structlog.get_logger("jishi.plugins")

STRIKES = 3
STRIKES_WITHIN = 600.0
"""So often within so many seconds may a plugin block the event loop; then it is quarantined."""

EVERYTHING = "*"
"""Stands for all hooks of a plugin in a notice of quarantine."""

SIGN_OF_LIFE = 60.0
"""Seconds for which a notice of quarantine is believed; its process renews it."""


class Notice(msgspec.Struct, frozen=True):
    """What one process tells all others, as it is stored.

    Attributes:
        plugin: The plugin's name.
        hook: The hook, or ``*`` for all of them.
        process: Whose quarantine it is; empty for breakers, which all processes share.
        state: ``open`` or ``quarantined``.
        why: What happened; for staff.
        since_at: Since when, UTC.
        until_at: When probes are let through, or until when the notice is believed, UTC.
    """

    plugin: str
    hook: str
    process: str
    state: State
    why: str
    since_at: datetime
    until_at: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        """What there is at most one notice of."""
        return (self.plugin, self.hook, self.process)


class Board:
    """How every plugin does in every hook.

    Args:
        rules: Budgets.
        clock: What time it is.
    """

    def __init__(self, rules: Rules, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.process = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.quarantined: dict[str, str] = {}
        """Plugins that are off in this process, with the reason."""
        self.elsewhere: tuple[Notice, ...] = ()
        """What the others say."""
        self.unsaid: dict[tuple[str, str, str], Notice | None] = {}
        """What the others do not know yet; None when a breaker closed."""
        self.tell: Callable[[], None] = _nobody
        """Called when there is something unsaid."""
        self._rules = rules
        self._healths: dict[tuple[str, str], Health] = {}
        self._strikes: dict[str, deque[float]] = {}

    def time(self) -> float:
        """Seconds since the epoch."""
        return self.clock.now().timestamp()

    def health(self, seat: Seat, hook: Hook) -> Health:
        """How a plugin does in a hook; the same object for all places and plans."""
        declaration = seat.declaration
        key = (declaration.name, hook.name)
        if key not in self._healths:
            budget = self._rules.budget(declaration.name, hook.mode)
            made = Health(declaration.label, hook.name, hook.mode, budget, self, hook.shape)
            made.kinds = kinds_of(declaration) if seat.home == "installed" else None
            self._healths[key] = made
            if declaration.name in self.quarantined:
                made.quarantine(self.quarantined[declaration.name])
            self._follow(made, {notice.key: notice for notice in self.elsewhere})
        return self._healths[key]

    def healths(self, plugin: str | None = None) -> list[Health]:
        """Everything that was asked so far, or that of one plugin."""
        return [each for each in self._healths.values() if plugin in (None, each.plugin)]

    def opened(self, health: Health) -> None:
        """A breaker opened here: write it down, tell the others."""
        log.error("plugin_breaker_open", plugin=health.label, hook=health.hook, why=health.why)
        self._say(self._notice(health.plugin, health.hook, "", "open", health.why, health.until))

    def closed(self, health: Health) -> None:
        """A breaker closed here: write it down, tell the others."""
        log.info("plugin_breaker_closed", plugin=health.label, hook=health.hook)
        self.unsaid[health.plugin, health.hook, ""] = None
        self.tell()

    def strike(self, plugin: str, what: str) -> None:
        """A plugin blocked the event loop; the third time in ten minutes it is quarantined."""
        now = self.time()
        strikes = self._strikes.setdefault(plugin, deque(maxlen=STRIKES))
        strikes.append(now)
        if len(strikes) == STRIKES and strikes[0] > now - STRIKES_WITHIN:
            self.quarantine(plugin, f"blocked the event loop {STRIKES} times, {what}")

    def quarantine(self, plugin: str, why: str) -> None:
        """Ask a plugin nothing any more in this process; every hook fails as its mode says."""
        if plugin in self.quarantined:
            return
        self.quarantined[plugin] = why
        for health in self.healths(plugin):
            health.quarantine(why)
        log.error(
            "plugin_quarantined",
            plugin=plugin,
            why=why,
            next_step=f"Mend it, then: jishi plugins enable {plugin}, or restart.",
        )
        until = self.time() + SIGN_OF_LIFE
        self._say(self._notice(plugin, EVERYTHING, self.process, "quarantined", why, until))

    def pardon(self, plugin: str) -> None:
        """Ask it again."""
        if self.quarantined.pop(plugin, None) is None:
            return
        self._strikes.pop(plugin, None)
        self.unsaid.pop((plugin, EVERYTHING, self.process), None)
        for health in self.healths(plugin):
            health.close()
        log.info("plugin_pardoned", plugin=plugin)

    def hear(self, notices: Iterable[Notice]) -> None:
        """Take over what all processes said, ours among them; what is unsaid here wins."""
        heard = {notice.key: notice for notice in notices}
        known = {notice.key for notice in self.elsewhere}
        for notice in heard.values():
            if notice.key not in known and notice.process not in ("", self.process):
                log.error(
                    "plugin_quarantined_elsewhere",
                    plugin=notice.plugin,
                    process=notice.process,
                    why=notice.why,
                )
        for plugin in list(self.quarantined):
            key = (plugin, EVERYTHING, self.process)
            if key in known and key not in heard and key not in self.unsaid:
                self.pardon(plugin)
        for health in self._healths.values():
            self._follow(health, heard)
        self.elsewhere = tuple(heard.values())

    def mark(self) -> None:
        """Remember how many calls there were until now, and renew what we said."""
        now = self.time()
        for health in self._healths.values():
            health.mark(now)
        for plugin, why in self.quarantined.items():
            self._say(
                self._notice(
                    plugin, EVERYTHING, self.process, "quarantined", why, now + SIGN_OF_LIFE
                )
            )

    def _follow(self, health: Health, heard: dict[tuple[str, str, str], Notice]) -> None:
        key = (health.plugin, health.hook, "")
        if key in self.unsaid or health.state == "quarantined":
            return
        notice = heard.get(key)
        if notice is None:
            if health.state == "open":
                health.close()
            return
        until = notice.until_at.timestamp()
        if until > max(self.time(), health.until) and health.state != "open":
            health.open(until, notice.why)

    def _notice(
        self, plugin: str, hook: str, process: str, state: State, why: str, until: float
    ) -> Notice:
        now, end = self.clock.now(), datetime.fromtimestamp(until, UTC)
        return Notice(plugin, hook, process, state, why[:500], now, end)

    def _say(self, notice: Notice) -> None:
        self.unsaid[notice.key] = notice
        self.tell()


def _nobody() -> None:
    """Nobody listens: a shop that does not serve."""
