"""One person proves several identities at one moment: by each of them he is known from then on."""

import msgspec

from jishi.db import Transaction
from jishi.membership.members import keep_identity, owner_of
from jishi.membership.structs import Identity
from jishi.shop import Shop


class Also(msgspec.Struct, frozen=True, kw_only=True):
    """What was proved along with the identity of a login.

    Attributes:
        identities: Normalised.
        source: Who proved them: ``wechat_miniprogram``.
    """

    identities: tuple[Identity, ...]
    source: str


async def know_together(tx: Transaction, shop: Shop, identity: Identity, also: Also) -> None:
    """Recognise one person by all that he proved.

    Whoever is known by the first is who he is; what else was proved becomes his where it is
    nobody's. Who is known by another one alone is given the first. Where nobody is known by any
    of them, nothing is written.
    """
    owner, now = await owner_of(tx, identity), shop.clock.now()
    for other in also.identities:
        known = await owner_of(tx, other)
        if owner is None and known is not None:
            await keep_identity(tx, known, identity, now, (also.source, now))
            owner = known
        elif owner is not None and known is None:
            await keep_identity(tx, owner, other, now, (also.source, now))
