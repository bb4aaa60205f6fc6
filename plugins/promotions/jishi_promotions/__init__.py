"""Promotions and coupons for Jishi: full reductions, ladders, gifts, limits that hold."""

from jishi_promotions.plugin import Promotions

__all__ = ["Promotions"]
