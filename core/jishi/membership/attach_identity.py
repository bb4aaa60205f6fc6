"""A member adds a second phone number or e-mail address, or takes one off."""

import msgspec

from jishi.db import Conflict, Reads, Transaction
from jishi.events import enqueue
from jishi.membership import sql
from jishi.membership.at_rest import open_value
from jishi.membership.codes import attaching, fits
from jishi.membership.known import note_traits, portrait_of
from jishi.membership.log_in import refused
from jishi.membership.look_for_others import looking
from jishi.membership.members import prove_identity
from jishi.membership.people import Said
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
        if not await fits(tx, shop, identity, attaching(member_id), code, shop.clock.now()):
            return False
        await attach_proved(tx, shop, member_id, identity, "login")
        return True

    if not await shop.database.atomically(work):
        raise refused()
    return await list_identities(shop, member_id)


async def attach_proved(
    tx: Transaction, shop: Shop, member_id: str, identity: Identity, source: str
) -> None:
    """Recognise a member by one more identity that was proved, by a code or in another way.

    Somebody else who only said that it is his gives way to him; whether they are one, is looked
    at afterwards.

    Args:
        tx: The transaction in which it was proved.
        shop: The shop.
        member_id: The survivor.
        identity: Normalised.
        source: Who proved it: ``login`` for a code, ``wechat_miniprogram`` …

    Raises:
        IdentityTaken: Another member proved it before.
    """
    try:
        if await prove_identity(tx, member_id, identity, shop.clock.now(), source) == "taken":
            raise _taken()
    except Conflict as error:
        raise _taken() from error
    await note_traits(tx, shop, member_id, portrait_of(Said(proved=(identity,))), source)
    await enqueue(tx, shop, [looking(member_id)])


async def detach_identity(shop: Shop, member_id: str, identity_id: str) -> None:
    """No longer recognise a member by an identity.

    Raises:
        NotFound: He has no such identity.
        LastIdentity: He could never log in again.
    """
    async with shop.database.transaction() as tx:
        await tx.fetch(sql.LOCK_MEMBER, member_id)
        kept = await identities_of(tx, member_id)
        if identity_id not in {one.id for one in kept}:
            raise NotFound("You have no such identity.")
        if len(kept) == 1:
            raise LastIdentity("It is your only way to log in.", next_step="Add another first.")
        await tx.execute(sql.DETACH, member_id, identity_id)


async def list_identities(shop: Shop, member_id: str) -> list[KeptIdentity]:
    """Everything that a member is recognised by."""
    return await identities_of(shop.database, member_id)


async def identities_of(reader: Reads, member_id: str) -> list[KeptIdentity]:
    """Everything that a survivor is recognised by, with its channels."""
    kept = await reader.fetch_as(KeptIdentity, sql.IDENTITIES, member_id)
    return [
        msgspec.structs.replace(one, value=open_value(reader, one.id, one.value)) for one in kept
    ]


def _taken() -> IdentityTaken:
    return IdentityTaken(
        "This number or address belongs to another member.",
        next_step="Log in with it, or use another.",
    )
