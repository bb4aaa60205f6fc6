"""What is measured, what it is compared with, and what was hoped for."""

from collections.abc import Sequence
from statistics import median
from typing import Literal

import msgspec

Verdict = Literal["met", "not met", "no bar", "not taken"]


class BenchFailed(Exception):
    """A figure cannot be taken; the sentence says which and why."""


class Figure(msgspec.Struct, frozen=True):
    """Repeated measurements of one thing.

    Attributes:
        values: One per run, in the order of the runs.
        unit: ``/s``, ``ms``, ``µs``, ``MB``, ``s``.
    """

    values: tuple[float, ...]
    unit: str

    @property
    def median(self) -> float:
        """The middle of the runs."""
        return median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest run."""
        return min(self.values), max(self.values)


class Bar(msgspec.Struct, frozen=True):
    """What was promised.

    Attributes:
        of: What is held against it: the figure's median, its highest run, its ratio to the limit.
        sign: Whether it must be reached or must not be passed.
        value: The bar, in the figure's unit.
    """

    of: Literal["figure", "ratio", "worst"]
    sign: Literal["≥", "≤"]
    value: float

    def holds(self, found: float) -> bool:
        """Whether a value is on the right side."""
        return found >= self.value if self.sign == "≥" else found <= self.value


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table.

    Attributes:
        part: The part of the bench it belongs to.
        what: What was measured.
        figure: The measurements; None when they could not be taken.
        limit: What the machine can do at best, measured in turn with the figure.
        against: What the limit is.
        bar: What was promised; None for a figure that is only told.
        note: What a reader must know: p99, CPU time of the server, errors; or why there is none.
    """

    part: str
    what: str
    figure: Figure | None = None
    limit: Figure | None = None
    against: str = ""
    bar: Bar | None = None
    note: str = ""

    @property
    def ratios(self) -> tuple[float, ...]:
        """Figure through limit, for each pair of runs that followed one another."""
        if self.figure is None or self.limit is None:
            return ()
        pairs = zip(self.figure.values, self.limit.values, strict=True)
        return tuple(mine / best for mine, best in pairs)

    @property
    def ratio(self) -> float | None:
        """The middle of the pairs' ratios; None without a limit."""
        return median(self.ratios) if self.ratios else None

    @property
    def verdict(self) -> Verdict:
        """Whether the bar is met, by the medians."""
        if self.figure is None:
            return "not taken"
        if self.bar is None:
            return "no bar"
        values = {"figure": self.figure.median, "worst": max(self.figure.values)}
        found = values.get(self.bar.of, self.ratio)
        if found is None:
            return "not taken"
        return "met" if self.bar.holds(found) else "not met"


def at_least(value: float) -> Bar:
    """The figure must reach a value."""
    return Bar("figure", "≥", value)


def at_most(value: float) -> Bar:
    """The figure must not pass a value."""
    return Bar("figure", "≤", value)


def never_above(value: float) -> Bar:
    """No run may pass a value."""
    return Bar("worst", "≤", value)


def ratio_at_least(value: float) -> Bar:
    """The ratio to the limit must reach a value."""
    return Bar("ratio", "≥", value)


def figure(values: Sequence[float], unit: str) -> Figure:
    """Measurements as a `Figure`."""
    return Figure(tuple(values), unit)
