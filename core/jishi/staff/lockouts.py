"""Wrong passwords cost time: more with each, per account and address, and for each alone."""

import ipaddress
from datetime import datetime, timedelta
from typing import cast

import msgspec

from jishi.callers import Caller
from jishi.db import Transaction
from jishi.shop import Shop
from jishi.staff import sql
from jishi.staff.audit import record
from jishi.staff.problems import LoginLocked

_FORGOTTEN = timedelta(hours=24)
_FIRST = timedelta(minutes=1)


class Guard(msgspec.Struct, frozen=True):
    """What is counted.

    Attributes:
        key: Whose tries.
        free: How many tries cost nothing.
        longest: The longest lock.
    """

    key: str
    free: int
    longest: timedelta


def guards_of(email: str, address: str) -> tuple[Guard, Guard, Guard]:
    """The account from this address, the address, the account from anywhere.

    The account alone has many tries and short locks: else a stranger could lock the owner out.
    """
    network = _network(address)
    return (
        Guard(f"address:{network}", 20, timedelta(hours=1)),
        Guard(f"account:{email}", 50, timedelta(minutes=15)),
        Guard(f"pair:{email}|{network}", 5, timedelta(hours=1)),
    )


async def count_try(shop: Shop, caller: Caller, email: str) -> None:
    """Count a login before its password is looked at.

    Raises:
        LoginLocked: Too many came before; it says how long to wait.
    """

    async def work(tx: Transaction) -> None:
        guards = guards_of(email, caller.address)
        locks = [(guard, await _count(tx, shop, guard)) for guard in guards]
        for guard, wait in locks:
            if wait:
                await record(
                    tx, shop, caller, "login.locked", guard.key, {"seconds": wait.seconds}
                )

    await shop.database.atomically(work)


async def forgive(tx: Transaction, caller: Caller, email: str) -> None:
    """The password was right: the pair's tries are forgotten, the others were no tries."""
    address, account, pair = guards_of(email, caller.address)
    await tx.execute(sql.TAKE_BACK, address.key)
    await tx.execute(sql.TAKE_BACK, account.key)
    await tx.execute(sql.FORGIVE, pair.key)


async def _count(tx: Transaction, shop: Shop, guard: Guard) -> timedelta | None:
    now = shop.clock.now()
    tries = await tx.one_as(int, sql.TRY, guard.key, now, now - _FORGOTTEN)
    if tries is None:
        [(until,)] = await tx.fetch(sql.LOCKED_UNTIL, guard.key)
        raise _locked(cast(datetime, until) - now)
    if tries < guard.free:
        return None
    wait: timedelta = min(_FIRST * 2 ** min(tries - guard.free, 20), guard.longest)
    await tx.execute(sql.LOCK, guard.key, now + wait)
    return wait


def _locked(wait: timedelta) -> LoginLocked:
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    return LoginLocked(
        "Too many wrong passwords.",
        next_step=f"Try again in {seconds} seconds.",
        retry_after=seconds,
    )


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
