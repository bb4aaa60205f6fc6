"""Two who were taken for one are parted again.

What came with the absorbed member goes back to him as far as it is still there; what happened
since stays with the one it happened to: the survivor. Who was merged into the absorbed one before
goes with him.
"""

from collections.abc import Sequence

from jishi.db import Transaction
from jishi.identifiers import new_id
from jishi.membership import sql
from jishi.membership.aliases import Alias, alias_of, aliases_around
from jishi.membership.merge_members import Also, MovedOn, Row, Why, busy, carry_out
from jishi.membership.pairs import decide_between
from jishi.membership.problems import NotMerged
from jishi.membership.structs import Merge
from jishi.shop import Shop

_TRIES = 20


async def part_member(shop: Shop, member_id: str, why: Why, also: Also | None = None) -> Merge:
    """Part a member from the one he was merged into; asked again, it gives the same parting.

    Args:
        shop: The shop.
        member_id: The absorbed member.
        why: Who says so.
        also: Writes along.

    Raises:
        NotMerged: He is himself, and always was.
        MembersBusy: Others kept changing them.
        HookFailed: A plugin failed; nothing was written.
    """
    for _ in range(_TRIES):
        alias = await alias_of(shop.database, member_id)
        if alias is None:
            parted = await shop.database.one_as(Row, sql.PARTED, member_id)
            if parted is None:
                raise NotMerged(
                    "He was never merged into anybody.",
                    next_step="Look at his profile: it names those who were merged into him.",
                )
            return parted.merge()
        merge = Merge(
            id=new_id(), kind="part", source=alias.survivor, target=member_id, of=alias.merge_id
        )
        seen = await aliases_around(shop.database, [alias.survivor, member_id])
        if alias not in seen:
            continue
        try:
            return await carry_out(shop, merge, "part", why, (seen, _become_two, also))
        except MovedOn:
            continue
    raise busy()


async def _become_two(
    tx: Transaction, shop: Shop, merge: Merge, seen: Sequence[Alias], why: Why
) -> None:
    parents = {one.member_id: one.parent for one in seen}
    await tx.execute(sql.END_ALIAS, merge.target)
    await tx.execute(sql.MOVE_ALIASES, _below(parents, merge.target), merge.target)
    pair = (parents[merge.target], merge.target)
    await decide_between(tx, pair, "different", why.actor, shop.clock.now())


def _below(parents: dict[str, str], member: str) -> list[str]:
    """Everybody who was merged into a member, at whatever remove."""
    found = [one for one, parent in parents.items() if parent == member]
    return found + [each for one in found for each in _below(parents, one)]
