"""The price: a pure function of a basket and what the plugins offer, lane by lane."""

from collections.abc import Callable, Sequence
from operator import add
from typing import Literal

import msgspec

from jishi.effects import Effect
from jishi.money import allocate
from jishi.pricing.contest import best, bid, joined, stacked
from jishi.pricing.settings import PricingSettings
from jishi.pricing.structs import (
    LANES,
    Adjustment,
    Basket,
    Bill,
    Item,
    Lane,
    Nets,
    Offer,
    Quote,
    QuoteLine,
)
from jishi.problems import OutOfService

Ask = Callable[[Basket, Lane, Nets], Sequence[tuple[str, Sequence[Offer]]]]
"""Asks everybody for their offers in a lane: the owner's ``name@version`` and the offers."""


class WrongOffer(OutOfService):
    """A plugin offered something that cannot be a price; the quote is refused, not guessed."""

    code = "wrong_offer"
    title = "The price cannot be computed"


def price(basket: Basket, ask: Ask, settings: PricingSettings) -> Quote:
    """What a basket costs; see `bill_of`."""
    return bill_of(basket, ask, settings).quote


def bill_of(basket: Basket, ask: Ask, settings: PricingSettings) -> Bill:
    """Price a basket, and say what the offers that won use up.

    The order of the lines and of the plugins never changes a price: lines are shown to plugins
    sorted by SKU, and offers are weighed by worth and name.

    Args:
        basket: What is to be priced.
        ask: Brings the offers of a lane.
        settings: Where offers compete and where they stack.

    Raises:
        WrongOffer: An offer does not fit the basket or is no whole number.
    """
    items = basket.items
    order = sorted(range(len(items)), key=lambda i: (items[i].sku, items[i].key))
    if order != list(range(len(items))):
        basket = msgspec.structs.replace(basket, items=tuple(items[i] for i in order))
    run = _Run(basket)
    for lane in LANES:
        if lane == "delivery":
            run.add_delivery(basket.delivery_fee)
        run.drive(lane, ask, settings.lanes.get(lane, "best"))
    return Bill(quote=run.quote(order), effects=run.effects())


class _Run:
    """One basket on its way through the lanes."""

    def __init__(self, basket: Basket) -> None:
        self.basket = basket
        self.subtotals = [item.unit_price * item.quantity for item in basket.items]
        self.nets = Nets(lines=tuple(self.subtotals))
        self.taxes = [0] * len(self.subtotals)
        self.delivery_tax = 0
        self.adjustments: list[Adjustment] = []
        self.used: dict[str, tuple[Effect, ...]] = {}

    def add_delivery(self, fee: int) -> None:
        """Put the delivery on the bill, in fen."""
        self.nets = Nets(lines=self.nets.lines, delivery=self.nets.delivery + fee)

    def drive(self, lane: Lane, ask: Ask, policy: Literal["best", "stack"]) -> None:
        """Ask for a lane's offers, let them compete, apply the winners."""
        answers = ask(self.basket, lane, self.nets)
        if not answers:
            return
        size = len(self.subtotals)
        bids = [
            bid(plugin, _checked(plugin, offer, lane, size), size)
            for plugin, offers in answers
            for offer in offers
        ]
        bids = joined(bids)
        for winner in best(bids) if policy == "best" else stacked(bids):
            for offer in winner.offers if winner.also else (winner.offer,):
                self._apply(winner.plugin, offer, lane)

    def _apply(self, plugin: str, offer: Offer, lane: Lane) -> None:
        """Write the winner down; nothing ever costs less than nothing."""
        nets = self.nets
        amounts, delivery = offer.amounts, offer.delivery
        if offer.included == "yes":
            self.taxes = list(map(add, self.taxes, amounts)) if amounts else self.taxes
            self.delivery_tax += delivery
        else:
            if any(net + n < 0 for net, n in zip(nets.lines, amounts, strict=False)):
                amounts = tuple(max(-net, n) for net, n in zip(nets.lines, amounts, strict=True))
            delivery = max(-nets.delivery, delivery)
            lines = tuple(map(add, nets.lines, amounts)) if amounts else nets.lines
            self.nets = Nets(lines=lines, delivery=nets.delivery + delivery)
        if any(amounts) or delivery:
            if offer.effects:
                self.used[plugin] = self.used.get(plugin, ()) + offer.effects
            self.adjustments.append(
                Adjustment(
                    lane=lane,
                    plugin=plugin,
                    rule=offer.rule,
                    reason=offer.reason,
                    amounts=amounts or (0,) * len(nets.lines),
                    delivery=delivery,
                    included=offer.included,
                )
            )

    def effects(self) -> tuple[tuple[str, tuple[Effect, ...]], ...]:
        """What the winners use up, by plugin."""
        return tuple(self.used.items())

    def quote(self, order: list[int]) -> Quote:
        """The result, with the lines back in the order in which they came.

        Args:
            order: For each line, which one it was in the basket that came.
        """
        lines = [self._line(index, item) for index, item in enumerate(self.basket.items)]
        adjustments = self.adjustments
        if order != sorted(order):
            places = sorted(range(len(order)), key=order.__getitem__)
            lines = [lines[place] for place in places]
            adjustments = [_reordered(each, places) for each in adjustments]
        return Quote(
            currency=self.basket.currency,
            lines=tuple(lines),
            subtotal=sum(self.subtotals),
            delivery=self.nets.delivery,
            total=sum(self.nets.lines) + self.nets.delivery,
            tax_included=sum(self.taxes) + self.delivery_tax,
            adjustments=tuple(adjustments),
        )

    def _line(self, index: int, item: Item) -> QuoteLine:
        return QuoteLine(
            key=item.key,
            sku=item.sku,
            product=item.product,
            title=item.title,
            quantity=item.quantity,
            unit_price=item.unit_price,
            subtotal=self.subtotals[index],
            total=self.nets.lines[index],
            tax_included=self.taxes[index],
        )


def _checked(plugin: str, offer: object, lane: Lane, lines: int) -> Offer:
    """The offer, if it can be one: whole numbers, one per line or none."""
    # Looked at by type and not by value: True is no amount, and no subclass of int either.
    if not isinstance(offer, Offer) or not _WHOLE.issuperset(
        map(type, (*offer.amounts, offer.delivery))
    ):
        raise WrongOffer(
            f"{plugin} offered {offer!r:.200} in the lane {lane}; "
            "expected an Offer whose amounts are whole numbers of the smallest unit.",
            plugin=plugin,
        )
    if len(offer.amounts) not in (0, lines):
        raise WrongOffer(
            f"{plugin}: the rule {offer.rule!r} offered {len(offer.amounts)} amounts in the "
            f"lane {lane}; expected one for each of the {lines} lines, or none.",
            plugin=plugin,
        )
    return offer


_WHOLE = frozenset({int})


def _reordered(adjustment: Adjustment, places: list[int]) -> Adjustment:
    amounts = tuple(adjustment.amounts[place] for place in places)
    return msgspec.structs.replace(adjustment, amounts=amounts)


def discount(amount: int, nets: Sequence[int]) -> tuple[int, ...]:
    """Share a discount of ``amount`` fen out over lines by what they cost, never more than that.

    For plugins whose rule is about the whole basket ("10 yuan off 100").
    """
    return tuple(-share for share in allocate(min(amount, sum(nets)), list(nets)))
