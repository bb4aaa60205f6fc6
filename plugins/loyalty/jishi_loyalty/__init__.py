"""Points with lots, tiers and stored value for Jishi: one member in the mall and at the till."""

from jishi_loyalty.plugin import Loyalty

__all__ = ["Loyalty"]
