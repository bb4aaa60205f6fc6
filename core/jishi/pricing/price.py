"""The price: a pure function of a basket and what the plugins offer, lane by lane."""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from jishi.money import allocate
from jishi.pricing.contest import Bid, best, bid, stacked
from jishi.pricing.settings import PricingSettings
from jishi.pricing.structs import (
    LANES,
    Adjustment,
    Basket,
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
    """Price a basket.

    The order of the lines and of the plugins never changes a price: lines are shown to plugins
    sorted by SKU, and offers are weighed by worth and name.

    Args:
        basket: What is to be priced.
        ask: Brings the offers of a lane.
        settings: Where offers compete and where they stack.

    Raises:
        WrongOffer: An offer does not fit the basket or is no whole number.
    """
    order = sorted(
        range(len(basket.items)), key=lambda i: (basket.items[i].sku, basket.items[i].key)
    )
    canonical = msgspec.structs.replace(basket, items=tuple(basket.items[i] for i in order))
    run = _Run(canonical)
    for lane in LANES:
        if lane == "delivery":
            run.delivery += basket.delivery_fee
        run.drive(lane, ask, settings.lanes.get(lane, "best"))
    return run.quote(place_of=dict(enumerate(order)))


class _Run:
    """One basket on its way through the lanes."""

    def __init__(self, basket: Basket) -> None:
        self.basket = basket
        self.subtotals = [item.unit_price * item.quantity for item in basket.items]
        self.nets = list(self.subtotals)
        self.taxes = [0] * len(self.nets)
        self.delivery = 0
        self.delivery_tax = 0
        self.adjustments: list[Adjustment] = []

    def drive(self, lane: Lane, ask: Ask, policy: Literal["best", "stack"]) -> None:
        """Ask for a lane's offers, let them compete, apply the winners."""
        seen = Nets(lines=tuple(self.nets), delivery=self.delivery)
        bids = [
            bid(plugin, self._checked(plugin, offer, lane), len(self.nets))
            for plugin, offers in ask(self.basket, lane, seen)
            for offer in offers
        ]
        for winner in best(bids) if policy == "best" else stacked(bids):
            self._apply(winner, lane)

    def _checked(self, plugin: str, offer: object, lane: Lane) -> Offer:
        """The offer, if it can be one: whole numbers, one per line or none."""
        if not isinstance(offer, Offer) or any(
            type(amount) is not int for amount in (*offer.amounts, offer.delivery)
        ):
            raise WrongOffer(
                f"{plugin} offered {offer!r:.200} in the lane {lane}; "
                "expected an Offer whose amounts are whole numbers of the smallest unit.",
                plugin=plugin,
            )
        if len(offer.amounts) not in (0, len(self.nets)):
            raise WrongOffer(
                f"{plugin}: the rule {offer.rule!r} offered {len(offer.amounts)} amounts in the "
                f"lane {lane}; expected one for each of the {len(self.nets)} lines, or none.",
                plugin=plugin,
            )
        return offer

    def _apply(self, winner: Bid, lane: Lane) -> None:
        """Write the winner down; nothing ever costs less than nothing."""
        offer = winner.offer
        wanted = offer.amounts or (0,) * len(self.nets)
        if offer.included == "yes":
            self.taxes = [tax + amount for tax, amount in zip(self.taxes, wanted, strict=True)]
            self.delivery_tax += offer.delivery
            amounts, delivery = wanted, offer.delivery
        else:
            amounts = tuple(max(-net, n) for net, n in zip(self.nets, wanted, strict=True))
            delivery = max(-self.delivery, offer.delivery)
            self.nets = [net + amount for net, amount in zip(self.nets, amounts, strict=True)]
            self.delivery += delivery
        if any(amounts) or delivery:
            self.adjustments.append(
                Adjustment(
                    lane=lane,
                    plugin=winner.plugin,
                    rule=offer.rule,
                    reason=offer.reason,
                    amounts=amounts,
                    delivery=delivery,
                    included=offer.included,
                )
            )

    def quote(self, place_of: dict[int, int]) -> Quote:
        """The result, with the lines back in the order in which they came."""
        lines: list[QuoteLine | None] = [None] * len(self.nets)
        for index, item in enumerate(self.basket.items):
            lines[place_of[index]] = self._line(index, item)
        ordered = tuple(line for line in lines if line is not None)
        return Quote(
            currency=self.basket.currency,
            lines=ordered,
            subtotal=sum(self.subtotals),
            delivery=self.delivery,
            total=sum(self.nets) + self.delivery,
            tax_included=sum(self.taxes) + self.delivery_tax,
            adjustments=tuple(_reordered(each, place_of) for each in self.adjustments),
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
            total=self.nets[index],
            tax_included=self.taxes[index],
        )


def _reordered(adjustment: Adjustment, place_of: dict[int, int]) -> Adjustment:
    amounts = [0] * len(adjustment.amounts)
    for index, amount in enumerate(adjustment.amounts):
        amounts[place_of[index]] = amount
    return msgspec.structs.replace(adjustment, amounts=tuple(amounts))


def discount(amount: int, nets: Sequence[int]) -> tuple[int, ...]:
    """Share a discount of ``amount`` fen out over lines by what they cost, never more than that.

    For plugins whose rule is about the whole basket ("10 yuan off 100").
    """
    return tuple(-share for share in allocate(min(amount, sum(nets)), list(nets)))
