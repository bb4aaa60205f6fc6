"""How one plugin does in one hook: counts its failures and stops asking when there are too many.

The breaker opens after 5 failures that are at least half of the calls of the last minute, or
after 3 answers in a row that came too late. It stays open for 30 s; then 3 calls are let through
as probes, and closes when all of them are answered.
"""

from collections import deque
from typing import Literal, Protocol

from jishi.plugins.modes import Mode

FAILURES = 5
WINDOW = 60.0
LATE = 3
COOLDOWN = 30.0
PROBES = 3
SLACK = 0.25
"""Seconds; a busy machine lets a plain call take some time of which the plugin knows nothing."""

State = Literal["closed", "open", "half-open", "quarantined"]


class Watcher(Protocol):
    """Who wants to know when a breaker opens or closes, and knows the time."""

    def time(self) -> float:
        """Seconds since the epoch."""

    def opened(self, health: "Health") -> None:
        """A breaker opened here."""

    def closed(self, health: "Health") -> None:
        """A breaker closed here."""


class Health:
    """One plugin in one hook, in this process.

    Attributes:
        calls: How often it was asked, ever.
        shut: Whether a call must first ask `lets_in`; looked at on every call.
        alert: Whether an answer must be told to `well`; looked at on every call.
        budget: Seconds it may keep somebody waiting.
        slack: Seconds from which on an answer counts as late that nobody could cut off.
        state: The breaker's state.
        until: When an open breaker lets probes through, seconds since the epoch.
        why: Why it is open; for staff.
        shape: Whether the hook wants a list of answers or one.
        kinds: Kinds of ledger accounts that its effects may move; None for all.
    """

    __slots__ = (
        "_failed", "_late", "_left", "_marks", "_passed", "_watcher", "alert", "budget", "calls",
        "hook", "kinds", "label", "mode", "plugin", "shape", "shut", "slack", "state", "until",
        "why",
    )  # fmt: skip

    def __init__(
        self,
        label: str,
        hook: str,
        mode: Mode,
        budget: float,
        watcher: Watcher,
        shape: Literal["one", "many"] = "one",
    ) -> None:
        self.label = label
        self.shape = shape
        self.kinds: frozenset[str] | None = None
        self.plugin = label.partition("@")[0]
        self.hook = hook
        self.mode: Mode = mode
        self.budget = budget
        self.slack = max(budget, SLACK)
        self.calls = 0
        self.shut = False
        self.alert = False
        self.state: State = "closed"
        self.until = 0.0
        self.why = ""
        self._watcher = watcher
        self._failed: deque[float] = deque(maxlen=1000)
        self._marks: deque[tuple[float, int]] = deque([(watcher.time(), 0)])
        self._late = self._left = self._passed = 0

    def lets_in(self) -> bool:
        """Whether it may be asked though its breaker is not closed: as a probe."""
        if self.state == "quarantined":
            return False
        now = self._watcher.time()
        if now >= self.until:
            # Also when probes were let in and never came back: their callers left.
            self.state, self.until, self.alert = "half-open", now + COOLDOWN, True
            self._left, self._passed = PROBES, 0
        if self.state != "half-open" or not self._left:
            return False
        self._left -= 1
        return True

    def well(self) -> None:
        """It answered in time after something had been wrong."""
        self._late = 0
        self.alert = self.state == "half-open"
        if self.state == "half-open":
            self._passed += 1
            if self._passed >= PROBES:
                self.close()
                self._watcher.closed(self)

    def failed(self, why: str, how: Literal["error", "late"] = "error") -> None:
        """It raised, answered nonsense or answered too late."""
        now = self._watcher.time()
        self._failed.append(now)
        self._late = self._late + 1 if how == "late" else 0
        self.alert = True
        if self.state == "half-open" or (self.state == "closed" and self._is_too_much(now)):
            self.open(now + COOLDOWN, why)
            self._watcher.opened(self)

    def open(self, until: float, why: str) -> None:
        """Ask no more until then, seconds since the epoch."""
        self.state, self.until, self.why, self.shut, self._left = "open", until, why, True, 0

    def close(self) -> None:
        """Ask again as ever; what was counted is forgotten."""
        self.state, self.why, self.shut, self.alert = "closed", "", False, False
        self._failed.clear()
        self._marks = deque([(self._watcher.time(), self.calls)])
        self._late = 0

    def quarantine(self, why: str) -> None:
        """Ask no more until somebody says otherwise."""
        self.state, self.why, self.shut = "quarantined", why, True

    def mark(self, now: float) -> None:
        """Remember how many calls there were until now; every few seconds."""
        self._marks.append((now, self.calls))
        while len(self._marks) > 1 and self._marks[1][0] <= now - WINDOW:
            self._marks.popleft()

    @property
    def failures(self) -> int:
        """Failures of the last minute."""
        self._forget(self._watcher.time())
        return len(self._failed)

    def wait(self) -> int:
        """Whole seconds after which it is worth asking again, at least 1."""
        if self.state == "quarantined":
            return int(COOLDOWN)
        return max(1, round(self.until - self._watcher.time()))

    def _is_too_much(self, now: float) -> bool:
        self._forget(now)
        recent = self.calls - self._marks[0][1]
        many = len(self._failed) >= FAILURES and len(self._failed) * 2 >= recent
        return many or self._late >= LATE

    def _forget(self, now: float) -> None:
        while self._failed and self._failed[0] <= now - WINDOW:
            self._failed.popleft()
