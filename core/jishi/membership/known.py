"""What is known of people: the one place where what was said of them is kept and read.

A trait is one thing that a channel said of a member. Its ``key`` is a keyed fingerprint of kind
and value, so that others of whom the same was said are found without reading anybody's values.
Marks are traits without a value: two things that together find somebody (his name in his house).
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import product

import msgspec

from jishi.db import Reads, Transaction
from jishi.identifiers import new_id
from jishi.membership import sql
from jishi.membership.at_rest import open_value, print_of
from jishi.membership.contacts import identity_as
from jishi.membership.liken import phones_of
from jishi.membership.names import clean_name
from jishi.membership.people import Portrait, Said
from jishi.membership.places import clean_address
from jishi.membership.problems import BadContact
from jishi.membership.structs import Identity, IdentityKind
from jishi.membership.tables import TraitTable
from jishi.sealing import in_clear, opened, sealing_of
from jishi.shop import Shop

CROWD = 40
"""So many members share a key before it says nothing: a shop's own tablet, a dormitory."""

Trait = tuple[str, str]
"""Kind and value; a mark's value is only ever hashed."""

_JOIN = "\x1f"
_SEALED = "membership_traits.value"


class _Owned(msgspec.Struct, frozen=True):
    id: str
    member_id: str
    kind: IdentityKind
    value: str
    issuer: str
    verified_at: datetime | None

    def identity(self, reader: Reads) -> Identity:
        value = open_value(reader, self.id, self.value)
        return Identity(kind=self.kind, value=value, issuer=self.issuer)


class _Found(_Owned, frozen=True):
    fingerprint: str | None


class _Trait(msgspec.Struct, frozen=True):
    id: str
    member_id: str
    kind: str
    value: str


class Owner(msgspec.Struct, frozen=True):
    """Whose an identity is.

    Attributes:
        member_id: The member it was written for.
        verified_at: When he showed it to be his, UTC; None while it was only said.
        id: Names the identity.
    """

    member_id: str
    verified_at: datetime | None
    id: str


def portrait_of(said: Said) -> Portrait:
    """What was said, in forms that can be compared; what makes no sense is left out."""
    name, place = clean_name(said.name), clean_address(said.address)
    return Portrait(
        proved=frozenset(_normalised(said.proved)),
        claimed=frozenset(_normalised(said.claimed)),
        names=frozenset({name} - {""}),
        birthdays=frozenset(_birthday(said.birthday)),
        addresses=frozenset({place} - {""}),
        devices=frozenset({said.device.strip()} - {""}),
    )


def traits_of(portrait: Portrait) -> list[Trait]:
    """What is kept of a portrait beside identities, with the marks that find others."""
    traits: list[Trait] = [
        *(("name", each) for each in portrait.names),
        *(("birthday", each) for each in portrait.birthdays),
        *(("address", each) for each in portrait.addresses),
        *(("device", each) for each in portrait.devices),
        *((each.kind, _flat(each)) for each in portrait.claimed | portrait.proved),
    ]
    return sorted(traits + [("mark", each) for each in marks_of(portrait)])


def marks_of(portrait: Portrait) -> set[str]:
    """Two things that together find somebody, where each alone would find a crowd.

    A number with a slip in it still begins or ends as it should.
    """
    phones = phones_of(portrait)
    pairs = (
        ("nb", portrait.names, portrait.birthdays),
        ("na", portrait.names, portrait.addresses),
        ("ab", portrait.addresses, portrait.birthdays),
        ("nh", portrait.names, {each[:-5] for each in phones}),
        ("nt", portrait.names, {each[-5:] for each in phones}),
    )
    return {
        _JOIN.join((kind, *values))
        for kind, ones, others in pairs
        for values in product(ones, others)
    }


def finding(portrait: Portrait) -> list[Trait]:
    """The traits by which others are looked up: no name and no birthday alone."""
    alone = {"name", "birthday"}
    return [each for each in traits_of(portrait) if each[0] not in alone]


def key_of(shop: Shop, trait: Trait) -> str:
    """A trait's fingerprint, the same for equal traits in this shop and in no other."""
    secret = shop.config.shop.secret.reveal().encode()
    kind, value = trait
    return hmac.digest(secret, f"trait\n{kind}\n{value}".encode(), "sha256").hex()


async def note_traits(
    tx: Transaction, shop: Shop, member_id: str, portrait: Portrait, source: str
) -> None:
    """Keep what was said of a member; what was said before is kept once."""
    now, sealing = shop.clock.now(), sealing_of(shop.config)
    rows = []
    for kind, value in traits_of(portrait):
        row, key = new_id(), key_of(shop, (kind, value))
        text = "" if kind == "mark" else sealing.seal(value, _SEALED, row)
        rows.append((row, member_id, kind, text, key, source, now))
    columns = ("id", "member_id", "kind", "value", "key", "source", "seen_at")
    await tx.insert(TraitTable, columns, rows, on_conflict="ignore")


async def owners_of(reader: Reads, identities: Iterable[Identity]) -> dict[Identity, Owner]:
    """Whose each identity is; those of nobody are left out."""
    wanted = set(identities)
    prints = {(each.kind, print_of(reader, each.value), each.issuer): each for each in wanted}
    values = {(each.kind, in_clear(each.value), each.issuer): each for each in wanted}
    if not wanted:
        return {}
    asked = (
        sorted({each.kind for each in wanted}),
        sorted({found_by for _, found_by, _ in prints if found_by}),
        sorted({value for _, value, _ in values}),
    )
    owners = {}
    for row in await reader.fetch_as(_Found, sql.OWNERS_OF, *asked):
        identity = values.get((row.kind, row.value, row.issuer))
        if row.fingerprint:
            identity = prints.get((row.kind, row.fingerprint, row.issuer)) or identity
        if identity is not None:
            owners[identity] = Owner(row.member_id, row.verified_at, row.id)
    return owners


async def sharing(reader: Reads, shop: Shop, portrait: Portrait) -> set[str]:
    """Ids of members who share a trait with a portrait, crowds left out."""
    keys = [key_of(shop, each) for each in finding(portrait)]
    if not keys:
        return set()
    by_key: dict[str, list[str]] = {}
    for key, member in await reader.fetch(sql.SAME_MARKS, keys, CROWD * len(keys) + 1):
        by_key.setdefault(str(key), []).append(str(member))
    return {member for found in by_key.values() if len(found) <= CROWD for member in found}


async def portraits_of(reader: Reads, groups: Mapping[str, Sequence[str]]) -> dict[str, Portrait]:
    """Everything comparable that is known of members.

    Args:
        reader: The database, or a transaction.
        groups: All ids of each, by the survivor's.
    """
    whose = {member: root for root, members in groups.items() for member in members}
    if not whose:
        return {}
    owned = await reader.fetch_as(_Owned, sql.KNOWN_IDENTITIES, sorted(whose))
    said = await reader.fetch_as(_Trait, sql.TRAITS, sorted(whose))
    facts: dict[str, dict[str, set[str]]] = {root: {} for root in groups}
    claimed: dict[str, set[Identity]] = {root: set() for root in groups}
    proved: dict[str, set[Identity]] = {root: set() for root in groups}
    own: dict[str, set[Identity]] = {root: set() for root in groups}
    for row in owned:
        root, identity = whose[row.member_id], row.identity(reader)
        own[root].add(identity)
        (claimed if row.verified_at is None else proved)[root].add(identity)
    for trait in said:
        root, value = whose[trait.member_id], opened(reader, trait.value, _SEALED, trait.id)
        if trait.kind in _FACTS:
            facts[root].setdefault(trait.kind, set()).add(value)
        else:
            claimed[root].add(_unflat(trait.kind, value))
    return {
        root: Portrait(
            proved=frozenset(proved[root]),
            claimed=frozenset(claimed[root]),
            names=frozenset(facts[root].get("name", ())),
            birthdays=frozenset(facts[root].get("birthday", ())),
            addresses=frozenset(facts[root].get("address", ())),
            devices=frozenset(facts[root].get("device", ())),
            borrowed=frozenset(
                each.value for each in claimed[root] - own[root] if each.kind == "phone"
            ),
        )
        for root in groups
    }


_FACTS = ("name", "birthday", "address", "device")


def _flat(identity: Identity) -> str:
    return f"{identity.issuer}{_JOIN}{identity.value}"


def _unflat(kind: str, value: str) -> Identity:
    issuer, _, bare = value.partition(_JOIN)
    return msgspec.convert({"kind": kind, "value": bare, "issuer": issuer}, Identity)


def _normalised(identities: Iterable[Identity]) -> Iterable[Identity]:
    for each in identities:
        try:
            yield identity_as(each.kind, _dialled(each), each.issuer)
        except BadContact:
            continue


def _dialled(identity: Identity) -> str:
    # Our own normalised form has the country code without a plus.
    if identity.kind == "phone" and identity.value.isdigit() and len(identity.value) > 11:
        return f"+{identity.value}"
    return identity.value


def _birthday(text: str) -> set[str]:
    try:
        return {date.fromisoformat(text).isoformat()} if text else set()
    except ValueError:
        return set()
