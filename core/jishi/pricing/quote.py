"""A quote: what a basket costs in this shop, with the plugins that are switched on."""

from collections.abc import Sequence

import msgspec

from jishi.hookspecs.pricing import adjust_price, load_pricing
from jishi.plugins import Where
from jishi.pricing.price import price
from jishi.pricing.settings import PricingSettings
from jishi.pricing.structs import Basket, Lane, Nets, Offer, Quote
from jishi.shop import Shop


async def quote(shop: Shop, basket: Basket) -> Quote:
    """Price a basket: load what the plugins need, then compute.

    Args:
        shop: The shop.
        basket: What is to be priced; its ``loaded`` is filled in here.

    Raises:
        HookFailed: A plugin failed; no price is better than a wrong one.
        WrongOffer: A plugin offered something that cannot be a price.
    """
    where = Where(channel=basket.channel, store=basket.store)
    answers = await shop.hooks.consult(load_pricing, where, basket=basket)
    if answers:
        loaded = {answer.plugin.split("@", 1)[0]: answer.value for answer in answers}
        basket = msgspec.structs.replace(basket, loaded=loaded)

    def ask(basket: Basket, lane: Lane, nets: Nets) -> list[tuple[str, Sequence[Offer]]]:
        given = shop.hooks.ask(adjust_price, where, basket=basket, lane=lane, nets=nets)
        return [(answer.plugin, answer.value) for answer in given]

    return price(basket, ask, shop.config.section("pricing", PricingSettings))
