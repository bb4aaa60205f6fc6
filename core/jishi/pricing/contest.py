"""Offers of one lane meet: those that touch the same lines compete, the rest apply together."""

from collections.abc import Sequence
from operator import attrgetter

import msgspec

from jishi.pricing.structs import Offer

_EXACT_UP_TO = 12
"""Up to this many offers the best combination is searched exactly; beyond, greedily."""


class Bid(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An offer with its owner and what it is worth; or several that stand together.

    Attributes:
        plugin: ``name@version``.
        offer: What was offered; the first of those that stand together.
        also: The others.
        worth: The sum of its amounts, in fen; negative is good for the customer.
        touches: A bit per line that it changes, and one above them for the delivery.
    """

    plugin: str
    offer: Offer
    worth: int
    touches: int
    also: tuple[Offer, ...] = ()

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Everything in it, the highest priority first."""
        offers = (self.offer, *self.also)
        return tuple(sorted(offers, key=lambda each: (-each.priority, each.rule)))

    @property
    def rank(self) -> tuple[int, str, str]:
        """The order among bids: the best first; names break ties, never the plugins' order."""
        return (self.worth, self.plugin, self.offer.rule)


def bid(plugin: str, offer: Offer, lines: int) -> Bid:
    """Weigh an offer on a basket of ``lines`` lines."""
    touches = 0
    for index, amount in enumerate(offer.amounts):
        if amount:
            touches |= 1 << index
    if offer.delivery:
        touches |= 1 << lines
    return Bid(
        plugin=plugin, offer=offer, worth=sum(offer.amounts) + offer.delivery, touches=touches
    )


def joined(bids: Sequence[Bid]) -> list[Bid]:
    """The bids, those that stand together as one."""
    alone = [each for each in bids if not each.offer.together]
    if len(alone) == len(bids):
        return alone
    teams: dict[tuple[str, str], list[Bid]] = {}
    for each in bids:
        if each.offer.together:
            teams.setdefault((each.plugin, each.offer.together), []).append(each)
    return alone + [_team(team) for team in teams.values()]


def _team(team: Sequence[Bid]) -> Bid:
    first, *others = sorted(team, key=attrgetter("rank"))
    touches = first.touches
    for each in others:
        touches |= each.touches
    return msgspec.structs.replace(
        first,
        worth=sum(each.worth for each in team),
        touches=touches,
        also=tuple(each.offer for each in others),
    )


def stacked(bids: Sequence[Bid]) -> list[Bid]:
    """All bids, the highest priority first."""
    return sorted(bids, key=lambda each: (-each.offer.priority, each.plugin, each.offer.rule))


def best(bids: Sequence[Bid]) -> list[Bid]:
    """The combination that is best for the customer; no line is discounted twice.

    Surcharges and included amounts do not compete: they always apply.
    """
    if len(bids) == 1:
        return list(bids)
    always = [each for each in bids if each.worth >= 0 or each.offer.included == "yes"]
    rivals = sorted(
        (each for each in bids if each.worth < 0 and each.offer.included == "no"),
        key=attrgetter("rank"),
    )
    if len(rivals) > 1:
        rivals = _exact(rivals) if len(rivals) <= _EXACT_UP_TO else _greedy(rivals)
    return stacked(always) + rivals


def _greedy(rivals: Sequence[Bid]) -> list[Bid]:
    taken, chosen = 0, []
    for each in rivals:
        if not each.touches & taken:
            chosen.append(each)
            taken |= each.touches
    return chosen


def _exact(rivals: Sequence[Bid]) -> list[Bid]:
    """The cheapest set of bids that share no line, by depth-first search with a bound."""
    left = [0] * (len(rivals) + 1)
    for index in range(len(rivals) - 1, -1, -1):
        left[index] = left[index + 1] + rivals[index].worth
    record: tuple[int, tuple[int, ...]] = (1, ())

    def descend(index: int, taken: int, worth: int, chosen: tuple[int, ...]) -> None:
        nonlocal record
        if worth + left[index] >= record[0]:
            return
        if index == len(rivals):
            record = (worth, chosen)
            return
        if not rivals[index].touches & taken:
            descend(
                index + 1,
                taken | rivals[index].touches,
                worth + rivals[index].worth,
                (*chosen, index),
            )
        descend(index + 1, taken, worth, chosen)

    descend(0, 0, 0, ())
    return [rivals[index] for index in record[1]]
