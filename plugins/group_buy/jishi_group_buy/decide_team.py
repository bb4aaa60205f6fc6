"""How a team ends, from its rules and the seats that are paid. Pure."""

from collections.abc import Sequence

from jishi_group_buy.ladder import price_for, reached
from jishi_group_buy.structs import Decision, Due, Rules, Seat, SeatLine, Step


def count_of(rules: Rules, seats: Sequence[Seat]) -> int:
    """People, or pieces, in these seats."""
    return len(seats) if rules.unit == "people" else sum(seat.pieces for seat in seats)


def leader_of(seats: Sequence[Seat]) -> str:
    """The seat that leads: whoever placed first among those that stayed; empty for none."""
    first = min(seats, key=lambda seat: (seat.placed_at, seat.id), default=None)
    return first.id if first else ""


def decide_team(rules: Rules, seats: Sequence[Seat]) -> Decision:
    """Decide a team whose time is over, or that is full.

    Args:
        rules: The campaign's.
        seats: Those that are paid and were not given up.
    """
    count, leader = count_of(rules, seats), leader_of(seats)
    if not seats:
        return Decision(outcome="empty", count=0, step=None, leader="")
    step = reached(rules.ladder, count)
    newcomers = sum(seat.newcomer == "yes" for seat in seats)
    if newcomers < rules.newcomers:
        return Decision(outcome="unfilled", count=count, step=None, leader=leader)
    if step is not None:
        dues = _dues(rules, seats, step, leader)
        return Decision(outcome="filled", count=count, step=step, leader=leader, dues=dues)
    if rules.unfilled == "fill" and rules.disclosure:
        step = rules.ladder[0]
        dues = _dues(rules, seats, step, leader)
        return Decision(outcome="topped_up", count=count, step=step, leader=leader, dues=dues)
    return Decision(outcome="unfilled", count=count, step=None, leader=leader)


def _dues(rules: Rules, seats: Sequence[Seat], step: Step, leader: str) -> tuple[Due, ...]:
    dues: list[Due] = []
    for seat in seats:
        extra = rules.leader_percent if seat.id == leader else 0
        amounts = [(line.sku, _difference(step, line, extra)) for line in seat.lines]
        due = Due(seat=seat.id, amounts=tuple((sku, fen) for sku, fen in amounts if fen))
        dues.append(due)
    return tuple(dues)


def _difference(step: Step, line: SeatLine, extra_percent: int) -> int:
    return max(0, line.joined - price_for(step, line, extra_percent))
