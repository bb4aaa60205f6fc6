"""Who may be meant by what a channel says of somebody."""

from collections.abc import Collection

from jishi.db import Reads
from jishi.membership.aliases import survivors_of
from jishi.membership.known import owners_of, portrait_of, portraits_of, sharing
from jishi.membership.liken import liken
from jishi.membership.pairs import are_different, ids_by_survivor
from jishi.membership.people import Match, Portrait, Said
from jishi.membership.settings import MembershipSettings
from jishi.shop import Shop


async def resolve(shop: Shop, said: Said) -> tuple[Match, ...]:
    """Members who may be meant, the likeliest first, each with its evidence; reads only.

    Args:
        shop: The shop.
        said: What a channel says of somebody.
    """
    return await matches_of(shop.database, shop, portrait_of(said))


async def matches_of(
    reader: Reads, shop: Shop, portrait: Portrait, but: Collection[str] = ()
) -> tuple[Match, ...]:
    """Members who may be meant, the likeliest first.

    Args:
        reader: The database, or a transaction.
        shop: The shop.
        portrait: Of whom.
        but: Members who are not looked at.
    """
    settings = shop.config.section("membership", MembershipSettings)
    owners = await owners_of(reader, portrait.proved | portrait.claimed)
    found = {each.member_id for each in owners.values()}
    found |= await sharing(reader, shop, portrait)
    roots = sorted({*(await survivors_of(reader, found)).values()} - set(but))
    known = await portraits_of(reader, await ids_by_survivor(reader, roots)) if roots else {}
    matches = [
        Match(
            member=root, likeness=liken(portrait, known[root], settings.merge_at, settings.ask_at)
        )
        for root in roots
    ]
    return tuple(
        sorted(
            (each for each in matches if each.likeness.certainty != "none"),
            key=lambda each: (-each.likeness.confidence, each.member),
        )
    )


async def others_like(reader: Reads, shop: Shop, member_id: str) -> tuple[Match, ...]:
    """Members who may be this one too, those left out who are known not to be.

    Args:
        reader: The database, or a transaction.
        shop: The shop.
        member_id: A survivor.
    """
    groups = await ids_by_survivor(reader, [member_id])
    portrait = (await portraits_of(reader, groups))[member_id]
    found = await matches_of(reader, shop, portrait, [member_id])
    theirs = await ids_by_survivor(reader, [each.member for each in found])
    return tuple(
        [
            each
            for each in found
            if not await are_different(reader, groups[member_id], theirs[each.member])
        ]
    )
