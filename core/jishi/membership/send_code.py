"""Send a one-time code; whoever asks learns nothing about who is a member."""

import asyncio
import logging
from datetime import timedelta

from jishi.hookspecs.membership import register_code_senders
from jishi.membership.at_rest import LIMIT
from jishi.membership.codes import LOGIN, attaching, keep_code, new_code
from jishi.membership.contacts import network_of
from jishi.membership.limits import Limit, count
from jishi.membership.problems import CodeNotSent, NoCodeSender
from jishi.membership.structs import CodeSender, Identity
from jishi.plugins import Where
from jishi.sealing import sealing_of
from jishi.shop import Shop

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_PATIENCE = 10.0
"""Seconds that a sender may take."""

_log = logging.getLogger("jishi.membership")


async def send_login_code(shop: Shop, identity: Identity, address: str) -> None:
    """Send a code that logs in, known or unknown: both happen alike.

    Args:
        shop: The shop.
        identity: A phone number or e-mail address.
        address: The network address of whoever asks.

    Raises:
        NoCodeSender: No plugin serves this kind of address.
        CodesTooOften: More than 1 a minute or 5 an hour to it, or 20 an hour from there.
        CodeNotSent: The sender failed.
    """
    await _send(shop, identity, LOGIN, address)


async def send_attach_code(shop: Shop, member_id: str, identity: Identity, address: str) -> None:
    """Send a code that adds an identity to a member; limits and errors as for a login code."""
    await _send(shop, identity, attaching(member_id), address)


async def send_purpose_code(shop: Shop, identity: Identity, purpose: str, address: str) -> None:
    """Send a code that is good for one purpose; limits and errors as for a login code."""
    await _send(shop, identity, purpose, address)


def _sender(shop: Shop, identity: Identity) -> CodeSender:
    for answer in shop.hooks.ask(register_code_senders, Where()):
        for sender in answer.value:
            if sender.serves(identity.kind):
                return sender
    raise NoCodeSender(
        f"No plugin brings codes to a {identity.kind}.",
        next_step="The merchant enables one in jishi.toml; printed_codes serves demos.",
    )


async def _send(shop: Shop, identity: Identity, purpose: str, address: str) -> None:
    sender = _sender(shop, identity)
    code = new_code()
    async with shop.database.transaction() as tx:
        await count(tx, _limits(shop, identity, address), shop.clock.now())
        await keep_code(tx, shop, identity, purpose, code)
    try:
        async with asyncio.timeout(_PATIENCE):
            await sender.send(identity, code)
    except Exception as error:
        # Not the error's own text: senders like to put the number, or the code, into it.
        _log.warning("sender %s failed: %s", sender.name, type(error).__name__)
        raise CodeNotSent(
            "The code could not be sent.", next_step="Try again in a minute."
        ) from error


def _limits(shop: Shop, identity: Identity, address: str) -> list[Limit]:
    found_by = sealing_of(shop.config).fingerprint(identity.value, LIMIT)
    who = f"{identity.kind}:{found_by}"
    limits = [Limit(f"hour:{who}", 5, _HOUR), Limit(f"minute:{who}", 1, _MINUTE)]
    if address:
        limits.insert(0, Limit(f"hour:address:{network_of(address)}", 20, _HOUR))
    return limits
