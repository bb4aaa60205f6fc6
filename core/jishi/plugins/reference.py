"""The hook reference: every hook as the specifications state it, so that the page cannot drift."""

import inspect
from collections.abc import Callable, Iterable
from types import ModuleType

from jishi.plugins.declaration import Plugin
from jishi.plugins.modes import BUDGETS, Mode, mode_of

MODES: dict[Mode, tuple[str, str]] = {
    "register": ("collected once at the start", "the plugin is disabled and reported"),
    "load": ("awaited before a decision, reads only", "refuses: no decision on half the facts"),
    "pure": ("pure, collected; None offers nothing", "refuses: no wrong price"),
    "review": ("awaited, every objection is heard", "refuses"),
    "effects": ("pure, committed with the transition", "the transition fails whole"),
    "choose": ("one plugin decides", "refuses"),
    "event": ("a durable job after the commit", "retried, then dead-lettered; others still hear"),
}
"""How each mode is asked, and what happens when a plugin fails in it."""


def hook_reference(families: Iterable[ModuleType], plugins: Iterable[type[Plugin]]) -> str:
    """The reference as Markdown.

    Args:
        families: The modules with the specifications.
        plugins: Classes of plugins; each hook names those that use it.
    """
    users = list(plugins)
    parts = [_table(), *(_family(family, users) for family in families)]
    return "\n\n".join(parts) + "\n"


def hooks_of(family: ModuleType) -> list[Callable[..., object]]:
    """The specifications of a family, in the order in which they are written."""
    return [each for each in vars(family).values() if hasattr(each, "jishi_spec")]


def _table() -> str:
    rows = [
        f"| {mode} | {asked} | {failure} | {_time(BUDGETS[mode])} |"
        for mode, (asked, failure) in MODES.items()
    ]
    head = "| mode | how it is asked | when a plugin fails | time for one call |"
    return "\n".join([head, "|---|---|---|---|", *rows])


def _time(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1000:g} ms"


def _family(family: ModuleType, plugins: list[type[Plugin]]) -> str:
    name = family.__name__.rpartition(".")[2]
    title = f"## {name}\n\n{inspect.getdoc(family) or ''}"
    return "\n\n".join([title, *(_hook(spec, plugins) for spec in hooks_of(family))])


def _hook(spec: Callable[..., object], plugins: list[type[Plugin]]) -> str:
    signature = str(inspect.signature(spec)).replace("'", "")
    users = sorted(
        plugin.declaration.name
        for plugin in plugins
        if callable(getattr(plugin, spec.__name__, None))
    )
    text = inspect.getdoc(spec) or ""
    return "\n".join(
        [
            f"### {spec.__name__}",
            "",
            f"`{spec.__name__}{signature}`",
            "",
            f"*{mode_of(spec)}* · used here by {', '.join(users) or 'nobody yet'}",
            "",
            "```text",
            text,
            "```",
        ]
    )
