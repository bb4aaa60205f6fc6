"""What a cancelled order had taken of a session goes back: card pieces, shares, coupons."""

from jishi.effects import Credit, DeskEffect
from jishi.events import Happened
from jishi.plugins import Desk, Writing
from jishi.shop import Shop
from jishi_live_stream import sql


class Follower:
    """Hears of orders that were cancelled after they had been paid.

    What an unpaid order holds, the core gives back by itself; what a paid one took for good is
    credited here, once. Goods that come back from a completed purchase stay sold: the session's
    price was for that one piece.

    Args:
        desk: The plugin's.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def hear(self, shop: Shop, happened: Happened) -> None:
        """Listener: an order was cancelled."""
        order = happened.subject

        async def work(w: Writing) -> None:
            rows = await w.fetch(sql.TAKEN, order)
            effects: list[DeskEffect] = [
                Credit(
                    account=str(account),
                    amount=int(str(amount)),
                    key=f"back:{key}",
                    reason=f"order {order} was cancelled",
                )
                for key, account, amount in rows
            ]
            if effects:
                await w.apply(effects, owner=order)

        await self._desk.atomically(work)
