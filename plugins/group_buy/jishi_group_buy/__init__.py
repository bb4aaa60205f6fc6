"""Tiered group buying for Jishi: teams, seats, settlement with one refund per member."""

from jishi_group_buy.plugin import GroupBuy
from jishi_group_buy.settings import GroupBuySettings

__all__ = ["GroupBuy", "GroupBuySettings"]
