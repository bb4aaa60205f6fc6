"""A member adds a second phone number or e-mail address, or takes one off."""

from jishi.db import Conflict, Transaction
from jishi.membership import sql
from jishi.membership.codes import attaching, fits
from jishi.membership.log_in import refused
from jishi.membership.members import keep_identity, owner_of
from jishi.membership.problems import IdentityTaken, LastIdentity
from jishi.membership.structs import Identity, KeptIdentity
from jishi.problems import NotFound
from jishi.shop import Shop


async def attach_identity(
    shop: Shop, member_id: str, identity: Identity, code: str
) -> list[KeptIdentity]:
    """Recognise a member by one more identity, which he proves with a code.

    Raises:
        CodeRefused: The code was not sent to this identity for this member, or is used up.
        IdentityTaken: It belongs to another member.
    """

    async def work(tx: Transaction) -> bool:
        now = shop.clock.now()
        if not await fits(tx, shop, identity, attaching(member_id), code, now):
            return False
        owner = await owner_of(tx, identity)
        if owner is None:
            await keep_identity(tx, member_id, identity, now)
        elif owner != member_id:
            raise _taken()
        return True

    try:
        if not await shop.database.atomically(work):
            raise refused()
    except Conflict as error:
        raise _taken() from error
    return await list_identities(shop, member_id)


async def detach_identity(shop: Shop, member_id: str, identity_id: str) -> None:
    """No longer recognise a member by an identity.

    Raises:
        NotFound: He has no such identity.
        LastIdentity: He could never log in again.
    """
    async with shop.database.transaction() as tx:
        await tx.fetch(sql.LOCK_MEMBER, member_id)
        kept = await tx.fetch_as(KeptIdentity, sql.IDENTITIES, member_id)
        if identity_id not in {one.id for one in kept}:
            raise NotFound("You have no such identity.")
        if len(kept) == 1:
            raise LastIdentity("It is your only way to log in.", next_step="Add another first.")
        await tx.execute(sql.DETACH, identity_id, member_id)


async def list_identities(shop: Shop, member_id: str) -> list[KeptIdentity]:
    """Everything that a member is recognised by."""
    return await shop.database.fetch_as(KeptIdentity, sql.IDENTITIES, member_id)


def _taken() -> IdentityTaken:
    return IdentityTaken(
        "This number or address belongs to another member.",
        next_step="Log in with it, or use another.",
    )
