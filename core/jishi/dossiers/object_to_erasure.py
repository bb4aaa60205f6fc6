"""Why a member cannot be forgotten yet."""

from collections.abc import Sequence

from jishi.db import Reads
from jishi.dossiers.structs import Leaving
from jishi.hookspecs.personal import review_erasure
from jishi.membership import member_ids
from jishi.orders import Objection
from jishi.plugins import SHOP
from jishi.shop import Shop

_OPEN_ORDERS = """
SELECT number FROM orders_orders
WHERE (owner = ANY($1) OR member = ANY($1)) AND status IN ('placed', 'paid', 'fulfilling')
ORDER BY id
"""
_OPEN_REFUNDS = """
SELECT r.number FROM payments_refunds AS r JOIN orders_orders AS o ON o.id = r.order_id
WHERE (o.owner = ANY($1) OR o.member = ANY($1))
  AND r.status IN ('owed', 'sent', 'processing') ORDER BY r.id
"""


async def objections_to_erasure(shop: Shop, member_id: str) -> tuple[Objection, ...]:
    """Why a member cannot be forgotten yet: his open orders, and what plugins object.

    Args:
        shop: The shop.
        member_id: The member's id.

    Raises:
        HookFailed: A plugin could not say; nobody is forgotten by mistake.
    """
    leaving = Leaving(member=member_id, ids=await member_ids(shop.database, member_id))
    own = await _of_the_core(shop.database, leaving.ids)
    answers = await shop.hooks.consult(review_erasure, SHOP, leaving=leaving)
    return (*own, *(each for answer in answers for each in answer.value))


async def _of_the_core(reader: Reads, ids: Sequence[str]) -> list[Objection]:
    found = []
    if orders := await reader.fetch_as(str, _OPEN_ORDERS, list(ids)):
        found.append(
            Objection(
                code="open_orders",
                message=f"Orders are under way: {', '.join(orders[:5])}. They have to be "
                "cancelled, or received and completed, first.",
            )
        )
    if refunds := await reader.fetch_as(str, _OPEN_REFUNDS, list(ids)):
        found.append(
            Objection(
                code="open_refunds",
                message=f"Money is on its way back: {', '.join(refunds[:5])}. It has to arrive "
                "first.",
            )
        )
    return found
