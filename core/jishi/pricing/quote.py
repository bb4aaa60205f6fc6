"""A quote: what a basket costs in this shop, with the plugins that are switched on."""

from collections.abc import Sequence
from types import MappingProxyType

import msgspec

from jishi.hookspecs.pricing import adjust_price, load_pricing
from jishi.plugins import Where
from jishi.pricing.price import WrongOffer, price
from jishi.pricing.settings import PricingSettings
from jishi.pricing.structs import Basket, Lane, Nets, Offer, Quote
from jishi.shop import Shop


async def quote(shop: Shop, basket: Basket) -> Quote:
    """Price a basket: load what the plugins need, then compute.

    Args:
        shop: The shop.
        basket: What is to be priced; its ``loaded`` is filled in here.

    Raises:
        HookFailed: A plugin failed, or offered something that cannot be a price; none is better
            than a wrong one.
    """
    where = Where(channel=basket.channel, store=basket.store)
    answers = await shop.hooks.consult(load_pricing, where, basket)
    if answers:
        loaded = {answer.plugin.split("@", 1)[0]: answer.value for answer in answers}
        basket = msgspec.structs.replace(basket, loaded=MappingProxyType(loaded))

    hooks = shop.hooks

    def ask(basket: Basket, lane: Lane, nets: Nets) -> list[tuple[str, Sequence[Offer]]]:
        given = hooks.ask(adjust_price, where, basket, lane, nets)
        return [(answer.plugin, answer.value) for answer in given] if given else []

    try:
        return price(basket, ask, shop.config.section("pricing", PricingSettings))
    except WrongOffer as error:
        who = str(error.extra["plugin"])
        raise shop.hooks.blame(who, adjust_price, error.detail) from error
