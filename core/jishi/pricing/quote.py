"""A quote: what a basket costs in this shop, with the plugins that are switched on."""

from collections.abc import Sequence
from types import MappingProxyType

import msgspec

from jishi.hookspecs.pricing import adjust_price, load_groups, load_pricing
from jishi.plugins import Where
from jishi.pricing.price import WrongOffer, bill_of
from jishi.pricing.settings import PricingSettings
from jishi.pricing.structs import Basket, Bill, Lane, Nets, Offer, Quote
from jishi.shop import Shop


async def quote(shop: Shop, basket: Basket) -> Quote:
    """What a basket costs in this shop; see `make_bill`."""
    return (await make_bill(shop, basket)).quote


async def make_bill(shop: Shop, basket: Basket) -> Bill:
    """Price a basket: load what the plugins need, then compute.

    Args:
        shop: The shop.
        basket: What is to be priced; its ``loaded`` and ``groups`` are filled in here.

    Raises:
        HookFailed: A plugin failed, or offered something that cannot be a price; none is better
            than a wrong one.
    """
    where = Where(channel=basket.channel, store=basket.store)
    if basket.member is not None:
        basket = await _with_groups(shop, basket, basket.member, where)
    answers = await shop.hooks.consult(load_pricing, where, basket)
    if answers:
        loaded = {answer.plugin.split("@", 1)[0]: answer.value for answer in answers}
        basket = msgspec.structs.replace(basket, loaded=MappingProxyType(loaded))

    hooks = shop.hooks

    def ask(basket: Basket, lane: Lane, nets: Nets) -> list[tuple[str, Sequence[Offer]]]:
        given = hooks.ask(adjust_price, where, basket, lane, nets)
        return [(answer.plugin, answer.value) for answer in given] if given else []

    try:
        bill = bill_of(basket, ask, shop.config.section("pricing", PricingSettings))
    except WrongOffer as error:
        who = str(error.extra["plugin"])
        raise shop.hooks.blame(who, adjust_price, error.detail) from error
    for plugin, effects in bill.effects:
        shop.hooks.check_effects(plugin, adjust_price, effects)
    return bill


async def _with_groups(shop: Shop, basket: Basket, member: str, where: Where) -> Basket:
    """The basket with the groups that its member belongs to, each below its plugin's name."""
    answers = await shop.hooks.consult(load_groups, where, member, basket.at)
    if not answers:
        return basket
    groups = frozenset(
        f"{answer.plugin.partition('@')[0]}.{group}"
        for answer in answers
        for group in answer.value
    )
    return msgspec.structs.replace(basket, groups=basket.groups | groups)
