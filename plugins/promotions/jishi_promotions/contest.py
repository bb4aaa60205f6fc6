"""Inside an exclusion group: which rules together are best for the customer, no line twice."""

from collections.abc import Sequence
from typing import NamedTuple

from jishi_promotions.benefits import Gain

_SEARCHED = 40
"""How many bids the search looks at; the others are worth less than each of them."""

_NODES = 3000
"""How far the search for the best combination goes; a basket rarely needs a hundredth of it."""


class Bid(NamedTuple):
    """A rule's gain on a basket.

    Attributes:
        name: The rule's; it breaks ties, so the order of rules decides nothing.
        gain: What it gives.
        by_line: Whether it may win one line and lose another.
        place: Where its owner stands among those who bid.
    """

    name: str
    gain: Gain
    by_line: bool
    place: int

    @property
    def rank(self) -> tuple[int, str]:
        """The best first."""
        return (self.gain.worth, self.name)


class Won(NamedTuple):
    """A bid that won, with what it takes off each line of the basket (0 or below)."""

    place: int
    amounts: list[int]


def contest(bids: Sequence[Bid], most: int | None = None) -> list[Won]:
    """The combination that saves most; exact unless very many rules overlap in very many ways.

    Args:
        bids: All of one group.
        most: How many may win at most; None for no end.
    """
    if not bids:
        return []
    if len(bids) == 1 or most == 1:
        best = min(bids, key=lambda bid: bid.rank)
        return [Won(best.place, best.gain.share())]
    if most is not None:
        ranked = _ranked(bids)
        chosen = _best_set([(bid.gain.worth, _mask(bid)) for bid in ranked], most)
        return [Won(ranked[at].place, ranked[at].gain.share()) for at in chosen]
    return _with_lines(bids)


def _ranked(bids: Sequence[Bid]) -> list[Bid]:
    """The best first; of those that touch the same lines only the best."""
    found: dict[tuple[int, ...], Bid] = {}
    for bid in sorted(bids, key=lambda bid: bid.rank):
        found.setdefault(tuple(bid.gain.lines), bid)
    return list(found.values())


def _mask(bid: Bid) -> int:
    return sum(1 << line for line in bid.gain.lines)


def _with_lines(bids: Sequence[Bid]) -> list[Won]:
    """Whole rules win where they beat what rules by line give on the lines they take."""
    single = _best_of_lines([bid for bid in bids if bid.by_line])
    whole = _ranked([bid for bid in bids if not bid.by_line])
    nets = [
        (bid.gain.worth - sum(single[line][0] for line in bid.gain.lines if line in single), bid)
        for bid in whole
    ]
    worthwhile = sorted(
        ((worth, bid) for worth, bid in nets if worth < 0),
        key=lambda each: (each[0], each[1].name),
    )
    chosen = _best_set([(worth, _mask(bid)) for worth, bid in worthwhile], None)
    winners = [worthwhile[at][1] for at in chosen]
    won = [Won(bid.place, bid.gain.share()) for bid in winners]
    taken = {line for bid in winners for line in bid.gain.lines}
    return won + _lines_won(single, taken, len(bids[0].gain.share()))


def _best_of_lines(bids: Sequence[Bid]) -> dict[int, tuple[int, str, int]]:
    """For each line the best rule by line: amount, name, place."""
    best: dict[int, tuple[int, str, int]] = {}
    for bid in bids:
        amounts = bid.gain.share()
        for line in bid.gain.lines:
            mine = (amounts[line], bid.name, bid.place)
            if line not in best or mine < best[line]:
                best[line] = mine
    return best


def _lines_won(single: dict[int, tuple[int, str, int]], taken: set[int], size: int) -> list[Won]:
    """The lines that are left to rules by line, one entry for each rule."""
    won: dict[int, list[int]] = {}
    for line, (amount, _, place) in sorted(single.items()):
        if line not in taken:
            won.setdefault(place, [0] * size)[line] = amount
    return [Won(place, amounts) for place, amounts in won.items()]


def _best_set(bids: Sequence[tuple[int, int]], most: int | None) -> tuple[int, ...]:
    """Places of the set of least worth (worth, mask) whose masks do not meet.

    Depth first with a bound, beginning with the greedy answer; it gives up improving after
    `_NODES` steps, always at the same one. What comes after the first `_SEARCHED` is taken
    greedily, where it still fits.
    """
    room = len(bids) if most is None else most
    chosen = _search(bids[:_SEARCHED], room)
    taken = 0
    for at in chosen:
        taken |= bids[at][1]
    rest: list[int] = []
    for at in range(_SEARCHED, len(bids)):
        if len(chosen) + len(rest) < room and not bids[at][1] & taken:
            rest.append(at)
            taken |= bids[at][1]
    return (*chosen, *rest)


def _search(bids: Sequence[tuple[int, int]], room: int) -> tuple[int, ...]:
    left = [0] * (len(bids) + 1)
    for at in range(len(bids) - 1, -1, -1):
        left[at] = left[at + 1] + bids[at][0]
    best: tuple[int, tuple[int, ...]] = (0, ())
    nodes = 0

    def descend(at: int, taken: int, worth: int, chosen: tuple[int, ...]) -> None:
        nonlocal best, nodes
        nodes += 1
        if worth < best[0]:
            best = (worth, chosen)
        if at == len(bids) or len(chosen) == room or nodes > _NODES:
            return
        if worth + left[at] >= best[0]:
            return
        own, mask = bids[at]
        if not mask & taken:
            descend(at + 1, taken | mask, worth + own, (*chosen, at))
        descend(at + 1, taken, worth, chosen)

    descend(0, 0, 0, ())
    return best[1]
