"""Members as they are kept: found, joined, renamed, listed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from jishi.db import Conflict, Database, Reads, Transaction
from jishi.events import Happened, emit
from jishi.identifiers import new_id
from jishi.membership import sql
from jishi.membership.aliases import aliases_of, survivor_of
from jishi.membership.at_rest import (
    close_name,
    close_value,
    open_name,
    open_value,
    print_of,
    prints_meant,
)
from jishi.membership.known import Owner, note_traits, owners_of, portrait_of
from jishi.membership.people import Said
from jishi.membership.structs import Identity, IdentityKind, Member, MemberPage
from jishi.membership.tables import IdentityTable, MemberTable
from jishi.problems import NotFound
from jishi.shop import Shop

_BEYOND = "~"
"""Sorts behind every id."""


class MemberRow(msgspec.Struct, frozen=True):
    """A member as he is kept."""

    id: str
    name: str
    joined_at: datetime


class _Owned(msgspec.Struct, frozen=True):
    id: str
    member_id: str
    kind: IdentityKind
    value: str
    issuer: str


async def recognise(
    tx: Transaction, shop: Shop, identity: Identity, name: str
) -> tuple[Member, bool]:
    """The member with an identity that has been proved; the first time he joins.

    For every kind of login: by code, by WeChat, at a till.

    Args:
        tx: The login's transaction.
        shop: The shop.
        identity: Proved by the caller.
        name: For a new member only.

    Returns:
        The member, and whether he has just joined.
    """
    owner = (await owners_of(tx, [identity])).get(identity)
    if owner is None:
        try:
            async with shop.database.transaction() as inner:
                return await _join_with(inner, shop, identity, name), True
        except Conflict:  # somebody joined with it at the same moment
            owner = (await owners_of(tx, [identity])).get(identity)
    if owner is None:
        raise NotFound("There is no such member.")
    await _verify(tx, owner, shop.clock.now())
    return await load_member(tx, owner.member_id), False


async def owner_of(reader: Reads, identity: Identity) -> str | None:
    """The id of the member whom an identity belongs to; the survivor's."""
    owner = (await owners_of(reader, [identity])).get(identity)
    return None if owner is None else await survivor_of(reader, owner.member_id)


async def load_member(reader: Reads, member_id: str) -> Member:
    """A member with his identities, also those of members merged into him.

    Args:
        reader: The database, or a transaction.
        member_id: Any of his ids; the answer is the survivor.

    Raises:
        NotFound: There is no such member.
    """
    return (await _with_identities(reader, [await find_row(reader, member_id)]))[0]


async def find_row(reader: Reads, member_id: str) -> MemberRow:
    """The survivor's row, by any of his ids.

    Raises:
        NotFound: There is no such member.
    """
    row = await reader.one_as(MemberRow, sql.MEMBER_NOW, member_id)
    if row is None:
        raise NotFound("There is no such member.")
    return _open(reader, row)


def _open(reader: Reads, row: MemberRow) -> MemberRow:
    return msgspec.structs.replace(row, name=open_name(reader, row.id, row.name))


async def list_members(
    database: Database, words: str, cursor: str | None, limit: int
) -> MemberPage:
    """Members, newest first.

    Args:
        database: Where they are.
        words: A part of the name, of a phone number or of an address; a whole one where they
            are sealed, of names nothing then; or an id. Empty: all.
        cursor: The ``next`` of the page before.
        limit: How many at most.
    """
    start = cursor or _BEYOND
    if words:
        part = words.lower()
        for special in "!%_":
            part = part.replace(special, f"!{special}")
        about = (f"%{part}%", words, prints_meant(database, words))
        rows = await database.fetch_as(MemberRow, sql.MEMBERS_LIKE, start, limit + 1, *about)
    else:
        rows = await database.fetch_as(MemberRow, sql.MEMBERS, start, limit + 1)
    here = [_open(database, row) for row in rows[:limit]]
    items = tuple(await _with_identities(database, here))
    return MemberPage(items=items, next=items[-1].id if len(rows) > limit else None)


async def rename_member(shop: Shop, member_id: str, name: str) -> Member:
    """Call a member by another name.

    Raises:
        NotFound: There is no such member.
    """
    async with shop.database.transaction() as tx:
        await tx.execute(sql.NAME_MEMBER, member_id, close_name(tx, member_id, name))
        await note_traits(tx, shop, member_id, portrait_of(Said(name=name)), "member")
        return await load_member(tx, member_id)


_COLUMNS = (
    "id",
    "member_id",
    "kind",
    "value",
    "issuer",
    "added_at",
    "source",
    "verified_at",
    "fingerprint",
)

Origin = tuple[str, datetime | None]
"""Which channel brought an identity, and when its owner showed it to be his (None: only said)."""


async def keep_identity(
    tx: Transaction, member_id: str, identity: Identity, now: datetime, origin: Origin
) -> None:
    """Note that a member is recognised by an identity.

    Raises:
        Conflict: It belongs to somebody.
    """
    key = new_id()
    what = (identity.kind, close_value(tx, key, identity.value), identity.issuer)
    found_by = print_of(tx, identity.value)
    await tx.insert(IdentityTable, _COLUMNS, [(key, member_id, *what, now, *origin, found_by)])


async def prove_identity(
    tx: Transaction, member_id: str, identity: Identity, now: datetime, source: str
) -> Literal["his", "taken"]:
    """Note that a member has shown an identity to be his.

    Somebody else who only said that it is his gives way; what he said of himself stays a trait.

    Args:
        tx: The transaction in which it was shown.
        member_id: The survivor.
        identity: Normalised.
        now: UTC.
        source: Which channel brought it; ``login`` for a code.

    Returns:
        ``taken`` where somebody else has shown it before; nothing is changed then.

    Raises:
        Conflict: Somebody brought it at the same moment.
    """
    owner = (await owners_of(tx, [identity])).get(identity)
    if owner is not None and await survivor_of(tx, owner.member_id) == member_id:
        await _verify(tx, owner, now)
        return "his"
    if owner is not None and owner.verified_at is not None:
        return "taken"
    if owner is not None:
        await tx.execute(sql.DROP_CLAIM, owner.id)
    await keep_identity(tx, member_id, identity, now, (source, now))
    return "his"


async def join(tx: Transaction, shop: Shop, name: str) -> Member:
    """A new member without any identity yet."""
    now, member_id = shop.clock.now(), new_id()
    row = (member_id, close_name(tx, member_id, name), now)
    await tx.insert(MemberTable, ("id", "name", "joined_at"), [row])
    joined = Happened(
        name="member.joined",
        subject=member_id,
        data={"member": member_id},
        key=f"member.joined:{member_id}",
    )
    await emit(tx, shop, [joined])
    return Member(id=member_id, name=name, joined_at=now)


async def _join_with(tx: Transaction, shop: Shop, identity: Identity, name: str) -> Member:
    """A new member who has shown an identity to be his."""
    member = await join(tx, shop, name)
    now = member.joined_at
    await keep_identity(tx, member.id, identity, now, ("login", now))
    portrait = portrait_of(Said(proved=(identity,), name=name))
    await note_traits(tx, shop, member.id, portrait, "login")
    return msgspec.structs.replace(member, identities=(identity,))


async def _verify(tx: Transaction, owner: Owner, now: datetime) -> None:
    if owner.verified_at is None:
        await tx.execute(sql.VERIFY, owner.id, now)


async def _with_identities(reader: Reads, rows: Sequence[MemberRow]) -> list[Member]:
    ids = [row.id for row in rows]
    whose = dict(zip(ids, ids, strict=True))
    whose |= {one.member_id: one.survivor for one in await aliases_of(reader, ids)}
    owned = await reader.fetch_as(_Owned, sql.IDENTITIES_OF, sorted(whose))
    identities: dict[str, list[Identity]] = {one: [] for one in ids}
    for one in owned:
        identities[whose[one.member_id]].append(
            Identity(kind=one.kind, value=open_value(reader, one.id, one.value), issuer=one.issuer)
        )
    return [
        Member(
            id=row.id,
            name=row.name,
            joined_at=row.joined_at,
            identities=tuple(identities[row.id]),
        )
        for row in rows
    ]
