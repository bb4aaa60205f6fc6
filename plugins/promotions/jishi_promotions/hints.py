"""What lies just ahead: a price hook adds no lines, but a storefront can say what is missing."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from jishi.pricing import Basket
from jishi_promotions.benefits import Scene, gifts_earned
from jishi_promotions.index import Found, suits
from jishi_promotions.structs import FreeDelivery, Gift, Measure, Percent, Reduction
from jishi_promotions.words import Language, reason_of


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """What is missing until a rule gives (more).

    Attributes:
        campaign: Whose rule.
        reason: What it gives.
        missing: How much more of its goods: fen or pieces; 0 when only the gift is missing.
        measure: Whether ``missing`` counts fen or pieces.
        gifts: SKUs that would be free if they lay in the basket.
        pieces: How many of them.
    """

    campaign: str
    reason: str
    missing: int
    measure: Measure
    gifts: tuple[str, ...] = ()
    pieces: int = 0


def hints(found: Iterable[Found], basket: Basket, language: Language) -> list[Hint]:
    """The next step of each rule that this basket does not reach yet, the nearest first.

    Thresholds are compared with list prices, before other discounts.
    """
    items = basket.items
    scene = Scene(
        items,
        [item.unit_price * item.quantity for item in items],
        [item.quantity for item in items],
    )
    ahead = [
        hint
        for each in found
        if suits(each.live.rule, basket) and (hint := _hint(each, scene, language)) is not None
    ]
    return sorted(ahead, key=lambda hint: (hint.measure, hint.missing, hint.campaign))


def _hint(found: Found, scene: Scene, language: Language) -> Hint | None:
    live, benefit = found.live, found.live.rule.benefit
    reason = reason_of(live.rule, language)
    match benefit:
        case Gift():
            return _gift_hint(found, benefit, scene, reason)
        case Reduction() | Percent():
            reaches = [step.reach for step in benefit.steps]
        case FreeDelivery():
            reaches = [benefit.reach]
        case _:
            return None
    measure: Literal["amount", "pieces"] = benefit.measure
    now = scene.measured(found.lines, measure)
    ahead = [reach - now for reach in reaches if reach > now]
    if not ahead:
        return None
    return Hint(campaign=live.campaign, reason=reason, missing=min(ahead), measure=measure)


def _gift_hint(found: Found, benefit: Gift, scene: Scene, reason: str) -> Hint | None:
    times, gifts = gifts_earned(benefit, scene, found.lines)
    wanted = max(times, 1) * benefit.pieces
    there = sum(scene.quantities[line] for line in gifts)
    paid = [line for line in found.lines if line not in gifts]
    missing = 0 if times else benefit.reach - scene.measured(paid, benefit.measure)
    if not missing and there >= wanted:
        return None
    return Hint(
        campaign=found.live.campaign,
        reason=reason,
        missing=missing,
        measure=benefit.measure,
        gifts=benefit.gifts,
        pieces=max(0, wanted - there),
    )
