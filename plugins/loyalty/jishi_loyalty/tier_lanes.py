"""What a tier takes off the price: pure."""

from collections.abc import Mapping, Sequence

from jishi.money import share_of
from jishi.pricing import Basket, Nets, Offer, discount
from jishi_loyalty.settings import Tier


def offers_of_tier(
    tier: Tier, basket: Basket, nets: Sequence[int], prices: Mapping[str, int]
) -> list[Offer]:
    """A tier's offers in the lane ``member``: its price list and its percentage compete.

    Args:
        tier: The member's.
        basket: What is priced.
        nets: What each line costs by now, in fen.
        prices: The tier's price list: fen for a piece, by SKU.
    """
    offers = []
    off = share_of(sum(nets), tier.percent_off * 100)
    if off:
        reason = f"{tier.title} 会员价 -{tier.percent_off}%"
        offers.append(Offer(rule=f"tier-{tier.code}", reason=reason, amounts=discount(off, nets)))
    amounts = tuple(
        min(0, prices[item.sku] * item.quantity - net) if item.sku in prices and net else 0
        for item, net in zip(basket.items, nets, strict=True)
    )
    if any(amounts):
        reason = f"{tier.title} 会员价"
        offers.append(Offer(rule=f"prices-{tier.code}", reason=reason, amounts=amounts))
    return offers


def offer_of_delivery(tier: Tier, nets: Nets) -> Offer | None:
    """Free delivery, where the tier has it and there are goods enough."""
    reach = tier.free_delivery_from
    if reach is None or not nets.delivery or sum(nets.lines) < reach:
        return None
    reason = f"{tier.title} 会员免运费"
    return Offer(rule=f"delivery-{tier.code}", reason=reason, delivery=-nets.delivery)
