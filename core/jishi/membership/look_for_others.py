"""Whether somebody else is this member too: certain ones become one, the rest is for people."""

from jishi.db import Transaction
from jishi.events import Job
from jishi.identifiers import new_id
from jishi.membership.aliases import survivor_of
from jishi.membership.find_matches import others_like
from jishi.membership.merge_members import Why, merge_members
from jishi.membership.pairs import keep_pair
from jishi.membership.people import Match
from jishi.membership.settings import MembershipSettings
from jishi.membership.structs import Merge
from jishi.shop import Shop

_ROUNDS = 8
"""Each merge makes the portrait larger, so that another may match."""


async def look_for_others(shop: Shop, member_id: str) -> tuple[Merge, ...]:
    """Merge the members who are certainly this one too; put the probable ones into the queue.

    The elder survives. Where two others are both certain, though one that people told apart
    stands between them, that one is left to people.

    Args:
        shop: The shop.
        member_id: Any id of the member.

    Returns:
        The merges that were made.
    """
    settings = shop.config.section("membership", MembershipSettings)
    done: list[Merge] = []
    for _ in range(_ROUNDS):
        root = await survivor_of(shop.database, member_id)
        found = await others_like(shop.database, shop, root)
        certain = [each for each in found if each.likeness.certainty == "certain"]
        if not certain or settings.merge == "people":
            await _keep(shop, root, found)
            break
        first = certain[0]
        target, source = sorted((root, first.member))
        why = Why(actor="core", likeness=first.likeness)
        done.append(await merge_members(shop, source, target, why))
    return tuple(done)


async def _keep(shop: Shop, root: str, found: tuple[Match, ...]) -> None:
    asked = [each for each in found if each.likeness.certainty in ("certain", "probable")]
    if not asked:
        return

    async def work(tx: Transaction) -> None:
        for each in asked:
            await keep_pair(tx, (root, each.member), each.likeness, shop.clock.now())

    await shop.database.atomically(work)


def looking(member_id: str) -> Job:
    """The job that looks whether somebody else is this member too."""
    return Job(
        kind="membership.look", payload={"member": member_id}, key=f"look:{member_id}:{new_id()}"
    )
