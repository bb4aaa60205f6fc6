"""At login a guest's carts become part of the member's cart: nothing lost, nothing doubled."""

from datetime import datetime

from jishi.checkout import sql
from jishi.checkout.structs import CartLine
from jishi.checkout.tables import CartTable
from jishi.db import Transaction
from jishi.identifiers import new_id


async def merge_carts(
    tx: Transaction, guest: str, member: str, channel: str, now: datetime
) -> str | None:
    """Move the lines of a guest's open carts into the member's, channel by channel.

    Runs inside the login's transaction. A second login at the same moment waits for the guest's
    carts and then finds them merged. Wishes for plugins come along unless the member's cart has
    some. Where both carts have a SKU, the larger quantity stays:
    adding them up would double what somebody put in twice by logging out and in.

    Returns:
        The member's cart in ``channel``, or None when he has none there.
    """
    # Both owners' carts are locked in one order, so that two logins cannot block each other.
    found = {owner: await tx.fetch(sql.LOCK_OPEN_OF, owner) for owner in sorted((guest, member))}
    targets = {str(place): str(cart) for cart, place in found[member]}
    for cart, place in found[guest]:
        await tx.execute(sql.MARK_MERGED, cart, now)
        lines = await tx.fetch_as(CartLine, sql.LINES, cart)
        if not lines:
            continue
        if str(place) not in targets:
            targets[str(place)] = await _new_cart(tx, member, str(place), now)
        target = targets[str(place)]
        for line in lines:
            await tx.fetch(sql.MERGE_LINE, new_id(), target, line.sku, line.quantity)
        await tx.execute(sql.MERGE_EXTRAS, target, cart)
        await tx.fetch(sql.TOUCH, target, member, now)
    return targets.get(channel)


async def _new_cart(tx: Transaction, owner: str, channel: str, now: datetime) -> str:
    cart_id = new_id()
    await tx.insert(
        CartTable,
        (
            "id",
            "owner",
            "channel",
            "created_at",
            "updated_at",
            "status",
            "version",
            "delivery",
            "codes",
            "contact",
            "note",
            "extras",
        ),
        [(cart_id, owner, channel, now, now, "open", 0, "", "[]", "", "", "{}")],
    )
    return cart_id
