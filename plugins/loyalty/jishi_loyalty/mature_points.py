"""Points that waited for the end of the time for returns can be spent from now on."""

from jishi.plugins import Writing
from jishi_loyalty import sql
from jishi_loyalty.expiry import expires_at
from jishi_loyalty.purses import close_purse, lock_member, open_purse
from jishi_loyalty.scheme import Scheme

_PAGE = 200


async def mature_points(scheme: Scheme) -> int:
    """Let all points be spent whose time has come.

    Returns:
        How many lots it were.
    """
    done = 0
    while rows := await scheme.desk.fetch(sql.RIPE, scheme.now(), _PAGE):
        for lot, member in rows:
            await _mature(scheme, str(member), str(lot))
        done += len(rows)
    return done


async def _mature(scheme: Scheme, member: str, lot_id: str) -> None:
    async def work(w: Writing) -> None:
        await lock_member(w, member, scheme.now())
        await mature_lot(w, scheme, member, lot_id)

    await scheme.desk.atomically(work)


async def mature_waiting(w: Writing, scheme: Scheme, member: str, root: str) -> None:
    """Let the points of a member's lots of one root be spent whose time has come; he is locked."""
    for (lot_id,) in await w.fetch(sql.WAITING, member, root, scheme.now()):
        await mature_lot(w, scheme, member, str(lot_id))


async def mature_lot(w: Writing, scheme: Scheme, member: str, lot_id: str) -> None:
    """Let the points of a lot be spent whose time has come; its member is locked.

    When they end is reckoned from the moment they could be spent, not from when that was noticed.
    """
    purse = await open_purse(w, scheme, member, f"mature:{lot_id}")
    lot = purse.lots.get(lot_id)
    if lot is None:  # all of it was taken back
        await w.execute(sql.END_LOT, lot_id)
    elif lot.state == "pending" and lot.available_at is not None:
        purse.mature(lot, expires_at(scheme.settings, lot.available_at, scheme.zone))
        await close_purse(w, purse, lot.reference)
