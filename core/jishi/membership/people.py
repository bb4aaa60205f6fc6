"""What channels say of people, and how alike two people are."""

from typing import Annotated, Literal

import msgspec

from jishi.membership.structs import Identity

MOST = 10_000
"""Certainty in basis points: as sure as can be."""

Certainty = Literal["certain", "probable", "possible", "none"]
"""``certain``: one and the same proved identity, or evidence above the bar for merging;
``probable``: people should look; ``possible``: hardly more than chance; ``none``."""

Relation = Literal["same", "part", "near", "house", "conflict"]
"""How two values are to each other: equal; the one a part of the other; a slip of the pen apart;
the same building, other doors; two that one person does not have."""

_Line = Annotated[str, msgspec.Meta(max_length=300)]


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a channel says of somebody; any part may be missing.

    Attributes:
        proved: Identities he has shown to be his: by a code, by WeChat, by a card at a till.
        claimed: Identities that were only said: typed by a cashier, written on a parcel.
        name: As it was written: ``李雷``, ``李先生``, ``李*``.
        birthday: ``2001-12-31``.
        address: In one line, as China writes it.
        device: The client's own name of the device.
    """

    proved: tuple[Identity, ...] = ()
    claimed: tuple[Identity, ...] = ()
    name: _Line = ""
    birthday: Annotated[str, msgspec.Meta(max_length=10)] = ""
    address: _Line = ""
    device: _Line = ""


class Portrait(msgspec.Struct, frozen=True, kw_only=True):
    """Everything comparable that is known of one person, normalised.

    Attributes:
        proved: Identities that were shown to be his.
        claimed: Identities that were said to be his.
        names: Without titles.
        birthdays: ``2001-12-31``.
        addresses: The road and the numbers: ``文三路#1-3-502``.
        devices: As the clients name them.
        borrowed: Telephone numbers that were said of him and by which another is known.
    """

    proved: frozenset[Identity] = frozenset()
    claimed: frozenset[Identity] = frozenset()
    names: frozenset[str] = frozenset()
    birthdays: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    borrowed: frozenset[str] = frozenset()


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One reason to take two people for one, or for two; it repeats nothing personal.

    Attributes:
        about: ``phone``, ``name``, ``birthday``, ``address``, ``device``, ``wechat_openid`` …
        relation: How their values are to each other.
        proved: Whether both have shown it to be theirs.
        bits: Each doubles the odds that they are one person; below 0: halves them.
    """

    about: str
    relation: Relation
    proved: Literal["yes", "no"] = "no"
    bits: int


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """How sure it is that two are one person.

    Attributes:
        certainty: In a word.
        confidence: 0 to 10,000 basis points.
        evidence: What speaks for it and against it, the strongest first.
    """

    certainty: Certainty
    confidence: int
    evidence: tuple[Evidence, ...] = ()


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A member who may be meant.

    Attributes:
        member: His id; the survivor's, where he was merged.
        likeness: How sure that is, and why.
    """

    member: str
    likeness: Likeness
