"""How much of a line has been undone: pure, and the same for every split of the same refunds."""

from collections.abc import Iterator

from jishi.orders import OrderLine
from jishi_loyalty.structs import Line, Spent


def unspent(line: OrderLine, points: int) -> int:
    """How many of the points that paid for a line come back for the pieces that went back.

    By pieces alone: who gets money back and keeps the goods has used his points.
    """
    return points * line.refunded // line.quantity


def undone(line: OrderLine, points: int) -> int:
    """How many of the points that a line earned belong to what was refunded of it so far.

    By money where the line cost some, else by pieces; rounded down until the last fen or piece
    has gone back, and the whole then. So it depends on what was refunded in all, and not on the
    steps in which that happened.
    """
    done, whole = (
        (line.refunded_amount, line.total) if line.total else (line.refunded, line.quantity)
    )
    return points * min(done, whole) // whole


def given_back(line: Line, before: int, after: int) -> Iterator[Spent]:
    """The lots to which the points from the ``before``-th to the ``after``-th go back.

    What was burnt last comes back first, so the lots that end first are the last to be refilled.
    """
    at = 0
    for spent in reversed(line.spent):
        low, high = max(before, at), min(after, at + spent.points)
        if low < high:
            yield Spent(spent.lot, high - low)
        at += spent.points
