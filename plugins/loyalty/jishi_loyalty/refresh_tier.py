"""A member's tier, after members became one or were parted."""

from jishi.plugins import Writing
from jishi_loyalty.buy_cards import find_card
from jishi_loyalty.purses import lock_member
from jishi_loyalty.recount_tier import recount
from jishi_loyalty.scheme import Scheme


async def refresh_tier(scheme: Scheme, member: str) -> None:
    """Look at what somebody bought and reached, with what came to him or left him.

    Args:
        scheme: The shop's.
        member: Who he is by now.
    """

    async def work(w: Writing) -> None:
        await lock_member(w, member, scheme.now())
        await find_card(w, scheme, member)
        await recount(w, scheme, member, "refund")

    await scheme.desk.atomically(work)
