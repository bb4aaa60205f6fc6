"""What every plugin that changes prices promises."""

import random
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

import msgspec

from jishi.hookspecs.pricing import adjust_price, load_pricing
from jishi.plugins import Where
from jishi.pricing import (
    Basket,
    Item,
    Lane,
    Nets,
    Offer,
    PricingSettings,
    Quote,
    price,
    quote,
)
from jishi.shop import Shop
from jishi.testing.contracts.plugin import PluginContract


class Seen(NamedTuple):
    """An offer and what its plugin saw when it made it."""

    basket: Basket
    lane: Lane
    nets: Nets
    offer: Offer


class PricingContract(PluginContract):
    """Whole, explained prices that depend on the goods and on nothing else.

    Attributes:
        baskets: How many baskets are tried; the same ones in every run.
    """

    baskets: ClassVar[int] = 25

    async def test_every_basket_gets_a_whole_price(self, shop: Shop) -> None:
        """Whatever is bought, there is a price of whole fen that is never below zero."""
        for basket in self._baskets(shop):
            priced = await quote(shop, basket)
            assert type(priced.total) is int
            assert priced.total >= 0
            assert sum(line.total for line in priced.lines) + priced.delivery == priced.total

    async def test_nothing_costs_less_than_nothing(self, shop: Shop) -> None:
        """No offer takes more off a line, or off the delivery, than it costs."""
        for basket, lane, nets, offer in await self._offers(shop):
            amounts = offer.amounts or (0,) * len(nets.lines)
            for item, net, amount in zip(basket.items, nets.lines, amounts, strict=True):
                assert net + amount >= 0, (
                    f"the rule {offer.rule!r} takes {-amount} fen off {item.sku} in the lane "
                    f"{lane}, which costs {net}: a negative price"
                )
            assert nets.delivery + offer.delivery >= 0, (
                f"the rule {offer.rule!r} takes {-offer.delivery} fen off a delivery of "
                f"{nets.delivery}"
            )

    async def test_every_offer_is_explained(self, shop: Shop) -> None:
        """An offer names its rule, and tells the shopper why in a sentence."""
        for _, lane, _, offer in await self._offers(shop):
            assert offer.rule, f"an offer in the lane {lane} names no rule: {offer}"
            assert offer.reason.strip(), f"the rule {offer.rule!r} gives the shopper no reason"

    async def test_the_adjustments_sum_to_the_price(self, shop: Shop) -> None:
        """List price and all adjustments together are the total, fen by fen."""
        for basket in self._baskets(shop):
            priced = await quote(shop, basket)
            changes = sum(
                sum(each.amounts) + each.delivery
                for each in priced.adjustments
                if each.included == "no"
            )
            whole = priced.subtotal + basket.delivery_fee + changes
            assert whole == priced.total, f"{whole} fen by the adjustments, {priced.total} asked"

    async def test_the_order_of_the_lines_changes_nothing(self, shop: Shop) -> None:
        """The same goods in another order cost the same, line by line."""
        for basket in self._baskets(shop):
            turned = msgspec.structs.replace(basket, items=basket.items[::-1])
            first, second = await quote(shop, basket), await quote(shop, turned)
            assert _by_line(first) == _by_line(second)

    async def test_splitting_a_line_changes_nothing(self, shop: Shop) -> None:
        """The same pieces on two lines cost what they cost on one, give or take a fen of each."""
        for basket in self._baskets(shop):
            whole, split = await quote(shop, basket), await quote(shop, _split(basket))
            apart = abs(whole.total - split.total)
            assert apart <= len(basket.items), (
                f"{whole.total} fen on {len(basket.items)} lines, {split.total} on more: amounts "
                "do not sum. Round once, over the whole basket (jishi.pricing.discount)."
            )

    async def test_the_same_question_has_the_same_answer(self, shop: Shop) -> None:
        """A price comes from what was loaded and from the basket: no clock, no dice."""
        for basket in self._baskets(shop):
            assert await quote(shop, basket) == await quote(shop, basket)

    def _baskets(self, shop: Shop) -> Iterator[Basket]:
        dice = random.Random(2026)  # noqa: S311 - the same baskets in every run
        for number in range(self.baskets):
            items = [_item(dice, at) for at in range(dice.choice((1, 1, 2, 3, 5, 20)))]
            yield Basket(
                items=tuple(items),
                at=shop.clock.now(),
                currency=shop.config.shop.currency,
                member="member-1" if number % 3 == 0 else None,
                delivery_fee=dice.choice((0, 800, 1200)),
            )

    async def _offers(self, shop: Shop) -> list[Seen]:
        """Every offer that the plugin made for any basket, with what it saw."""
        label = self.plugin.declaration.label
        return [
            seen for basket in self._baskets(shop) for seen in await _asked(shop, basket, label)
        ]


async def _asked(shop: Shop, basket: Basket, label: str) -> list[Seen]:
    """What one plugin offers for a basket, lane by lane, with all others in their places."""
    where = Where(channel=basket.channel, store=basket.store)
    loaded = await shop.hooks.consult(load_pricing, where, basket=basket)
    known = {answer.plugin.partition("@")[0]: answer.value for answer in loaded}
    seen: list[Seen] = []

    def ask(basket: Basket, lane: Lane, nets: Nets) -> list[tuple[str, Sequence[Offer]]]:
        answers = shop.hooks.ask(adjust_price, where, basket=basket, lane=lane, nets=nets)
        seen.extend(
            Seen(basket, lane, nets, offer)
            for answer in answers
            if answer.plugin == label
            for offer in answer.value
            if offer.included == "no"
        )
        return [(answer.plugin, answer.value) for answer in answers]

    settings = shop.config.section("pricing", PricingSettings)
    price(msgspec.structs.replace(basket, loaded=known), ask, settings)
    return seen


def _item(dice: random.Random, at: int) -> Item:
    price = dice.choice((1, 99, 100, 1990, 9_999, 12_345, 100_000))
    sku = f"SKU-{at}"
    return Item(
        key=f"line-{at}",
        sku=sku,
        product=f"product-{at // 2}",
        title=f"商品 {at}",
        quantity=dice.choice((1, 2, 3, 7, 99)),
        unit_price=price,
        weight_g=500,
        tax_rate=1300,
    )


def _split(basket: Basket) -> Basket:
    """The same pieces, with every line of more than one piece on two lines."""
    items: list[Item] = []
    for item in basket.items:
        first = item.quantity // 2
        if first:
            items.append(msgspec.structs.replace(item, key=f"{item.key}-a", quantity=first))
        rest = item.quantity - first
        items.append(msgspec.structs.replace(item, key=f"{item.key}-b", quantity=rest))
    return msgspec.structs.replace(basket, items=tuple(items))


def _by_line(priced: Quote) -> dict[str, int]:
    return {line.key: line.total for line in priced.lines} | {"delivery": priced.delivery}
