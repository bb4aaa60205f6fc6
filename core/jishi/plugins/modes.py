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

BUDGETS: dict[str, float] = {"review": 0.2, "load": 0.3}
"""How long one plugin may keep a customer waiting, by mode, in seconds."""


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
