"""What a look at a shop may find."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal

import msgspec


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at.

    Attributes:
        subject: What was looked at.
        state: ``ok``, ``advice`` (works, could be better) or ``problem``.
        said: What was found.
        next_step: What to do; empty when nothing.
    """

    subject: str
    state: Literal["ok", "advice", "problem"]
    said: str
    next_step: str = ""


_MARKS = {"ok": "✓", "advice": "!", "problem": "✗"}


def ok(subject: str, said: str) -> Diagnosis:
    """Nothing is wrong with it."""
    return Diagnosis(subject=subject, state="ok", said=said)


def problem(subject: str, said: str, next_step: str) -> Diagnosis:
    """Something is wrong with it."""
    return Diagnosis(subject=subject, state="problem", said=said, next_step=next_step)


def shown(found: Iterable[Diagnosis]) -> Iterator[tuple[str, str, str, str]]:
    """The findings as rows for people: of each subject the first twenty, and how many more."""
    for subject, some in groupby(found, lambda each: each.subject):
        all_ = list(some)
        for each in all_[:_SHOWN]:
            yield _MARKS[each.state], subject, each.said, each.next_step
        if len(all_) > _SHOWN:
            yield "", subject, f"… and {len(all_) - _SHOWN} more", "--json lists all."


_SHOWN = 20
