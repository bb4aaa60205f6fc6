"""The verb of a hook's name tells how it is asked."""

import inspect
from collections.abc import Callable
from typing import Literal

from jishi.config import did_you_mean

Mode = Literal["register", "load", "pure", "review", "effects", "choose", "event"]
"""The seven ways to ask."""

VERBS: dict[str, Mode] = {
    "register": "register",
    "load": "load",
    "quote": "pure",
    "offer": "pure",
    "adjust": "pure",
    "review": "review",
    "effects": "effects",
    "choose": "choose",
}
"""First word of a hook's name to its mode; any other first word is a past-tense event."""

AWAITED: frozenset[Mode] = frozenset({"load", "review", "event"})
"""Modes whose implementations may be ``async def``."""

BUDGETS: dict[Mode, float] = {
    "register": 10.0,
    "load": 0.3,
    "pure": 0.3,
    "review": 0.2,
    "effects": 0.05,
    "choose": 0.3,
    "event": 30.0,
}
"""How long one plugin may take for one call, by mode, in seconds.

Whoever waits is cut off. A plain ``def`` cannot be: its answer is taken, and counted as late.
"""

TOTALS: dict[Mode, float] = {"load": 1.0, "review": 1.0}
"""How long all plugins together may keep a customer waiting, by mode, in seconds."""


def mode_of(spec: Callable[..., object]) -> Mode:
    """How a hook is asked.

    Args:
        spec: The hook's specification.

    Raises:
        TypeError: The name begins with no known verb, yet the hook wants an answer.
    """
    verb = spec.__name__.partition("_")[0]
    if verb in VERBS:
        return VERBS[verb]
    if inspect.signature(spec).return_annotation not in (None, "None"):
        raise TypeError(
            f"{spec.__name__} wants an answer but its verb {verb!r} is not known"
            f"{did_you_mean(verb, VERBS)}; the verbs are {', '.join(VERBS)}"
        )
    return "event"
