"""What a benefit takes off which line: pure arithmetic in whole fen.

Everything here takes places of lines and gives one amount a line, 0 or below.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from jishi.money import allocate, share_of
from jishi.pricing import Item
from jishi_promotions.matching import Collections, Matcher
from jishi_promotions.pieces import (
    Run,
    cheapest,
    count_of,
    dearest,
    every_nth,
    off,
    runs_of,
)
from jishi_promotions.structs import (
    Benefit,
    Bundle,
    BuyGet,
    FixedPrice,
    FreeDelivery,
    Gift,
    Measure,
    NthItem,
    Percent,
    Reduction,
)


class Scene(NamedTuple):
    """A basket on its way: what each line costs by now.

    Attributes:
        items: The lines.
        nets: What each costs after everything before, in fen.
        quantities: Pieces of each.
    """

    items: Sequence[Item]
    nets: Sequence[int]
    quantities: Sequence[int]

    def amount(self, lines: Sequence[int]) -> int:
        """What some lines cost together, in fen."""
        return sum(self.nets[line] for line in lines)

    def pieces(self, lines: Sequence[int]) -> int:
        """How many pieces some lines have together."""
        return sum(self.quantities[line] for line in lines)

    def measured(self, lines: Sequence[int], measure: Measure) -> int:
        """What a threshold is compared with."""
        return self.amount(lines) if measure == "amount" else self.pieces(lines)


class Gain(NamedTuple):
    """What a benefit would give.

    Attributes:
        worth: Below 0: what the customer saves, in fen.
        lines: The lines that it touches.
        share: Gives one amount per line of the basket; asked only when it wins.
    """

    worth: int
    lines: Sequence[int]
    share: Callable[[], list[int]]


class Counted:
    """A benefit that is made ready: its own selectors are compiled.

    Args:
        benefit: As the merchant wrote it.
        collections: What collections hold.
    """

    __slots__ = ("benefit", "by_line", "matchers")

    def __init__(self, benefit: Benefit, collections: Collections) -> None:
        self.benefit = benefit
        self.matchers: tuple[Matcher, ...] = ()
        if isinstance(benefit, Bundle):
            self.matchers = tuple(Matcher(part.goods, collections) for part in benefit.parts)
        elif isinstance(benefit, BuyGet) and benefit.gets is not None:
            self.matchers = (Matcher(benefit.gets, collections),)
        self.by_line = isinstance(benefit, FixedPrice) or (
            isinstance(benefit, Percent)
            and benefit.most is None
            and [step.reach for step in benefit.steps] == [0]
        )
        """Whether each line's part is its own: it may win one line and lose another."""

    def gain(self, scene: Scene, lines: Sequence[int]) -> Gain | None:
        """What it gives on these lines; None when its condition does not hold."""
        benefit = self.benefit
        if isinstance(benefit, Reduction):
            return _shared(scene, lines, _reduction(benefit, scene, lines))
        if isinstance(benefit, Percent):
            if self.by_line:
                return _exactly(_plain_percent(benefit.steps[0].off, scene, lines))
            return _shared(scene, lines, _percent(benefit, scene, lines))
        amounts = self._amounts(scene, lines)
        return None if amounts is None else _exactly(amounts)

    def _amounts(self, scene: Scene, lines: Sequence[int]) -> list[int] | None:
        match self.benefit:
            case FixedPrice(price=price):
                return _fixed_price(price, scene, lines)
            case NthItem() as benefit:
                return _nth_item(benefit, scene, lines)
            case BuyGet() as benefit:
                gets = self._named(scene, 0, range(len(scene.items))) if self.matchers else None
                return _buy_get(benefit, scene, lines, gets)
            case Bundle() as benefit:
                parts = [self._named(scene, at, lines) for at in range(len(self.matchers))]
                return _bundle(benefit, scene, parts)
            case Gift() as benefit:
                return _gift(benefit, scene, lines)
        return None

    def _named(self, scene: Scene, at: int, lines: Sequence[int]) -> list[int]:
        means = self.matchers[at].means
        return [line for line in lines if means(scene.items[line])]


def _shared(scene: Scene, lines: Sequence[int], amount: int) -> Gain | None:
    """A sum that is shared out over the lines by what they cost."""
    if amount <= 0:
        return None

    def share() -> list[int]:
        amounts = [0] * len(scene.nets)
        parts = allocate(amount, [scene.nets[line] for line in lines])
        for line, part in zip(lines, parts, strict=True):
            amounts[line] = -part
        return amounts

    return Gain(-amount, lines, share)


def _exactly(amounts: list[int]) -> Gain | None:
    """Amounts that are known line by line."""
    touched = [line for line, amount in enumerate(amounts) if amount]
    return Gain(sum(amounts), touched, lambda: amounts) if touched else None


def _plain_percent(rate: int, scene: Scene, lines: Sequence[int]) -> list[int]:
    amounts = [0] * len(scene.nets)
    for line in lines:
        amounts[line] = -share_of(scene.nets[line], rate)
    return amounts


def _reduction(benefit: Reduction, scene: Scene, lines: Sequence[int]) -> int:
    reached = scene.measured(lines, benefit.measure)
    goods = scene.amount(lines)
    if benefit.repeat == "yes":
        (step,) = benefit.steps
        amount = reached // step.reach * step.off
    else:
        amount = max((step.off for step in benefit.steps if step.reach <= reached), default=0)
    return min(amount, goods, benefit.most or goods)


def _percent(benefit: Percent, scene: Scene, lines: Sequence[int]) -> int:
    reached = scene.measured(lines, benefit.measure)
    rate = max((step.off for step in benefit.steps if step.reach <= reached), default=0)
    amount = share_of(scene.amount(lines), rate)
    return amount if benefit.most is None else min(amount, benefit.most)


def _fixed_price(price: int, scene: Scene, lines: Sequence[int]) -> list[int]:
    amounts = [0] * len(scene.nets)
    for line in lines:
        amounts[line] = min(0, price * scene.quantities[line] - scene.nets[line])
    return amounts


def _nth_item(benefit: NthItem, scene: Scene, lines: Sequence[int]) -> list[int]:
    runs = runs_of(lines, scene.nets, scene.quantities)
    if benefit.of == "targets":
        taken = every_nth(runs, benefit.nth, benefit.most)
    else:
        taken = []
        for sku in sorted({scene.items[line].sku for line in lines}):
            own = [run for run in runs if scene.items[run.line].sku == sku]
            taken += every_nth(own, benefit.nth, benefit.most)
    return off(taken, benefit.off, len(scene.nets))


def _buy_get(
    benefit: BuyGet, scene: Scene, lines: Sequence[int], gets: Sequence[int] | None
) -> list[int] | None:
    """The cheapest pieces that may be got; what may be got does not count as bought."""
    if gets is None:
        runs = runs_of(lines, scene.nets, scene.quantities)
        times = count_of(runs) // (benefit.buy + benefit.get)
    else:
        runs = runs_of(gets, scene.nets, scene.quantities)
        bought = [line for line in lines if line not in gets]
        times = scene.pieces(bought) // benefit.buy
    if benefit.most is not None:
        times = min(times, benefit.most)
    if not times:
        return None
    return off(cheapest(runs, times * benefit.get), benefit.off, len(scene.nets))


def _gift(benefit: Gift, scene: Scene, lines: Sequence[int]) -> list[int] | None:
    """The gift's dearest pieces for nothing."""
    times, gifts = gifts_earned(benefit, scene, lines)
    if not times or not gifts:
        return None
    runs = runs_of(gifts, scene.nets, scene.quantities)
    return off(dearest(runs, times * benefit.pieces), 10_000, len(scene.nets))


def gifts_earned(benefit: Gift, scene: Scene, lines: Sequence[int]) -> tuple[int, list[int]]:
    """How often a gift is earned, and which lines of the basket may be it."""
    gifts = [line for line, item in enumerate(scene.items) if item.sku in benefit.gifts]
    paid = [line for line in lines if line not in gifts]
    times = scene.measured(paid, benefit.measure) // benefit.reach
    return (times if benefit.repeat == "yes" else min(times, 1)), gifts


def delivery_off(benefit: FreeDelivery, scene: Scene, lines: Sequence[int], fee: int) -> int:
    """What is taken off the delivery, in fen: 0 or above."""
    if not lines or scene.measured(lines, benefit.measure) < benefit.reach:
        return 0
    return fee if benefit.most is None else min(fee, benefit.most)


def _bundle(benefit: Bundle, scene: Scene, parts: Sequence[Sequence[int]]) -> list[int] | None:
    """As many sets as are worth it, each part with its dearest pieces."""
    pools = _pools(benefit, scene, parts)
    sets = min(
        count_of(pool) // part.pieces for part, pool in zip(benefit.parts, pools, strict=True)
    )
    if benefit.most is not None:
        sets = min(sets, benefit.most)

    def taken(sets: int) -> list[Run]:
        return [
            run
            for part, pool in zip(benefit.parts, pools, strict=True)
            for run in dearest(pool, sets * part.pieces)
        ]

    def saved(sets: int) -> int:
        return sum(run.price * run.number for run in taken(sets)) - sets * benefit.price

    # Each further set has cheaper pieces, so what it saves falls: the last one that saves counts.
    low, high = 0, sets
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if saved(middle) > saved(middle - 1) else (low, middle - 1)
    if not low:
        return None
    weights = [0] * len(scene.nets)
    for run in taken(low):
        weights[run.line] += run.price * run.number
    return [-share for share in allocate(saved(low), weights)]


def _pools(benefit: Bundle, scene: Scene, parts: Sequence[Sequence[int]]) -> list[list[Run]]:
    """The pieces for each part: a line counts for the part that has the fewest to choose from."""
    pools: list[list[Run]] = [[] for _ in parts]
    taken: set[int] = set()
    for at in sorted(range(len(parts)), key=lambda at: (scene.pieces(parts[at]), at)):
        lines = [line for line in parts[at] if line not in taken]
        taken.update(lines)
        pools[at] = runs_of(lines, scene.nets, scene.quantities)
    return pools
