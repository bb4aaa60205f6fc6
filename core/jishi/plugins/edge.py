"""The core's edge: what a plugin may answer at all; what it means is its room's business."""

from collections.abc import AsyncIterator, Awaitable, Collection, Iterator, Sequence
from types import CoroutineType
from typing import cast

from jishi.effects import Claim, Credit, Debit, Effect, Event, Open, Record
from jishi.plugins.health import Health

MOST = 1000
"""Answers in one answer: offers, options, findings, routes."""

MOST_EFFECTS = 200
MOST_EVENTS = 20
_KINDS = (Open, Claim, Credit, Debit, Record, Event)


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
    if kind is list or kind is tuple or isinstance(value, list | tuple):
        _check_many(health, cast("Sequence[object]", value))
        return
    if kind not in _whole:
        _check_whole(value)
        if len(_whole) < MOST:
            _whole.add(kind)
    if health.shape == "many":
        raise WrongAnswer(f"answered {value!r:.200}; expected a list")


_whole: set[type] = set()
"""Types that were looked at: their values are there, not yet to come."""


def _check_whole(value: object) -> None:
    """Refuse what is not there yet."""
    if not isinstance(value, Iterator | AsyncIterator | Awaitable):
        return
    if isinstance(value, CoroutineType):
        value.close()
    raise WrongAnswer(
        f"answered with a {type(value).__name__}, which is not there yet; give a list"
    )


def _check_many(health: Health, answers: Sequence[object]) -> None:
    if len(answers) > MOST:
        raise WrongAnswer(f"answered with {len(answers)} things; at most {MOST} are taken")
    if health.mode == "effects":
        check_effects(health.plugin, health.kinds, cast("Sequence[Effect]", answers))
    elif health.mode == "review" and health.shape == "many":
        for each in answers:
            if not isinstance(getattr(each, "message", None), str):
                raise WrongAnswer(f"answered with {each!r:.200}, which says nothing")


def check_effects(
    plugin: str,
    kinds: Collection[str] | None,
    effects: Sequence[object],
    allowed: tuple[type, ...] = _KINDS,
) -> None:
    """Refuse effects that a plugin may not ask for.

    Args:
        plugin: Its name.
        kinds: The kinds of accounts that it may move; None for all.
        effects: What it asks for.
        allowed: What can be asked for here.

    Raises:
        WrongAnswer: It says what is wrong.
    """
    if len(effects) > MOST_EFFECTS:
        raise WrongAnswer(f"asked for {len(effects)} effects; at most {MOST_EFFECTS} are taken")
    events = [each for each in effects if isinstance(each, Event)]
    if len(events) > MOST_EVENTS:
        raise WrongAnswer(f"asked for {len(events)} events; at most {MOST_EVENTS} are taken")
    for effect in effects:
        if not isinstance(effect, allowed):
            raise WrongAnswer(f"{effect!r:.200} is no effect")
        if isinstance(effect, Open | Claim | Credit | Debit):
            _check_move(kinds, effect)
        if isinstance(effect, Event) and not effect.name.startswith(f"{plugin}."):
            raise WrongAnswer(
                f"the event {effect.name!r} is not its own; its name starts with '{plugin}.'"
            )


def _check_move(kinds: Collection[str] | None, effect: Open | Claim | Credit | Debit) -> None:
    if not isinstance(effect, Open) and not _is_amount(effect.amount):
        raise WrongAnswer(
            f"the effect {effect.key!r} moves {effect.amount!r}; expected a whole number above 0"
        )
    kind = str(effect.account).partition(":")[0]
    if kinds is not None and kind not in kinds:
        raise WrongAnswer(
            f"the effect {effect.key!r} moves {effect.account!r}, but the scope 'ledger:{kind}' "
            "is not declared"
        )


def _is_amount(amount: object) -> bool:
    return type(amount) is int and 0 < amount < 2**53
