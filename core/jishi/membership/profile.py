"""One view of a member: all his ids, identities, addresses, merges, and what plugins add."""

from collections.abc import Sequence
from typing import cast

import msgspec

from jishi.db import Reads
from jishi.hookspecs.membership import load_profile
from jishi.membership import sql
from jishi.membership.addresses import list_addresses
from jishi.membership.aliases import aliases_of
from jishi.membership.attach_identity import identities_of
from jishi.membership.members import find_row, load_member
from jishi.membership.structs import Identity, KeptMerge, Me, Member, MemberFile, ProfileSection
from jishi.plugins import SHOP, Answer, HookFailed
from jishi.shop import Shop

Sections = tuple[tuple[ProfileSection, ...], tuple[str, ...]]
"""What plugins add, and the plugins that could not answer."""


class _Row(msgspec.Struct, frozen=True):
    id: str
    kind: str
    source: str
    target: str
    of: str | None
    actor: str
    confidence: int
    evidence: str
    made_at: object


async def load_file(shop: Shop, member_id: str) -> MemberFile:
    """Everything that is kept about a member, for staff.

    Args:
        shop: The shop.
        member_id: Any of his ids.

    Raises:
        NotFound: There is no such member.
    """
    reader = shop.database
    row = await find_row(reader, member_id)
    ids = (row.id, *(one.member_id for one in await aliases_of(reader, [row.id])))
    identities = await identities_of(reader, row.id)
    his = tuple(Identity(kind=one.kind, value=one.value, issuer=one.issuer) for one in identities)
    member = Member(id=row.id, name=row.name, joined_at=row.joined_at, identities=his)
    sections, missing = await sections_of(shop, member)
    return MemberFile(
        member=member,
        addresses=tuple(await list_addresses(reader, member.id)),
        ids=ids,
        identities=tuple(identities),
        merges=tuple(await merges_of(reader, ids)),
        sections=sections,
        missing=missing,
    )


async def load_me(shop: Shop, member_id: str) -> Me:
    """A member as he sees himself.

    Raises:
        NotFound: There is no such member.
    """
    member = await load_member(shop.database, member_id)
    sections, missing = await sections_of(shop, member)
    fields = {name: getattr(member, name) for name in member.__struct_fields__}
    his = tuple(each for each in sections if each.audience == "everybody")
    return Me(**fields, sections=his, missing=missing)


async def sections_of(shop: Shop, member: Member) -> Sections:
    """What plugins say of a member; one that fails is named, and the others are heard."""
    missing: tuple[str, ...] = ()
    try:
        answers = await shop.hooks.consult(load_profile, SHOP, member=member)
    except HookFailed as failure:
        answers = cast("list[Answer[Sequence[ProfileSection]]]", list(failure.answers))
        missing = tuple(each.plugin for each in (failure, *failure.others))
    sections: list[ProfileSection] = []
    for each in answers:
        try:
            named = [msgspec.structs.replace(one, plugin=each.plugin) for one in each.value]
        except TypeError:  # what it answered are no sections
            missing = (*missing, each.plugin)
        else:
            sections += named
    return tuple(sections), missing


async def merges_of(reader: Reads, ids: tuple[str, ...]) -> list[KeptMerge]:
    """Who was merged and parted, the oldest first."""
    rows = await reader.fetch_as(_Row, sql.MERGES_OF, list(ids))
    return [_kept(row) for row in rows]


def _kept(row: _Row) -> KeptMerge:
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    fields["evidence"] = msgspec.json.decode(row.evidence)
    return msgspec.convert(fields, KeptMerge)
