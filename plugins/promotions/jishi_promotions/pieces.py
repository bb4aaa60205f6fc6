"""Pieces of lines as runs of equal price: 9,999 pieces cost no more to look at than two."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from jishi.money import share_of


class Run(NamedTuple):
    """Some pieces of one line that cost the same.

    Attributes:
        line: The line's place.
        price: Of one piece, in fen.
        number: How many.
    """

    line: int
    price: int
    number: int


def runs_of(lines: Iterable[int], nets: Sequence[int], quantities: Sequence[int]) -> list[Run]:
    """The pieces of some lines, the dearest first; what does not divide makes some a fen dearer.

    Args:
        lines: Places of lines.
        nets: What each line costs, in fen.
        quantities: How many pieces each line has.
    """
    runs: list[Run] = []
    for line in lines:
        price, dearer = divmod(nets[line], quantities[line])
        if dearer:
            runs.append(Run(line, price + 1, dearer))
        runs.append(Run(line, price, quantities[line] - dearer))
    runs.sort(key=lambda run: (-run.price, run.line))
    return runs


def count_of(runs: Iterable[Run]) -> int:
    """How many pieces these are."""
    return sum(run.number for run in runs)


def cheapest(runs: Sequence[Run], pieces: int) -> list[Run]:
    """The ``pieces`` cheapest of runs that stand dearest first."""
    taken: list[Run] = []
    for run in reversed(runs):
        if pieces <= 0:
            break
        count = min(run.number, pieces)
        taken.append(run._replace(number=count))
        pieces -= count
    return taken


def dearest(runs: Sequence[Run], pieces: int) -> list[Run]:
    """The ``pieces`` dearest of runs that stand dearest first."""
    taken: list[Run] = []
    for run in runs:
        if pieces <= 0:
            break
        count = min(run.number, pieces)
        taken.append(run._replace(number=count))
        pieces -= count
    return taken


def every_nth(runs: Sequence[Run], nth: int, most: int | None) -> list[Run]:
    """Every n-th piece, counted from the dearest."""
    taken: list[Run] = []
    passed = 0
    for run in runs:
        count = (passed + run.number) // nth - passed // nth
        passed += run.number
        if most is not None:
            count = min(count, most)
            most -= count
        if count:
            taken.append(run._replace(number=count))
    return taken


def off(runs: Iterable[Run], basis_points: int, size: int) -> list[int]:
    """What comes off each of ``size`` lines when these pieces get cheaper: amounts of 0 and below.

    Each run is rounded once, to the nearest fen; half a fen is the customer's.
    """
    amounts = [0] * size
    for line, price, number in runs:
        amounts[line] -= share_of(price * number, basis_points)
    return amounts
