"""All rules that are on, made ready once: by which line each of them can be found."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from jishi.pricing import Basket, Item
from jishi_promotions.benefits import Counted
from jishi_promotions.matching import Collections, Matcher, keys_of
from jishi_promotions.structs import FreeDelivery, Limits, Rule


class Version(NamedTuple):
    """A rule and whose version it is.

    Attributes:
        campaign: The campaign's id.
        number: The version's number.
        rule: What the merchant wrote.
    """

    campaign: str
    number: int
    rule: Rule


class Live:
    """A rule that is on, made ready.

    Args:
        version: The rule.
        collections: What collections hold.
    """

    __slots__ = (
        "benefit",
        "campaign",
        "delivers",
        "goods",
        "is_limited",
        "name",
        "number",
        "rule",
    )

    def __init__(self, version: Version, collections: Collections) -> None:
        self.campaign, self.number, self.rule = version
        self.name = f"{version.campaign}@{version.number}"
        self.goods = Matcher(version.rule.goods, collections)
        self.benefit = Counted(version.rule.benefit, collections)
        self.delivers = isinstance(version.rule.benefit, FreeDelivery)
        rule = version.rule
        self.is_limited = rule.limits != Limits() or rule.audience.who == "first_order"

    def lines(self, items: Sequence[Item]) -> list[int]:
        """The places of the lines that are meant."""
        return [line for line, item in enumerate(items) if self.goods.means(item)]


class Found(NamedTuple):
    """A rule that means some of a basket's lines."""

    live: Live
    lines: Sequence[int]


class Index:
    """The rules of one moment; a new one is made when any of them changes.

    Args:
        version: Which moment: it grows with each change.
        rules: All that are on.
        collections: What collections hold.
    """

    def __init__(
        self, version: int, rules: Iterable[Version], collections: Collections | None = None
    ) -> None:
        self.version = version
        self.collections = known = collections or {}
        self.live = tuple(Live(each, known) for each in rules)
        self.by_campaign = {live.campaign: live for live in self.live}
        self._everywhere: list[int] = []
        self._by_key: dict[str, list[int]] = {}
        for at in range(len(self.live)):
            self._enter(at)

    def _enter(self, at: int) -> None:
        goods = self.live[at].goods
        if goods.everything:
            self._everywhere.append(at)
            return
        for key in goods.index_keys():
            self._by_key.setdefault(key, []).append(at)

    def automatic_for(self, items: Sequence[Item]) -> list[Found]:
        """The automatic rules that mean any of these lines, with the lines."""
        return [each for each in self.found(items) if each.live.rule.trigger == "automatic"]

    def found(self, items: Sequence[Item]) -> list[Found]:
        """All rules that mean any of these lines, with the lines."""
        lines: dict[int, list[int]] = {}
        for line, item in enumerate(items):
            for key in keys_of(item):
                for at in self._by_key.get(key, ()):
                    known = lines.setdefault(at, [])
                    if not known or known[-1] != line:
                        known.append(line)
        every = list(range(len(items)))
        found = [Found(self.live[at], every) for at in self._everywhere]
        found += [Found(self.live[at], meant) for at, meant in lines.items()]
        return [each for one in found if (each := self._narrowed(one, items)).lines]

    def of_campaign(self, campaign: str, items: Sequence[Item]) -> Found | None:
        """A campaign's rule, if it is on and means any of these lines."""
        live = self.by_campaign.get(campaign)
        if live is None or not (lines := live.lines(items)):
            return None
        return Found(live, lines)

    def _narrowed(self, found: Found, items: Sequence[Item]) -> Found:
        goods = found.live.goods
        if not goods.selective:
            return found
        lines = [line for line in found.lines if not goods.leaves_out(items[line])]
        return Found(found.live, lines)


def suits(rule: Rule, basket: Basket) -> bool:
    """Whether a rule is for this shopper, in this place; when it holds is asked elsewhere."""
    audience = rule.audience
    if audience.channels and basket.channel not in audience.channels:
        return False
    if audience.stores and basket.store not in audience.stores:
        return False
    if basket.member is None and needs_member(rule):
        return False
    if audience.groups and basket.groups.isdisjoint(audience.groups):
        return False
    return (
        not audience.regions
        or basket.region in audience.regions
        or basket.city in audience.regions
    )


def needs_member(rule: Rule) -> bool:
    """Whether somebody has to be logged in to get it."""
    limits = rule.limits
    return (
        rule.audience.who != "everybody"
        or limits.per_member is not None
        or limits.per_member_day is not None
    )
