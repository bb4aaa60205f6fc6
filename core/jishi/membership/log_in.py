"""Log in with a one-time code; the first login joins."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from jishi.callers import Caller
from jishi.db import Transaction
from jishi.membership.codes import LOGIN, fits
from jishi.membership.know_together import Also, know_together
from jishi.membership.members import recognise
from jishi.membership.problems import CodeRefused
from jishi.membership.structs import Identity, LoggedIn
from jishi.membership.tokens import give_token
from jishi.shop import Shop

Adopter = Callable[[Transaction, str, str, str, datetime], Awaitable[object]]
"""Makes what a guest had the member's: ``(tx, guest, member, channel, now)``.

It runs in the login's transaction, so a guest's cart moves whole or not at all.
"""


async def log_in(
    shop: Shop,
    identity: Identity,
    code: str,
    caller: Caller,
    name: str = "",
    adopters: Sequence[Adopter] = (),
) -> LoggedIn:
    """Log in whoever has the code.

    Args:
        shop: The shop.
        identity: Where the code went.
        code: What was typed.
        caller: Who asks; what a guest has becomes the member's.
        name: For a new member.
        adopters: Rooms above that keep things for guests.

    Raises:
        CodeRefused: Wrong, expired, used or tried five times; nothing tells which.
    """

    async def work(tx: Transaction) -> LoggedIn | None:
        # A wrong code is committed, not raised here: the try must count.
        if not await fits(tx, shop, identity, LOGIN, code, shop.clock.now()):
            return None
        return await enter(tx, shop, identity, caller, name, adopters)

    entered = await shop.database.atomically(work)
    if entered is None:
        raise refused()
    return entered


async def enter(
    tx: Transaction,
    shop: Shop,
    identity: Identity,
    caller: Caller,
    name: str = "",
    adopters: Sequence[Adopter] = (),
    also: Also | None = None,
) -> LoggedIn:
    """Give a token to whoever proved an identity, by a code or in another way (WeChat, a till).

    Args:
        tx: The login's transaction.
        shop: The shop.
        identity: What he proved.
        caller: Who asks; what a guest has becomes the member's.
        name: For a new member.
        adopters: Rooms above that keep things for guests.
        also: What else he proved at the same moment.
    """
    if also is not None:
        await know_together(tx, shop, identity, also)
    member, joined = await recognise(tx, shop, identity, name)
    if also is not None and joined:
        await know_together(tx, shop, identity, also)
    if caller.kind == "guest" and caller.id:
        for adopt in adopters:
            await adopt(tx, caller.id, member.id, caller.channel, shop.clock.now())
    token, expires = await give_token(tx, shop, member.id, caller.channel)
    return LoggedIn(token=token, expires_at=expires, member=member, joined=joined)


def refused() -> CodeRefused:
    """The one answer to every code that does not fit."""
    return CodeRefused(
        "The code is wrong, too old or used up.",
        field="code",
        next_step="Type it again, or ask for a new one.",
    )
