"""What flows through membership: members, their identities, ways to send them a code."""

from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec

IdentityKind = Literal["phone", "email", "wechat_openid", "wechat_unionid", "till", "card"]
"""How somebody is recognised."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a member is recognised.

    Attributes:
        kind: Phone, e-mail, WeChat openid …
        value: The normalised value (digits of a phone with its country code).
        issuer: Whose number it is (the mini program's app id, the till's vendor); may be empty.
    """

    kind: IdentityKind
    value: str
    issuer: str = ""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who joined.

    Attributes:
        id: The member's id.
        name: How he wants to be called; may be empty.
        joined_at: UTC.
        identities: Every way in which he is recognised.
    """

    id: str
    name: str
    joined_at: datetime
    identities: tuple[Identity, ...] = ()


class CodeSender(Protocol):
    """Brings a one-time login code to a person."""

    @property
    def name(self) -> str:
        """Names the sender in logs."""

    def serves(self, kind: IdentityKind) -> bool:
        """Whether it can reach this kind of identity."""

    async def send(self, identity: Identity, code: str) -> None:
        """Send the code; an error tells the shopper to try again later."""


_Name = Annotated[str, msgspec.Meta(max_length=64)]
_Short = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class MemberAddress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A postal address that a member keeps, as China writes it.

    The postal fields are those of an order's delivery address, which is made from a copy.

    Attributes:
        name: Who receives the goods.
        phone: The receiver's telephone number, 5–20 digits with an optional ``+``.
        region: Province, autonomous region or municipality (``浙江省``).
        city: Prefecture-level city (``杭州市``).
        district: County or district; may be empty.
        street: Street, house, room.
        postcode: May be empty.
        label: What the member calls it (``家``); may be empty.
        is_default: ``yes`` for the one that checkout offers first.
    """

    name: _Short
    phone: Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9][0-9 -]{3,18}[0-9]$")]
    region: _Short
    city: _Short
    district: Annotated[str, msgspec.Meta(max_length=64)] = ""
    street: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    postcode: Annotated[str, msgspec.Meta(max_length=12)] = ""
    label: _Name = ""
    is_default: Literal["yes", "no"] = "no"


class KeptAddress(msgspec.Struct, frozen=True, kw_only=True):
    """One of a member's addresses, as it is kept.

    Attributes:
        id: The address's id.
        address: What the member wrote.
    """

    id: str
    address: MemberAddress


class KeptIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """One of a member's identities, as it is kept.

    Attributes:
        id: Names it, to take it off again.
        kind: Phone, e-mail …
        value: The normalised value.
        issuer: Whose number it is.
        added_at: UTC.
        source: Which channel brought it; ``login`` for a code.
        verified_at: When he showed it to be his, UTC; None while it was only said.
    """

    id: str
    kind: IdentityKind
    value: str
    issuer: str
    added_at: datetime
    source: str = ""
    verified_at: datetime | None = None


class KeptToken(msgspec.Struct, frozen=True, kw_only=True):
    """One place where a member is logged in; the token itself is kept nowhere.

    Attributes:
        id: Names it, to end it.
        channel: Where it was given out.
        created_at: UTC.
        expires_at: UTC.
    """

    id: str
    channel: str
    created_at: datetime
    expires_at: datetime


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who only looks around, with a token of his own.

    Attributes:
        id: The guest's id; his carts belong to it.
        token: Send it as ``Authorization: Bearer <token>``.
    """

    id: str
    token: str


class LoggedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A successful login.

    Attributes:
        token: Send it as ``Authorization: Bearer <token>``; shown this once.
        expires_at: UTC.
        member: Who logged in.
        joined: Whether this login made the member.
    """

    token: str
    expires_at: datetime
    member: Member
    joined: bool


class MemberPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of members, newest first.

    Attributes:
        items: The members.
        next: The cursor of the next page; None on the last.
    """

    items: tuple[Member, ...]
    next: str | None = None


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """Two members become one, or are parted again; what plugins hear of it.

    Attributes:
        id: Names it; entries of the ledger that belong to it carry it as their reference.
        kind: ``merge``: everything goes from ``source`` to ``target``; ``part``: what had come
            with ``target`` goes back to him from ``source``.
        source: Whose accounts give: the absorbed member, or the survivor when they part.
        target: Whose accounts receive.
        of: The merge that a ``part`` takes back; for a ``merge``, the one it sweeps up after:
            something came to the absorbed member's accounts when he was another already.
    """

    id: str
    kind: Literal["merge", "part"]
    source: str
    target: str
    of: str | None = None


class ProfileLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a section.

    Attributes:
        label: What it is: ``积分``.
        value: As people read it: ``1,280``.
    """

    label: str
    value: str


class ProfileSection(msgspec.Struct, frozen=True, kw_only=True):
    """What one plugin adds to a member's profile.

    Attributes:
        title: Its heading.
        lines: In the order in which they are shown.
        audience: ``everybody``: the member sees it too; ``staff``: staff alone.
        plugin: Who says it; filled in by the core.
    """

    title: str
    lines: tuple[ProfileLine, ...]
    audience: Literal["everybody", "staff"] = "everybody"
    plugin: str = ""


class KeptMerge(msgspec.Struct, frozen=True, kw_only=True):
    """A merge or a parting as it is kept, for staff.

    Attributes:
        id: Names it.
        kind: ``merge``, ``part``, or ``sweep``: what came late was brought after.
        source: Whose accounts gave.
        target: Whose accounts received.
        of: The merge it belongs to.
        actor: Who did it; ``core`` where the evidence was enough.
        confidence: How sure it was, in basis points; 0 where people decided.
        evidence: Why.
        made_at: UTC.
    """

    id: str
    kind: Literal["merge", "part", "sweep"]
    source: str
    target: str
    of: str | None
    actor: str
    confidence: int
    evidence: tuple[dict[str, str | int], ...]
    made_at: datetime


class MemberFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is kept about a member, for staff.

    Attributes:
        member: The member with his identities, also those that came with others.
        addresses: His addresses.
        ids: All his ids, his own first; the others were merged into him.
        identities: The identities with their channels, and when they were shown to be his.
        merges: Who was merged and parted, the oldest first.
        sections: What plugins add.
        missing: Plugins that could not answer just now; the rest is complete.
    """

    member: Member
    addresses: tuple[KeptAddress, ...] = ()
    ids: tuple[str, ...] = ()
    identities: tuple[KeptIdentity, ...] = ()
    merges: tuple[KeptMerge, ...] = ()
    sections: tuple[ProfileSection, ...] = ()
    missing: tuple[str, ...] = ()


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """A member as he sees himself.

    Attributes:
        id: His id.
        name: How he wants to be called; may be empty.
        joined_at: UTC.
        identities: Every way in which he is recognised.
        sections: What plugins add: points, a tier.
        missing: Plugins that could not answer just now.
    """

    id: str
    name: str
    joined_at: datetime
    identities: tuple[Identity, ...] = ()
    sections: tuple[ProfileSection, ...] = ()
    missing: tuple[str, ...] = ()
