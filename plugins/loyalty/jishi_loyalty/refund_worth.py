"""What staff may want to know before a refund: points of it that are spent already."""

import msgspec

from jishi.problems import NotFound
from jishi_loyalty import sql
from jishi_loyalty.purse import Purse
from jishi_loyalty.purses import lot_of, survivor
from jishi_loyalty.scheme import Scheme


class RefundWorth(msgspec.Struct, frozen=True, kw_only=True):
    """What a refund of everything that is left would leave owing.

    Attributes:
        earned: Points that the order earned and that were not taken back yet.
        missing: How many of them the member does not have any more.
        fen: What those are worth.
    """

    earned: int
    missing: int
    fen: int


async def refund_worth(scheme: Scheme, order_id: str) -> RefundWorth:
    """Reckon the points of a whole refund; nothing is written.

    Raises:
        NotFound: The order earned nothing.
    """
    rows = await scheme.desk.fetch(sql.ORDER, order_id)
    if not rows:
        raise NotFound("This order has no points.")
    _, member, root, _, earned, taken, spent, given, *_ = rows[0]
    member = await survivor(scheme.desk, str(member))
    lots = [lot_of(row) for row in await scheme.desk.fetch(sql.LIVE_LOTS, [member])]
    purse = Purse(member, lots, (), scheme.rules(), "")
    lot = purse.current(str(root))
    left = int(str(earned)) - int(str(taken))
    has = purse.spendable() + (lot.pending if lot else 0) + int(str(spent)) - int(str(given))
    missing = max(0, left - has)
    return RefundWorth(
        earned=left, missing=missing, fen=missing * 100 // scheme.settings.points_for_yuan
    )
