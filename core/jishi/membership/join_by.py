"""Recognise somebody by what a channel says, without a login; who is new joins.

The first paid purchase at a till or in the mall makes a member in this way. He claims what he
collected later: the code that is sent to his telephone finds him.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from jishi.db import Conflict, Transaction
from jishi.events import enqueue
from jishi.membership.find_matches import matches_of
from jishi.membership.known import Owner, note_traits, owners_of, portrait_of
from jishi.membership.look_for_others import looking
from jishi.membership.members import join, keep_identity, load_member, prove_identity
from jishi.membership.pairs import keep_pair
from jishi.membership.people import Likeness, Match, Portrait, Said
from jishi.membership.structs import Identity, Member
from jishi.shop import Shop

_TRIES = 5
_NOBODY = Likeness(certainty="none", confidence=0)


class _Meanwhile(Exception):
    """Somebody brought the same identity at the same moment: look again."""


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is taken for.

    Attributes:
        member: The member.
        joined: ``yes`` if he is new.
        likeness: How sure it is that it is him, and why; nothing for who is new.
    """

    member: Member
    joined: Literal["yes", "no"]
    likeness: Likeness


async def join_by(shop: Shop, identity: Identity | None, said: Said, channel: str) -> Recognised:
    """The member that a channel means; where it is not certain enough, a new one.

    A telephone number that nothing contradicts is enough to be taken for its owner here, though
    not for two members to become one. Whoever may be somebody else too goes into the queue of
    duplicates, for people.

    Args:
        shop: The shop.
        identity: How he says he is known; kept as an identity that he has not shown to be his,
            unless it is among what he proved or belongs to somebody else.
        said: Everything else the channel says.
        channel: Which one: ``till:pospal``.
    """
    claimed = (*said.claimed, identity) if identity else said.claimed
    portrait = portrait_of(msgspec.structs.replace(said, claimed=claimed))
    for _ in range(_TRIES):
        try:
            return await shop.database.atomically(
                lambda tx: _meet(tx, shop, portrait, said.name, channel)
            )
        except (Conflict, _Meanwhile):
            continue
    return await shop.database.atomically(lambda tx: _meet(tx, shop, portrait, said.name, channel))


async def _meet(
    tx: Transaction, shop: Shop, portrait: Portrait, name: str, channel: str
) -> Recognised:
    before = await owners_of(tx, portrait.claimed | portrait.proved)
    matches = await matches_of(tx, shop, portrait)
    chosen = chosen_of(matches)
    member_id = chosen.member if chosen else (await join(tx, shop, name[:64])).id
    await _keep_identities(tx, shop, member_id, portrait, (channel, before))
    await note_traits(tx, shop, member_id, portrait, channel)
    others = [each for each in matches if each.member != member_id]
    await _ask_people(tx, shop, member_id, others)
    if chosen is not None or any(each.likeness.certainty == "certain" for each in others):
        await enqueue(tx, shop, [looking(member_id)])
    return Recognised(
        member=await load_member(tx, member_id),
        joined="no" if chosen else "yes",
        likeness=chosen.likeness if chosen else _NOBODY,
    )


def chosen_of(matches: tuple[Match, ...]) -> Match | None:
    """Whom a channel means, of those who may be meant, the likeliest first."""
    if not matches:
        return None
    first = matches[0]
    if first.likeness.certainty == "certain":
        return first
    alone = len(matches) == 1 or matches[1].likeness.certainty != "probable"
    return first if alone and _is_uncontradicted_phone(first.likeness) else None


def _is_uncontradicted_phone(likeness: Likeness) -> bool:
    about = {each.about for each in likeness.evidence if each.relation == "same"}
    against = any(each.bits < 0 or each.about == "name" for each in likeness.evidence)
    return likeness.certainty == "probable" and "phone" in about and not against


async def _keep_identities(
    tx: Transaction,
    shop: Shop,
    member_id: str,
    portrait: Portrait,
    how: tuple[str, Mapping[Identity, Owner]],
) -> None:
    """Keep what he has shown, and what nobody else is known by; the rest is a trait only.

    Raises:
        _Meanwhile: Somebody else is known by one of them since we looked.
    """
    (channel, before), now = how, shop.clock.now()
    if before.keys() != (await owners_of(tx, portrait.claimed | portrait.proved)).keys():
        raise _Meanwhile
    for identity in sorted(portrait.proved, key=_flat):
        await prove_identity(tx, member_id, identity, now, channel)
    for identity in sorted(portrait.claimed - portrait.proved - before.keys(), key=_flat):
        await keep_identity(tx, member_id, identity, now, (channel, None))


async def _ask_people(tx: Transaction, shop: Shop, member_id: str, others: list[Match]) -> None:
    for each in others:
        if each.likeness.certainty == "probable":
            pair = (member_id, each.member)
            await keep_pair(tx, pair, each.likeness, shop.clock.now())


def _flat(identity: Identity) -> tuple[str, str, str]:
    return identity.kind, identity.value, identity.issuer
