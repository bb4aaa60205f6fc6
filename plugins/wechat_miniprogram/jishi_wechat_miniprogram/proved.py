"""Identities that WeChat proved."""

from collections.abc import Sequence

from jishi.db import Conflict, Transaction
from jishi.membership import Identity, IdentityTaken
from jishi.membership.members import keep_identity, owner_of
from jishi.shop import Shop

SOURCE = "wechat_miniprogram"


async def attach_proved(tx: Transaction, shop: Shop, member_id: str, identity: Identity) -> None:
    """Recognise a member by an identity that WeChat proved.

    Raises:
        IdentityTaken: It belongs to another member.
    """
    owner = await owner_of(tx, identity)
    if owner == member_id:
        return
    if owner is None:
        try:
            now = shop.clock.now()
            await keep_identity(tx, member_id, identity, now, (SOURCE, now))
            return
        except Conflict:
            owner = ""
    raise IdentityTaken(
        "This number belongs to another member.", next_step="Log in with it, or use another."
    )


async def join_up(
    tx: Transaction, shop: Shop, identity: Identity, also: Sequence[Identity]
) -> None:
    """Recognise one person by all identities that were proved at one moment.

    Whoever is known by the first is who he is; what else was proved becomes his where it is
    nobody's. Who is known by another one alone is given the first.
    """
    owner, now = await owner_of(tx, identity), shop.clock.now()
    for other in also:
        known = await owner_of(tx, other)
        if owner is None and known is not None:
            await keep_identity(tx, known, identity, now, (SOURCE, now))
            owner = known
        elif owner is not None and known is None:
            await keep_identity(tx, owner, other, now, (SOURCE, now))
