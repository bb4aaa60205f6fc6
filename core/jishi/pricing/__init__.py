"""What things cost, and why: a pure function of loaded facts, driven lane by lane."""

from jishi.pricing.price import WrongOffer, discount, price
from jishi.pricing.quote import make_bill, quote
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

__all__ = [
    "LANES",
    "Adjustment",
    "Basket",
    "Bill",
    "Item",
    "Lane",
    "Nets",
    "Offer",
    "PricingSettings",
    "Quote",
    "QuoteLine",
    "WrongOffer",
    "discount",
    "make_bill",
    "price",
    "quote",
]
