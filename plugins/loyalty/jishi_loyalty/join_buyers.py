"""Whose points an order earns: the member's who bought, or of one who joins by buying."""

from jishi.membership import BadContact, Said, identity_of, join_by
from jishi.orders import Order
from jishi_loyalty.purses import survivor
from jishi_loyalty.scheme import Scheme

_KEPT = "SELECT member_id FROM loyalty_orders WHERE id = $1"


async def buyer_of(scheme: Scheme, order: Order) -> str | None:
    """The member whose points a paid order earns.

    A guest who left a telephone number joins by his first paid order, where the settings say so.
    The points wait for him: whoever logs in with that number has them.

    Args:
        scheme: The shop's.
        order: It is paid.

    Returns:
        The member's id as it is by now; None for a guest whom nobody knows.
    """
    rows = await scheme.desk.fetch(_KEPT, order.id)
    member = str(rows[0][0]) if rows else order.member
    if member is None:
        member = await _joined(scheme, order)
    return await survivor(scheme.desk, member) if member else None


async def _joined(scheme: Scheme, order: Order) -> str | None:
    phone = order.contact or (order.address.phone if order.address else "")
    if scheme.settings.auto_membership == "no" or not phone:
        return None
    if order.refunded and order.refunded >= order.paid:
        return None  # whoever gave everything back was no customer
    try:
        identity = identity_of(phone, None)
    except BadContact:
        return None
    said = Said(name=order.address.name if order.address else "", claimed=(identity,))
    found = await join_by(scheme.shop, identity, said, f"order:{order.channel}")
    return found.member.id
