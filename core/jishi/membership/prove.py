"""One-time codes with which a member proves that it is he, for whatever a plugin guards."""

from jishi.db import Transaction
from jishi.membership.attach_identity import identities_of
from jishi.membership.codes import fits
from jishi.membership.problems import NoCodeSender
from jishi.membership.send_code import send_purpose_code
from jishi.membership.structs import Identity
from jishi.shop import Shop


async def send_proof_code(shop: Shop, member_id: str, purpose: str, address: str) -> None:
    """Send a code to the member's own phone.

    Args:
        shop: The shop.
        member_id: Who has to prove that it is he.
        purpose: What for, ``<plugin>:<what>``; a code is good for nothing else.
        address: The network address of whoever asks.

    Raises:
        NoCodeSender: He has no phone that was proved, or no plugin brings codes there.
        CodesTooOften: As for login codes.
        CodeNotSent: The sender failed.
    """
    await send_purpose_code(shop, await _phone(shop, member_id), _named(purpose), address)


async def proof_code_fits(shop: Shop, member_id: str, purpose: str, code: str) -> bool:
    """Whether a code is the one that was sent; the try counts, and a right code is used up."""
    identity = await _phone(shop, member_id)

    async def work(tx: Transaction) -> bool:
        return await fits(tx, shop, identity, _named(purpose), code, shop.clock.now())

    return await shop.database.atomically(work)


async def _phone(shop: Shop, member_id: str) -> Identity:
    for kept in await identities_of(shop.database, member_id):
        if kept.kind == "phone" and kept.verified_at is not None:
            return Identity(kind="phone", value=kept.value)
    raise NoCodeSender(
        "The member has no telephone number that was proved.",
        next_step="Add one with POST /store/me/identities.",
    )


def _named(purpose: str) -> str:
    return f"proof:{purpose}"
