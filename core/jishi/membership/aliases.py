"""Members who turned out to be one: which ids are his, and who somebody is now.

An id that was given out is never taken back: carts, orders and statements keep the id they were
written under, and whoever reads them asks here.
"""

from collections.abc import Iterable, Sequence

import msgspec

from jishi.db import Reads
from jishi.membership import sql


class Alias(msgspec.Struct, frozen=True):
    """A member who is another by now.

    Attributes:
        member_id: His id.
        parent: Whom he was merged into.
        survivor: Who that is by now; the same unless that one was merged as well.
        merge_id: The merge.
    """

    member_id: str
    parent: str
    survivor: str
    merge_id: str


async def member_ids(reader: Reads, member_id: str) -> tuple[str, ...]:
    """A member's own id first, then those of everybody merged into him, in the order of ids.

    Args:
        reader: The database, or a transaction.
        member_id: Any of his ids; the survivor comes first.
    """
    survivor = await survivor_of(reader, member_id)
    return (survivor, *(one.member_id for one in await aliases_of(reader, [survivor])))


async def survivor_of(reader: Reads, member_id: str) -> str:
    """Who a member is now; himself, as long as he was not merged into another."""
    return await reader.one_as(str, sql.SURVIVOR, member_id) or member_id


async def survivors_of(reader: Reads, ids: Iterable[str]) -> dict[str, str]:
    """Who each of many is now."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found = {one.member_id: one.survivor for one in await _by_ids(reader, wanted)}
    return {one: found.get(one, one) for one in wanted}


async def alias_of(reader: Reads, member_id: str) -> Alias | None:
    """Whom a member was merged into; None when he is himself."""
    found = await _by_ids(reader, [member_id])
    return found[0] if found else None


async def aliases_of(reader: Reads, survivors: Sequence[str]) -> list[Alias]:
    """Everybody who was merged into these, at whatever remove, in the order of ids."""
    return await reader.fetch_as(Alias, sql.ALIASES, list(survivors))


async def aliases_around(reader: Reads, ids: Sequence[str]) -> list[Alias]:
    """Everybody who was merged into one of these, and these where they were merged themselves."""
    return await reader.fetch_as(Alias, sql.ALIASES_AROUND, list(ids))


def survivor_in_sql(column: str) -> str:
    """SQL for who the member (or guest) named in a column is now; for rooms above.

    Args:
        column: With its table, where the statement has several.
    """
    return (
        f"COALESCE((SELECT survivor FROM membership_aliases WHERE member_id = {column}), {column})"  # noqa: S608
    )


def ids_in_sql(argument: str) -> str:
    """SQL for all ids of one owner, after ``IN``: his own and those merged into him.

    Args:
        argument: Which one, as ``$1``.
    """
    return (
        f"(SELECT {argument}::text UNION ALL "  # noqa: S608
        f"SELECT member_id FROM membership_aliases WHERE survivor = {argument})"
    )


async def _by_ids(reader: Reads, ids: Sequence[str]) -> list[Alias]:
    return await reader.fetch_as(Alias, sql.ALIAS, list(ids))
