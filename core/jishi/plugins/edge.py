"""The core's edge: what a plugin may answer at all; what it means is its room's business."""

from collections.abc import AsyncIterator, Awaitable, Iterator
from types import CoroutineType

from jishi.effects import Claim, Credit, Debit, Effect, Event, Record
from jishi.plugins.health import Health

MOST = 1000
"""Answers in one answer: offers, options, findings, routes."""

MOST_EFFECTS = 200
MOST_EVENTS = 20
_KINDS = (Claim, Credit, Debit, Record, Event)


class WrongAnswer(Exception):
    """An answer that cannot be used."""


def check_answer(health: Health, value: object) -> None:
    """Refuse what is computed later, without end, or impossible.

    Args:
        health: Who was asked what.
        value: The answer.

    Raises:
        WrongAnswer: It says what is wrong.
    """
    kind = type(value)
    if isinstance(value, list | tuple):
        if len(value) > MOST:
            raise WrongAnswer(f"answered with {len(value)} things; at most {MOST} are taken")
        if health.mode == "effects":
            _check_effects(health.plugin, value)
    elif isinstance(value, Iterator | AsyncIterator | Awaitable):
        if isinstance(value, CoroutineType):
            value.close()
        raise WrongAnswer(f"answered with a {kind.__name__}, which is no answer yet; give a list")
    elif health.shape == "many":
        raise WrongAnswer(f"answered {value!r:.200}; expected a list")


def _check_effects(plugin: str, effects: list[Effect] | tuple[Effect, ...]) -> None:
    if len(effects) > MOST_EFFECTS:
        raise WrongAnswer(f"asked for {len(effects)} effects; at most {MOST_EFFECTS} are taken")
    events = [each for each in effects if isinstance(each, Event)]
    if len(events) > MOST_EVENTS:
        raise WrongAnswer(f"asked for {len(events)} events; at most {MOST_EVENTS} are taken")
    for effect in effects:
        if not isinstance(effect, _KINDS):
            raise WrongAnswer(f"{effect!r:.200} is no effect")
        if isinstance(effect, Claim | Credit | Debit) and not _is_amount(effect.amount):
            raise WrongAnswer(
                f"the effect {effect.key!r} moves {effect.amount!r}; expected a whole number "
                "above 0"
            )
        if isinstance(effect, Event) and not effect.name.startswith(f"{plugin}."):
            raise WrongAnswer(
                f"the event {effect.name!r} is not its own; its name starts with '{plugin}.'"
            )


def _is_amount(amount: object) -> bool:
    return type(amount) is int and 0 < amount < 2**53
