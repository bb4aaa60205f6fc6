"""What can go wrong with plugins: before the start, and while they are asked.

```
Problem
├── PluginProblem       the plugins, as configured, cannot start
├── NotEnough           an account has not enough for what a plugin asks at its desk
└── OutOfService
    └── HookFailed      a plugin failed where the core may not go on without it
        ├── HookSlow    … because it took longer than its budget
        └── HookShut    … and is not asked any more for a while
```
"""

from collections.abc import Sequence

from jishi.problems import Clash, OutOfService, Problem


class PluginProblem(Problem):
    """The plugins that the merchant switched on cannot be used; one plain sentence says why.

    Args:
        detail: What is wrong: which plugin, which versions.
        next_step: The line to run or to write.
    """

    code = "plugin"
    status = 500
    title = "The plugins cannot be started"

    def __str__(self) -> str:
        return f"{self.detail} {self.next_step}" if self.next_step else self.detail


class NotEnough(Clash):
    """An account has not enough for what was asked; nothing was written.

    Args:
        detail: The sentence for whoever asked.
        next_step: What to do now.
        account: The account's id.
        available: What could have been had, in its unit.
    """

    code = "not_enough"
    title = "There is not enough"

    def __init__(self, detail: str, *, next_step: str, account: str, available: int) -> None:
        super().__init__(detail, next_step=next_step, account=account, available=available)
        self.account = account
        self.available = available


class HookFailed(OutOfService):
    """A plugin failed where its answer decides, so the answer is no.

    Args:
        plugin: Who failed: ``loyalty@0.1.0``.
        hook: What it was asked.
        why: What happened, for staff and logs only.
        answers: What the other plugins answered, each an `Answer`.

    Attributes:
        others: Plugins that failed in the same question after this one.
    """

    code = "plugin_unavailable"
    title = "A part of the shop cannot answer right now"

    def __init__(self, plugin: str, hook: str, why: str, answers: Sequence[object] = ()) -> None:
        super().__init__(
            "A part of the shop cannot answer right now; nothing was changed.",
            next_step="Try again in a moment.",
        )
        self.plugin = plugin
        self.hook = hook
        self.why = why
        self.answers: tuple[object, ...] = tuple(answers)
        self.others: tuple[HookFailed, ...] = ()
        self.for_staff = f"{plugin} failed in {hook}: {why}"

    def __str__(self) -> str:
        return self.for_staff


class HookSlow(HookFailed):
    """A plugin took longer than it may."""


class HookShut(HookFailed):
    """A plugin failed too often and is not asked for a while.

    Args:
        plugin: Who failed: ``loyalty@0.1.0``.
        hook: What it is not asked.
        why: What happened, for staff and logs only.
        seconds: When it is worth trying again.
    """

    def __init__(self, plugin: str, hook: str, why: str, seconds: int) -> None:
        super().__init__(plugin, hook, why)
        self.next_step = f"Try again in {seconds} seconds."
        self.extra = {"retry_after": seconds}
