"""The queue of duplicates, for people: two members side by side, and why they may be one."""

from typing import Annotated, Literal

import msgspec

from jishi.db import Transaction
from jishi.membership import sql
from jishi.membership.merge_members import Also, Why, merge_members
from jishi.membership.pairs import Pair, PairRow, PairState, decide_between
from jishi.membership.people import MOST
from jishi.membership.profile import load_file
from jishi.membership.structs import MemberFile
from jishi.problems import NotFound
from jishi.shop import Shop

_BEHIND = "~"
"""Sorts behind every id."""


class PairPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the queue, the likeliest pairs first.

    Attributes:
        items: The pairs.
        next: The cursor of the next page; None on the last.
    """

    items: tuple[Pair, ...]
    next: str | None = None


class SideBySide(msgspec.Struct, frozen=True, kw_only=True):
    """A pair with everything that is known of both.

    Attributes:
        pair: Why they may be one, and what was decided.
        one: The elder member.
        other: The younger.
    """

    pair: Pair
    one: MemberFile
    other: MemberFile


class PairDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody decided about a pair.

    Attributes:
        verdict: ``same``: they become one; ``different``: they never come again.
        survivor: Which of the two stays; without it the elder.
    """

    verdict: Literal["same", "different"]
    survivor: Annotated[str, msgspec.Meta(max_length=64)] | None = None


async def list_pairs(
    shop: Shop, state: PairState, cursor: str | None = None, limit: int = 50
) -> PairPage:
    """Pairs in one state, the likeliest first.

    Args:
        shop: The shop.
        state: ``open`` for the queue.
        cursor: The ``next`` of the page before.
        limit: How many at most.
    """
    confidence, _, after = (cursor or f"{MOST + 1}:{_BEHIND}").partition(":")
    start = int(confidence) if confidence.isdigit() else 0
    rows = await shop.database.fetch_as(PairRow, sql.PAIRS, state, start, after, limit + 1)
    items = tuple(row.pair() for row in rows[:limit])
    more = f"{items[-1].confidence}:{items[-1].id}" if len(rows) > limit else None
    return PairPage(items=items, next=more)


async def load_pair(shop: Shop, pair_id: str) -> SideBySide:
    """A pair with both members side by side.

    Raises:
        NotFound: There is no such pair.
    """
    pair = await _find(shop, pair_id)
    return SideBySide(
        pair=pair, one=await load_file(shop, pair.one), other=await load_file(shop, pair.other)
    )


async def decide_pair(
    shop: Shop, pair_id: str, decision: PairDecision, actor: str, also: Also | None = None
) -> Pair:
    """Make one of a pair, or remember that they are two; a later decision replaces an earlier.

    A pair that was merged is parted with `part_member`.

    Args:
        shop: The shop.
        pair_id: The pair.
        decision: What somebody decided.
        actor: Who.
        also: Writes along.

    Raises:
        NotFound: There is no such pair, or the survivor is not of it.
    """
    pair = await _find(shop, pair_id)
    if decision.verdict == "same":
        target = decision.survivor or pair.one
        if target not in (pair.one, pair.other):
            raise NotFound("The survivor is not one of the two.", field="survivor")
        source = pair.other if target == pair.one else pair.one
        await merge_members(shop, source, target, Why(actor=actor), also)

    async def work(tx: Transaction) -> None:
        state: PairState = "merged" if decision.verdict == "same" else "different"
        await decide_between(tx, (pair.one, pair.other), state, actor, shop.clock.now())
        if decision.verdict == "different" and also is not None:
            await also(tx)

    await shop.database.atomically(work)
    return await _find(shop, pair_id)


async def _find(shop: Shop, pair_id: str) -> Pair:
    row = await shop.database.one_as(PairRow, sql.PAIR, pair_id)
    if row is None:
        raise NotFound("There is no such pair.")
    return row.pair()
