"""How well people are recognised: who was taken for whom, held against the truth."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from bench.population import Visit
from jishi.membership import Likeness, Match, Portrait, chosen_of, finding, liken, portrait_of

CROWD = 40


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """How good it was, over all pairs of visits.

    Attributes:
        right: Pairs of one person, taken for one.
        wrong: Pairs of two persons, taken for one.
        missed: Pairs of one person, taken for two.
        asked: Pairs of members that people were asked about.
        asked_right: Those of them that are one person.
    """

    right: int
    wrong: int
    missed: int
    asked: int = 0
    asked_right: int = 0

    @property
    def precision(self) -> float:
        """Of the pairs that were taken for one, how many are."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Of the pairs that are one, how many were taken so."""
        return self.right / max(1, self.right + self.missed)


def score(visits: Sequence[Visit], members: Sequence[str]) -> Score:
    """Hold the members that visits were taken for against who came.

    Args:
        visits: In any order.
        members: For each visit, the member it belongs to in the end.
    """
    both = Counter(zip((each.person for each in visits), members, strict=True))
    right = _pairs(both.values())
    taken = _pairs(Counter(members).values())
    true = _pairs(Counter(each.person for each in visits).values())
    return Score(right=right, wrong=taken - right, missed=true - right)


def _pairs(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)


class Register:
    """Recognises people as the shop does, in memory: the same rules, without a database.

    Args:
        merge_at: From here on it is certain, in basis points.
        ask_at: From here on people should look, in basis points.
    """

    def __init__(self, merge_at: int = 9_800, ask_at: int = 5_000) -> None:
        self._bars = (merge_at, ask_at)
        self._known: dict[str, Portrait] = {}
        self._by_trait: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._owners: dict[object, str] = {}
        self._shown: set[object] = set()
        self._survivors: dict[str, str] = {}
        self.asked: dict[tuple[str, str], Likeness] = {}

    def meet(self, visit: Visit) -> str:
        """The member that a visit is taken for; who is new joins."""
        said = visit.said
        if visit.identity is not None:
            said = msgspec.structs.replace(said, claimed=(*said.claimed, visit.identity))
        portrait = portrait_of(said)
        matches = self._matches(portrait)
        chosen = chosen_of(matches)
        member = chosen.member if chosen else f"{len(self._survivors):09}"
        self._survivors.setdefault(member, member)
        self._keep(member, portrait)
        self._look(member)
        return member

    def survivor(self, member: str) -> str:
        """Who a member is in the end."""
        while self._survivors[member] != member:
            member = self._survivors[member]
        return member

    def _keep(self, member: str, portrait: Portrait) -> None:
        proved = {one for one in portrait.proved if self._shows(one, member) == member}
        said = portrait.claimed | portrait.proved
        self._join(member, msgspec.structs.replace(portrait, proved=proved, claimed=said))
        for identity in portrait.claimed:
            self._owner(identity, member)
        for trait in finding(portrait):
            self._by_trait[trait].add(member)

    def _join(self, member: str, more: Portrait) -> None:
        known = self._known.get(member, Portrait())
        both = {
            name: getattr(known, name) | getattr(more, name) for name in Portrait.__struct_fields__
        }
        self._known[member] = Portrait(**both)

    def _portrait(self, member: str) -> Portrait:
        known = self._known[member]
        said = known.claimed - known.proved
        others = {each.value for each in said if self._owner(each, member) != member}
        return msgspec.structs.replace(known, borrowed=frozenset(others))

    def _shows(self, identity: object, member: str) -> str:
        """Whose it is after he has shown it; who only said so gives way."""
        if identity not in self._shown:
            self._shown.add(identity)
            self._owners[identity] = member
        return self._owner(identity, member)

    def _owner(self, identity: object, member: str) -> str:
        return self.survivor(self._owners.setdefault(identity, member))

    def _matches(self, portrait: Portrait, but: str = "") -> tuple[Match, ...]:
        near: set[str] = set()
        for trait in finding(portrait):
            sharing = self._by_trait.get(trait, ())
            if len(sharing) <= CROWD:
                near |= {self.survivor(each) for each in sharing}
        matches = [
            Match(member=each, likeness=liken(portrait, self._portrait(each), *self._bars))
            for each in near - {but}
        ]
        found = [each for each in matches if each.likeness.certainty != "none"]
        return tuple(sorted(found, key=lambda each: (-each.likeness.confidence, each.member)))

    def _look(self, member: str) -> None:
        for _ in range(8):
            found = self._matches(self._portrait(member), member)
            if not found or found[0].likeness.certainty != "certain":
                break
            target, source = sorted((member, found[0].member))
            self._survivors[source] = target
            self._join(target, self._known.pop(source))
            member = target
        for each in found:
            if each.likeness.certainty == "probable":
                one, other = sorted((member, each.member))
                self.asked[one, other] = each.likeness


def recognise_all(visits: Sequence[Visit], register: Register | None = None) -> Score:
    """Recognise visits one after the other, and say how good that was."""
    register = register or Register()
    met = [register.meet(each) for each in visits]
    members = [register.survivor(each) for each in met]
    found = score(visits, members)
    people: Mapping[str, set[int]] = defaultdict(set)
    for visit, member in zip(visits, members, strict=True):
        people[member].add(visit.person)
    pairs = {
        tuple(sorted((register.survivor(one), register.survivor(other))))
        for one, other in register.asked
    }
    pairs = {pair for pair in pairs if pair[0] != pair[1]}
    right = sum(bool(people[one] & people[other]) for one, other in pairs)
    return msgspec.structs.replace(found, asked=len(pairs), asked_right=right)
