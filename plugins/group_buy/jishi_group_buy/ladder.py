"""The ladder of a campaign: how many must come together for which price. Pure arithmetic."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from jishi.problems import Invalid
from jishi_group_buy.structs import SeatLine, Step


def ladder_of(percents: Mapping[str, int]) -> tuple[Step, ...]:
    """A ladder as settings write it: ``{"3": 10, "5": 20}``."""
    steps = [Step(reach=int(reach), percent=percent) for reach, percent in percents.items()]
    return tuple(sorted(steps, key=lambda step: step.reach))


def check_ladder(ladder: Sequence[Step]) -> None:
    """Refuse a ladder on which more people would not pay less.

    Raises:
        Invalid: It says which step is wrong.
    """
    if not ladder:
        raise Invalid("A campaign needs at least one step.", field="ladder")
    for step in ladder:
        if (step.percent == 0) == (step.price is None):
            raise Invalid(
                f"The step at {step.reach} needs a percentage or a price, and not both.",
                field="ladder",
                next_step="Send percent (1 to 100) or price (fen per piece).",
            )
    for low, high in pairwise(ladder):
        if high.reach <= low.reach or not _cheaper(low, high):
            raise Invalid(
                f"The step at {high.reach} must need more than {low.reach} and cost less.",
                field="ladder",
                next_step="Order the steps by reach; all give a percentage, or all a price.",
            )


def _cheaper(low: Step, high: Step) -> bool:
    if low.price is None or high.price is None:
        return low.price is high.price and high.percent > low.percent
    return high.price < low.price


def reached(ladder: Sequence[Step], count: int) -> Step | None:
    """The highest step that ``count`` people (or pieces) reach; None below the first."""
    return next((step for step in reversed(ladder) if step.reach <= count), None)


def price_at(step: Step, net: int, quantity: int) -> int:
    """What a line costs at a step, in fen; never more than without the team.

    A percentage is rounded down to the fen, in favour of whoever pays.

    Args:
        step: The step.
        net: What the line costs without the team, in fen.
        quantity: Its pieces.
    """
    if step.price is not None:
        return min(net, step.price * quantity)
    return net * (100 - step.percent) // 100


def price_for(step: Step, line: SeatLine, extra_percent: int = 0) -> int:
    """What a line of a seat costs in the end, in fen.

    Args:
        step: The step that the team reached.
        line: The line as it was when its order was placed.
        extra_percent: What the leader has off besides, of the price without the team.
    """
    price = price_at(step, line.net, line.quantity)
    return max(0, price - line.net * extra_percent // 100)
