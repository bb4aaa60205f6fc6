"""Members as they are kept: found, joined, renamed, listed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from jishi.db import Conflict, Database, Reads, Transaction
from jishi.events import Happened, emit
from jishi.identifiers import new_id
from jishi.membership import sql
from jishi.membership.addresses import list_addresses
from jishi.membership.structs import Identity, IdentityKind, Member, MemberFile, MemberPage
from jishi.membership.tables import IdentityTable, MemberTable
from jishi.problems import NotFound
from jishi.shop import Shop

_BEYOND = "~"
"""Sorts behind every id."""


class _Row(msgspec.Struct, frozen=True):
    id: str
    name: str
    joined_at: datetime


class _Owned(msgspec.Struct, frozen=True):
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
    owner = await owner_of(tx, identity)
    if owner is None:
        try:
            async with shop.database.transaction() as inner:
                return await _join(inner, shop, identity, name), True
        except Conflict:  # somebody joined with it at the same moment
            owner = await owner_of(tx, identity)
    return await load_member(tx, owner or ""), False


async def owner_of(reader: Reads, identity: Identity) -> str | None:
    """The id of the member whom an identity belongs to."""
    return await reader.one_as(str, sql.OWNER_OF, identity.kind, identity.value, identity.issuer)


async def load_member(reader: Reads, member_id: str) -> Member:
    """A member with his identities.

    Raises:
        NotFound: There is no such member.
    """
    row = await reader.one_as(_Row, sql.MEMBER, member_id)
    if row is None:
        raise NotFound("There is no such member.")
    return (await _with_identities(reader, [row]))[0]


async def load_file(database: Database, member_id: str) -> MemberFile:
    """Everything that is kept about a member.

    Raises:
        NotFound: There is no such member.
    """
    member = await load_member(database, member_id)
    return MemberFile(member=member, addresses=tuple(await list_addresses(database, member_id)))


async def list_members(
    database: Database, words: str, cursor: str | None, limit: int
) -> MemberPage:
    """Members, newest first.

    Args:
        database: Where they are.
        words: A part of the name, of a phone number or of an address; or an id. Empty: all.
        cursor: The ``next`` of the page before.
        limit: How many at most.
    """
    start = cursor or _BEYOND
    if words:
        for special in "!%_":
            words = words.replace(special, f"!{special}")
        pattern = f"%{words.lower()}%"
        rows = await database.fetch_as(_Row, sql.MEMBERS_LIKE, start, limit + 1, pattern, words)
    else:
        rows = await database.fetch_as(_Row, sql.MEMBERS, start, limit + 1)
    items = tuple(await _with_identities(database, rows[:limit]))
    return MemberPage(items=items, next=items[-1].id if len(rows) > limit else None)


async def rename_member(shop: Shop, member_id: str, name: str) -> Member:
    """Call a member by another name.

    Raises:
        NotFound: There is no such member.
    """
    async with shop.database.transaction() as tx:
        await tx.execute(sql.NAME_MEMBER, member_id, name)
        return await load_member(tx, member_id)


async def keep_identity(
    tx: Transaction, member_id: str, identity: Identity, now: datetime
) -> None:
    """Note that a member is recognised by an identity.

    Raises:
        Conflict: It belongs to somebody.
    """
    columns = ("id", "member_id", "kind", "value", "issuer", "added_at")
    row = (new_id(), member_id, identity.kind, identity.value, identity.issuer, now)
    await tx.insert(IdentityTable, columns, [row])


async def _join(tx: Transaction, shop: Shop, identity: Identity, name: str) -> Member:
    now, member_id = shop.clock.now(), new_id()
    await tx.insert(MemberTable, ("id", "name", "joined_at"), [(member_id, name, now)])
    await keep_identity(tx, member_id, identity, now)
    joined = Happened(
        name="member.joined",
        subject=member_id,
        data={"member": member_id},
        key=f"member.joined:{member_id}",
    )
    await emit(tx, shop, [joined])
    return Member(id=member_id, name=name, joined_at=now, identities=(identity,))


async def _with_identities(reader: Reads, rows: Sequence[_Row]) -> list[Member]:
    owned = await reader.fetch_as(_Owned, sql.IDENTITIES_OF, [row.id for row in rows])
    identities: dict[str, list[Identity]] = {row.id: [] for row in rows}
    for one in owned:
        identities[one.member_id].append(
            Identity(kind=one.kind, value=one.value, issuer=one.issuer)
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
