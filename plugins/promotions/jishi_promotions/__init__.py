"""Promotions and coupons for Jishi: full reductions, ladders, gifts, limits that hold."""

from jishi_promotions.plugin import Promotions
from jishi_promotions.settings import PromotionsSettings

__all__ = ["Promotions", "PromotionsSettings"]
