"""What a price has to know of a shopper: his tier, its price list, what he could spend."""

from collections.abc import Mapping

import msgspec

from jishi.plugins import Desk
from jishi.pricing import Basket
from jishi_loyalty import sql
from jishi_loyalty.burning import POINTS, REWARDS, Purseful
from jishi_loyalty.purse import Purse, Rules
from jishi_loyalty.purses import lot_of, survivor
from jishi_loyalty.read_points import read_member, standing
from jishi_loyalty.settings import LoyaltySettings, Tier


class Shopper(msgspec.Struct, frozen=True, kw_only=True):
    """A member who buys.

    Attributes:
        tier: His tier, None for none.
        prices: Its price list for the goods in the basket: fen for a piece, by SKU.
        purse: What he could spend; None when he does not want to.
    """

    tier: Tier | None
    prices: Mapping[str, int] = {}
    purse: Purseful | None = None


async def load_shopper(desk: Desk, settings: LoyaltySettings, basket: Basket) -> Shopper | None:
    """Read what there is to know about the basket's member; None for a guest."""
    if basket.member is None:
        return None
    member = await survivor(desk, basket.member)
    code, _ = standing(settings, await read_member(desk, member), basket.at)
    tier = settings.tier(code)
    purse = None
    if POINTS in basket.extras or REWARDS in basket.extras:
        purse = await _purse(desk, settings, basket, member)
    return Shopper(tier=tier, prices=await _prices(desk, tier, basket), purse=purse)


async def _prices(desk: Desk, tier: Tier | None, basket: Basket) -> Mapping[str, int]:
    if tier is None or not tier.price_list:
        return {}
    skus = sorted({item.sku for item in basket.items})
    rows = await desk.fetch(sql.PRICES, skus, tier.price_list)
    return {str(sku): int(str(amount)) for sku, amount in rows}


async def _purse(desk: Desk, settings: LoyaltySettings, basket: Basket, member: str) -> Purseful:
    lots = [lot_of(row) for row in await desk.fetch(sql.LIVE_LOTS, [member])]
    rules = Rules(shortfall=settings.shortfall, now=basket.at)
    purse = Purse(member, lots, (), rules, "")
    return Purseful(
        member=member,
        lots=tuple((lot.account, lot.free) for lot in purse.usable()),
        spendable=purse.spendable(),
    )
