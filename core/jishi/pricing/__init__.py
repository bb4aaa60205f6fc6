"""What things cost, and why: a pure function of loaded facts, driven lane by lane."""

from jishi.pricing.price import WrongOffer, discount, price
from jishi.pricing.quote import quote
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

__all__ = [
    "LANES",
    "Adjustment",
    "Basket",
    "Item",
    "Lane",
    "Nets",
    "Offer",
    "PricingSettings",
    "Quote",
    "QuoteLine",
    "WrongOffer",
    "discount",
    "price",
    "quote",
]
