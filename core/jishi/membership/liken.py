"""How sure it is that two are one person: rules, each with its weight, added up.

A weight is a number of bits: one more doubles the odds. The sum starts below zero, for two people
taken at random are two. Weights are those of a population of a hundred thousand; they were set on
the generated one that the bench reports on.

Sums alone would merge families: telephone, address and device belong to a household. So what only
speaks for a household never decides, and names that conflict leave the decision to people, unless
something was proved that belongs to one person alone.
"""

from collections.abc import Iterable
from itertools import product

from jishi.membership.names import relation_of_names, surname_of
from jishi.membership.people import MOST, Certainty, Evidence, Likeness, Portrait, Relation
from jishi.membership.places import relation_of_addresses
from jishi.membership.structs import Identity, IdentityKind

AT_RANDOM = -18
"""The bits of two people of whom nothing is known."""

PROVED = 40
PERSONAL: dict[IdentityKind, int] = {
    "wechat_openid": 24,
    "wechat_unionid": 24,
    "card": 22,
    "till": 22,
    "email": 17,
}
"""What belongs to one person, and its bits where it was only said."""

HIS_OWN = frozenset({"wechat_openid", "wechat_unionid", "email"})
"""What nobody lends to another, as he does a card."""

PHONE: dict[Relation, int] = {"same": 20, "near": 13}
SHOWN_BY_ONE, SHOWN_BY_BOTH = 4, 10
"""More for a number that one or both have shown to be theirs."""
BORROWED = -4
"""A number by which another is known says less."""
NAME: dict[Relation, int] = {"same": 9, "part": 4, "near": 1, "conflict": -14}
RARE = 3
"""More for a name of three characters than for one of two."""
BIRTHDAY: dict[Relation, int] = {"same": 13, "near": 5, "conflict": -10}
ADDRESS: dict[Relation, int] = {"same": 15, "house": 4}
DEVICE = 14

OTHER_WECHAT = -12
"""Two accounts of one app: few people have two, and a number that was given to somebody else
comes with one."""

HOUSEHOLD = frozenset({"phone", "address", "device"})
HOUSEHOLD_AT_MOST = 9_000
CONFLICT_AT_MOST = 7_000


def liken(one: Portrait, other: Portrait, merge_at: int = 9_800, ask_at: int = 5_000) -> Likeness:
    """How sure it is that two are one person.

    Args:
        one: Everything known of the one.
        other: Everything known of the other.
        merge_at: From here on it is certain, in basis points.
        ask_at: From here on people should look, in basis points.
    """
    found = sorted(_evidence(one, other), key=lambda each: (-abs(each.bits), each.about))
    confidence = min(_confidence(AT_RANDOM + sum(each.bits for each in found)), _ceiling(found))
    return Likeness(
        certainty=_word(confidence, merge_at, ask_at),
        confidence=confidence if found else 0,
        evidence=tuple(found),
    )


def _confidence(bits: int) -> int:
    odds = 1 << min(abs(bits), 40)
    share = MOST * odds // (odds + 1)
    return share if bits >= 0 else MOST - share


def _word(confidence: int, merge_at: int, ask_at: int) -> Certainty:
    if confidence >= merge_at:
        return "certain"
    if confidence >= ask_at:
        return "probable"
    return "possible" if confidence >= ask_at // 10 else "none"


def _ceiling(found: list[Evidence]) -> int:
    """How sure one can be of it at most, whatever the sum."""
    kinds = {each.about for each in found if each.bits > 0}
    against = {each.about for each in found if each.relation == "conflict"}
    personal = kinds & PERSONAL.keys()
    shown = {each.about for each in found if each.proved == "yes" and each.bits > 0} & HIS_OWN
    if against and (not shown or len(against) > 1):
        return CONFLICT_AT_MOST
    if kinds <= HOUSEHOLD and not _own_phone(found):
        return HOUSEHOLD_AT_MOST
    names = {each.relation for each in found if each.about == "name"}
    if names == {"part"} and not personal and "phone" not in kinds:
        return HOUSEHOLD_AT_MOST  # father and son
    if names == {"near"} and not personal and "birthday" not in kinds:
        return HOUSEHOLD_AT_MOST  # brothers and sisters
    return MOST


def _own_phone(found: list[Evidence]) -> bool:
    """Whether it is his telephone: one of them showed it, or it came from the same device."""
    phones = [each for each in found if each.about == "phone" and each.relation == "same"]
    device = any(each.about == "device" for each in found)
    return any(device or each.proved == "yes" for each in phones)


def _evidence(one: Portrait, other: Portrait) -> Iterable[Evidence]:
    yield from _identities(one, other)
    yield from _phones(one, other)
    if relation := _best(one.names, other.names, relation_of_names):
        rare = RARE if relation == "same" and _is_rare(one.names & other.names) else 0
        yield Evidence(about="name", relation=relation, bits=NAME[relation] + rare)
    if relation := _best(one.birthdays, other.birthdays, relation_of_birthdays):
        yield Evidence(about="birthday", relation=relation, bits=BIRTHDAY[relation])
    if relation := _best(one.addresses, other.addresses, relation_of_addresses):
        yield Evidence(about="address", relation=relation, bits=ADDRESS[relation])
    if one.devices & other.devices:
        yield Evidence(about="device", relation="same", bits=DEVICE)


def _identities(one: Portrait, other: Portrait) -> Iterable[Evidence]:
    shown = one.proved & other.proved
    for identity in (one.proved | one.claimed) & (other.proved | other.claimed):
        if identity.kind in PERSONAL:
            if identity in shown:
                yield Evidence(about=identity.kind, relation="same", proved="yes", bits=PROVED)
            else:
                bits = PERSONAL[identity.kind]
                yield Evidence(about=identity.kind, relation="same", bits=bits)
    for kind in ("wechat_unionid", "wechat_openid"):
        mine, theirs = _of_kind(one, kind), _of_kind(other, kind)
        issuers = {each.issuer for each in mine} & {each.issuer for each in theirs}
        if issuers and not mine & theirs:
            yield Evidence(about=kind, relation="conflict", proved="yes", bits=OTHER_WECHAT)
            return


def _of_kind(portrait: Portrait, kind: str) -> frozenset[Identity]:
    return frozenset(each for each in portrait.proved if each.kind == kind)


def _phones(one: Portrait, other: Portrait) -> Iterable[Evidence]:
    mine, theirs = phones_of(one), phones_of(other)
    if shared := mine & theirs:
        shown = [{each.value for each in side.proved} for side in (one, other)]
        both, either = shared & shown[0] & shown[1], shared & (shown[0] | shown[1])
        bits = PHONE["same"] + (SHOWN_BY_BOTH if both else SHOWN_BY_ONE if either else 0)
        if not either and shared <= one.borrowed | other.borrowed:
            bits += BORROWED
        yield Evidence(about="phone", relation="same", proved="yes" if either else "no", bits=bits)
    elif any(is_slip(*pair) for pair in product(mine, theirs)):
        yield Evidence(about="phone", relation="near", bits=PHONE["near"])


def phones_of(portrait: Portrait) -> frozenset[str]:
    """The telephone numbers of a person, shown or said."""
    both = portrait.proved | portrait.claimed
    return frozenset(each.value for each in both if each.kind == "phone")


def is_slip(one: str, other: str) -> bool:
    """Whether two numbers are one slip apart: a wrong digit, or two neighbours exchanged."""
    if len(one) != len(other):
        return False
    apart = [place for place in range(len(one)) if one[place] != other[place]]
    if len(apart) == 1:
        return True
    if len(apart) != 2 or apart[1] != apart[0] + 1:
        return False
    first, second = apart
    return (one[first], one[second]) == (other[second], other[first])


def relation_of_birthdays(one: str, other: str) -> Relation:
    """How two birthdays are: a digit apart, or day and month exchanged, is a slip."""
    if one == other:
        return "same"
    year, month, day = one.split("-")
    if is_slip(one, other) or other == f"{year}-{day}-{month}":
        return "near"
    return "conflict"


_ORDER: tuple[Relation, ...] = ("same", "part", "near", "house", "conflict")


def _best(ones: Iterable[str], others: Iterable[str], relate) -> Relation | None:  # type: ignore[no-untyped-def]
    """The closest relation of any two values; people have several."""
    found = {relate(*pair) for pair in product(ones, others)} - {None}
    return min(found, key=_ORDER.index) if found else None


def _is_rare(names: Iterable[str]) -> bool:
    return any(len(name) - len(surname_of(name)) > 1 for name in names)
